"""The tables [home6] and [correspondent]: what they mean, and how their mistakes are told."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network
from pathlib import Path

import pytest

import agents.configuration
from agents.configuration import parse, settings_of
from agents.home6.settings import Home6Settings, HomePrefix
from client.core.errors import ProfileError
from mipv6.correspondent_settings import CorrespondentSettings

HOME6 = '[home6]\naddress = "2001:db8:1::1"\nprefixes = ["2001:db8:1::/64"]\n'
DEFAULTS = Home6Settings(
    address=IPv6Address("2001:db8:1::1"), prefixes=(HomePrefix(prefix=IPv6Network("2001:db8:1::/64")),)
)


def home6(text: str) -> Home6Settings:
    settings = settings_of(parse(text)).home6
    assert settings is not None
    return settings


def test_an_agent_may_be_for_ipv6_alone() -> None:
    settings = settings_of(parse(HOME6))
    assert settings.home_agents == ()
    assert settings.home6 == DEFAULTS


def test_the_example_shows_the_defaults() -> None:
    example = Path(agents.configuration.__file__).with_name("mobilityagentd.toml").read_text()
    settings = settings_of(parse(example))
    assert settings.home6 == replace(DEFAULTS, interface="eth0")
    assert settings.correspondent == CorrespondentSettings()


def test_every_field_has_its_meaning() -> None:
    settings = home6(
        '[home6]\naddress = "2001:db8:1::1"\ninterface = "br0"\n'
        'prefixes = [{prefix = "2001:db8:1::/64", valid = 60, preferred = 0, autonomous = false, counts_down = true}]\n'
        "max_lifetime = 100\nrefresh = 50\ntolerance = 4\nmax_bindings = 3\npreference = 9\nhome_agent_lifetime = 8\n"
        "advertise = false\ninterval = 0.07\nrouter_lifetime = 30\ndiscovery = false\naccept_unprotected = true\n"
        "min_prefix_interval = 3\nmax_prefix_interval = 5\nshortcut = true\n"
    )
    prefix = HomePrefix(
        prefix=IPv6Network("2001:db8:1::/64"), valid=60, preferred=0, autonomous=False, counts_down=True
    )
    assert settings == Home6Settings(
        address=IPv6Address("2001:db8:1::1"),
        prefixes=(prefix,),
        interface="br0",
        max_lifetime=100,
        refresh=50,
        tolerance=4,
        max_bindings=3,
        preference=9,
        home_agent_lifetime=8,
        advertise=False,
        interval=0.07,
        router_lifetime=30,
        discovery=False,
        accept_unprotected=True,
        min_prefix_interval=3,
        max_prefix_interval=5,
        shortcut=True,
    )


def test_a_correspondent_needs_no_home_network() -> None:
    settings = settings_of(parse("[correspondent]\nmax_bindings = 7\nmax_lifetime = 60\nnonce_lifetime = 20\n"))
    assert settings.home6 is None
    assert settings.correspondent == CorrespondentSettings(capacity=7, longest_lifetime=60, nonce_lifetime=20)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (HOME6.replace("::1", "::x"), "not an IPv6 address"),
        (HOME6.replace("2001:db8:1::1", "ff02::1"), "not the address of one host"),
        (HOME6.replace("2001:db8:1::1", "2001:db8:2::1"), "in none of the prefixes"),
        (HOME6.replace("/64", "/200"), "not a prefix"),
        (HOME6.replace("/64", "/121"), "not between /16 and /120"),
        (HOME6.replace('"]', '", "2001:db8:1::/64"]'), "stands there twice"),
        (HOME6.replace('"]', '", {prefix = "2001:db8:2::/64", preferred = 3, valid = 2}]'), "not in this order"),
        (HOME6 + "preference = 65536\n", "preference is not between"),
        (HOME6 + "home_agent_lifetime = 0\n", "home_agent_lifetime is not between"),
        (HOME6 + "interval = 0.06\n", "interval is not between"),
        (HOME6 + "max_lifetime = 3\n", "max_lifetime is not between"),
        (HOME6 + "min_prefix_interval = 9\nmax_prefix_interval = 8\n", "more than max_prefix_interval"),
        (HOME6 + "colour = 3\n", "unknown field `colour`"),
        ("[correspondent]\nmax_lifetime = 421\n", "max_lifetime is not between"),
        ("[correspondent]\nnonce_lifetime = 241\n", "nonce_lifetime is not between"),
    ],
)
def test_a_mistake_is_told(text: str, words: str) -> None:
    with pytest.raises(ProfileError) as told:
        settings_of(parse(text))
    assert words in str(told.value)
