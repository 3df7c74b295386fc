"""The configuration file: what it means, and how its mistakes are told."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network
from pathlib import Path

import pytest

import agents.configuration
from agents.configuration import read_configuration
from agents.settings import AgentSettings, ForeignLinkSettings, HomeAgentSettings, ReverseTunnel
from client.core.errors import ProfileError
from client.core.plan import Encapsulation
from client.mipv4.authentication import Algorithm

HOME = '[[home_agent]]\naddress = "198.51.100.1"\nnetwork = "198.51.100.0/24"\n'
FOREIGN = '[[foreign_agent]]\ninterface = "eth1"\ncare_of_address = "203.0.113.1"\n'
SECRET = "base64:c2l4dGVlbiBieXRlcyEhIQ=="


def configured(tmp_path: Path, text: str, mode: int = 0o600) -> AgentSettings:
    path = tmp_path / "mobilityagentd.toml"
    path.write_text(text)
    path.chmod(mode)
    return read_configuration(path)


def test_the_example_is_right(tmp_path: Path) -> None:
    example = Path(agents.configuration.__file__).with_name("mobilityagentd.toml").read_text()
    settings = configured(tmp_path, example, 0o644)
    [home] = settings.home_agents
    assert (home.address, home.network, home.interface) == (
        IPv4Address("198.51.100.1"),
        IPv4Network("198.51.100.0/24"),
        "eth0",
    )
    assert home.pool is not None
    assert len(list(home.pool)) == 63
    assert home == replace(
        HomeAgentSettings(address=home.address, network=home.network, interface="eth0"), pool=home.pool
    )
    assert settings.foreign_agent is not None
    [link] = settings.foreign_agent.links
    assert link == ForeignLinkSettings(interface="eth1", care_of_address=IPv4Address("203.0.113.1"))
    assert (link.interface, link.advertisement_lifetime, link.registration_required) == ("eth1", 9, False)
    uncommented = "\n".join(
        line.removeprefix("# ") if _is_example_of_a_key(line) else line for line in example.splitlines()
    )
    settings = configured(tmp_path, uncommented)
    assert settings.foreign_agent is not None
    assert list(settings.foreign_agent.home_agents) == [IPv4Address("192.0.2.1")]


def _is_example_of_a_key(line: str) -> bool:
    return line.startswith(("# [[key]]", "# with", "# peer", "# spi", "# algorithm", "# secret"))


def test_every_field_has_its_meaning(tmp_path: Path) -> None:
    settings = configured(
        tmp_path,
        HOME
        + 'max_lifetime = 60\ntolerance = 5\nreverse_tunnel = "required"\n'
        + "max_bindings = 3\nadvertisement_lifetime = 30\n"
        + 'encapsulations = ["gre", "ipip"]\nudp_lifetime = 50\nkeepalive = 20\nforced_udp = false\n'
        + "simultaneous_bindings = 2\nbroadcasts = false\nmulticast = false\n"
        + FOREIGN
        + 'encapsulations = ["ipip", "udp"]\n'
        + "registration_lifetime = 90\nregistration_required = true\nadvertisement_lifetime = 3\n"
        + f'[[key]]\nwith = "foreign-agent"\npeer = "192.0.2.7"\nspi = 300\nsecret = "{SECRET}"\n'
        + '[[key]]\nwith = "mobile-node"\npeer = "a@b.c"\nspi = 256\n'
        + f'algorithm = "md5-prefix-suffix"\nsecret = "{SECRET}"\n',
    )
    [home] = settings.home_agents
    assert home.interface is None
    assert (home.max_lifetime, home.tolerance, home.max_bindings, home.advertisement_lifetime) == (60, 5.0, 3, 30)
    assert home.reverse_tunnel is ReverseTunnel.REQUIRED
    assert home.encapsulations == {Encapsulation.IPIP, Encapsulation.GRE}
    assert (home.udp_lifetime, home.keepalive, home.forced_udp) == (50, 20, False)
    assert (home.simultaneous_bindings, home.broadcasts, home.multicast) == (2, False, False)
    [association] = home.foreign_agents[IPv4Address("192.0.2.7")]
    assert (association.spi, association.key.reveal()) == (300, b"sixteen bytes!!!")
    assert settings.foreign_agent is not None
    [link] = settings.foreign_agent.links
    assert (link.registration_lifetime, link.registration_required, link.advertisement_lifetime) == (90, True, 3)
    assert link.encapsulations == {Encapsulation.IPIP, Encapsulation.UDP}
    assert settings.foreign_agent.mobile_nodes["a@b.c"][0].algorithm is Algorithm.MD5_PREFIX_SUFFIX


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "there is no [[home_agent]]"),
        ("x = 1\n" + HOME, "unknown field `x`"),
        (HOME + "lifetime = 60\n", "unknown field `lifetime` - at `$.home_agent[0]`"),
        (HOME + 'max_lifetime = "60"\n', "$.home_agent[0].max_lifetime"),
        (HOME + "max_lifetime = 0\n", "max_lifetime is not between"),
        (HOME + "max_lifetime = 65535\n", "max_lifetime is not between"),
        (HOME + "tolerance = 1\n", "tolerance"),
        (HOME + "tolerance = nan\n", "tolerance"),
        (HOME + "max_bindings = 0\n", "max_bindings"),
        (HOME + "advertisement_lifetime = 2\n", "advertisement_lifetime"),
        (HOME + "advertisement_lifetime = 9001\n", "advertisement_lifetime"),
        (HOME + 'reverse_tunnel = "on"\n', "reverse_tunnel"),
        (HOME + 'encapsulations = ["ipip", "esp"]\n', "$.home_agent[0].encapsulations"),
        (HOME + 'encapsulations = ["gre"]\n', '"ipip" is missing'),
        (FOREIGN + "encapsulations = []\n", '"ipip" is missing'),
        (
            FOREIGN + 'encapsulations = ["ipip", "udp"]\nreverse_tunnel = "refused"\n',
            "visitors need the reverse tunnel",
        ),
        (HOME + "udp_lifetime = 0\n", "udp_lifetime is not between"),
        (HOME + "keepalive = 9\n", "keepalive"),
        (HOME + "keepalive = -1\n", "keepalive"),
        (HOME + "forced_udp = 1\n", "$.home_agent[0].forced_udp"),
        (HOME + "simultaneous_bindings = 0\n", "simultaneous_bindings"),
        (HOME + "simultaneous_bindings = 9\n", "simultaneous_bindings"),
        (HOME + 'pool = "198.51.100.9-198.51.100.5"\n', "ends before it begins"),
        (HOME + 'pool = "192.0.2.1-192.0.2.2"\n', "not inside"),
        (HOME + 'pool = "many"\n', "not an IPv4 address"),
        (HOME.replace("198.51.100.1", "198.51.100.300"), "not an IPv4 address"),
        (HOME.replace("198.51.100.0/24", "198.51.100.1/24"), "not a network"),
        (HOME + HOME, "twice"),
        (FOREIGN + FOREIGN, "eth1 stands there twice"),
        (HOME.removesuffix('network = "198.51.100.0/24"\n'), "missing required field `network`"),
        (HOME + f'[[key]]\nwith = "router"\npeer = "192.0.2.1"\nspi = 300\nsecret = "{SECRET}"\n', "$.key[0].with"),
        (HOME + f'[[key]]\nwith = "foreign-agent"\npeer = "me"\nspi = 300\nsecret = "{SECRET}"\n', "[[key]] peer"),
        (HOME + f'[[key]]\nwith = "mobile-node"\npeer = "me"\nspi = 255\nsecret = "{SECRET}"\n', "SPI 255"),
        (HOME + '[[key]]\nwith = "mobile-node"\npeer = "me"\nspi = 256\nsecret = "base64:AAAA"\n', "128 bits"),
        (HOME + '[[key]]\nwith = "mobile-node"\npeer = "me"\nspi = 256\nsecret = "letmein"\n', "base64:"),
        (HOME + '[[key]]\nwith = "mobile-node"\npeer = "me"\nspi = 256\nsecret = "base64:???"\n', "looks like"),
        ("[[home_agent]\n", "mobilityagentd.toml"),
        (HOME + "#" * 70000, "longer than"),
    ],
)
def test_a_mistake_is_told_with_the_file_and_its_place(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(ProfileError) as told:
        configured(tmp_path, text)
    assert words in str(told.value)
    assert "mobilityagentd.toml" in str(told.value)
    assert SECRET not in str(told.value)


@pytest.mark.rfc("5944", "5.4")
@pytest.mark.parametrize("mode", [0o640, 0o604, 0o620, 0o644])
def test_a_file_with_keys_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    key = f'[[key]]\nwith = "mobile-node"\npeer = "me"\nspi = 256\nsecret = "{SECRET}"\n'
    with pytest.raises(ProfileError, match="chmod 600"):
        configured(tmp_path, HOME + key, mode)


def test_a_file_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="No such file"):
        read_configuration(tmp_path / "nothing.toml")


def test_no_key_is_shown_by_accident(tmp_path: Path) -> None:
    key = f'[[key]]\nwith = "home-agent"\npeer = "192.0.2.1"\nspi = 256\nsecret = "{SECRET}"\n'
    settings = configured(tmp_path, HOME + FOREIGN + key)
    assert "sixteen" not in repr(settings)
    assert SECRET.removeprefix("base64:") not in repr(settings)
