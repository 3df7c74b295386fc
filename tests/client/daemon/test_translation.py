"""A profile's words reach the machine."""

from __future__ import annotations

import asyncio
import base64
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Network

import pytest

from client.core.choice import Preference, Switch
from client.core.errors import ProfileError
from client.core.plan import Encapsulation
from client.core.profile import Profile
from client.core.profile_text import read_profile
from client.daemon.choices import Chosen
from client.daemon.translation import NameUnresolvedError, settings_of
from client.daemon.translation6 import settings6_of
from client.mipv4.authentication import Algorithm
from client.mipv4.settings import Settings
from mipv6.settings import Settings as Settings6

WORK = IPv4Network("172.16.0.0/12")
SAID = ("encapsulation", "broadcasts", "tunnelled", "overlap")
HOME_KEY, AGENT_KEY = bytes(range(16)), bytes(range(16, 32))

PROFILE = f"""
format = 1
id = "alice@example.net"
serial = 7
name = "Home"
[mipv4]
nai = "alice@example.net"
home_address = "198.51.100.23/24"
home_agents = ["discover", "203.0.113.80", "203.0.113.81"]
lifetime = 300
care_of = "co-located"
reverse_tunnel = "off"
encapsulation = ["gre", "udp", "ipip"]
broadcasts = true
tunnelled = ["10.0.0.0/8", "192.0.2.1"]
overlap = false
[[mipv4.key]]
peer = "home-agent"
spi = 4096
algorithm = "md5-prefix-suffix"
secret = "ha"
[[mipv4.key]]
peer = "foreign-agent"
peer_address = "192.0.2.1"
spi = 300
secret = "fa"
[secrets]
ha = "base64:{base64.b64encode(HOME_KEY).decode()}"
fa = "base64:{base64.b64encode(AGENT_KEY).decode()}"
"""


IPV6 = (
    PROFILE[: PROFILE.index("[mipv4]")]
    + """
[mipv6]
home_address = "2001:db8:1::23"
home_prefix = "2001:db8:1::/64"
home_agents = ["discover", "2001:db8:1::1"]
auth = { method = "rfc4285", id = "alice@example.net", spi = 4097, secret = "ha" }
[mipv6.direct_paths]
default = "on-demand"
after_packets = 3
never = ["2001:db8:9::/48"]
accept_unprotected = true
"""
    + PROFILE[PROFILE.index("[secrets]") : PROFILE.index("fa = ")]
)
IPSEC = 'method = "ipsec-manual", spi_out = 300, spi_in = 301'


def test_every_field_arrives() -> None:
    settings = translated(read_profile(PROFILE), Chosen())
    assert settings.home_address == IPv4Interface("198.51.100.23/24")
    assert settings.home_agents == (IPv4Address("203.0.113.80"), IPv4Address("203.0.113.81"))
    assert (settings.nai, settings.lifetime) == ("alice@example.net", 300)
    assert (settings.care_of, settings.reverse_tunnel) == (Preference.CO_LOCATED, Switch.OFF)
    assert settings.encapsulations == (Encapsulation.GRE, Encapsulation.UDP, Encapsulation.IPIP)
    assert settings.tunnelled == (IPv4Network("10.0.0.0/8"), IPv4Network("192.0.2.1/32"))
    assert (settings.broadcasts, settings.overlap) == (True, False)
    [home] = settings.associations
    assert (home.spi, home.key.reveal(), home.algorithm) == (4096, HOME_KEY, Algorithm.MD5_PREFIX_SUFFIX)
    [agent] = settings.foreign_associations[IPv4Address("192.0.2.1")]
    assert (agent.spi, agent.key.reveal(), agent.algorithm) == (300, AGENT_KEY, Algorithm.HMAC_MD5)


@pytest.mark.rfc("5944", "3.6.3")
def test_decisions_are_so_far_apart_that_the_wire_sees_a_second() -> None:
    assert translated(read_profile(PROFILE), Chosen()).request_gap > 1.05


def test_what_a_person_switched_overrules_the_profile() -> None:
    assert translated(read_profile(PROFILE), Chosen(reverse_tunnel=Switch.ON)).reverse_tunnel is Switch.ON

    chosen = Chosen(broadcasts=False, tunnelled=(WORK,))
    settings = translated(read_profile(PROFILE), chosen)
    assert (settings.broadcasts, settings.tunnelled) == (False, (WORK,))
    assert translated(read_profile(PROFILE), Chosen(tunnelled=())).tunnelled is None


def test_what_the_profile_does_not_say_is_the_best_that_we_can() -> None:
    lines = [line for line in PROFILE.splitlines() if line.split(" ")[0] not in SAID]
    settings = translated(read_profile("\n".join(lines)), Chosen())
    assert settings.encapsulations[0] is Encapsulation.IPIP
    assert set(settings.encapsulations) == set(Encapsulation) - {Encapsulation.DIRECT}
    assert (settings.broadcasts, settings.tunnelled, settings.overlap) == (False, None, True)


def test_home_agent_whose_name_leads_nowhere_is_no_error_of_the_profile() -> None:
    nameless = PROFILE.replace('"discover", "203.0.113.80", "203.0.113.81"', '"ha.invalid"')
    with pytest.raises(NameUnresolvedError):
        translated(read_profile(nameless), Chosen())


def test_key_that_we_cannot_use_for_ipv6_is_refused_in_words() -> None:
    profile = read_profile(
        IPV6.replace('method = "rfc4285", id = "alice@example.net", spi = 4097', IPSEC + ', algorithm = "aes-gmac"')
    )
    assert profile.mipv6
    with pytest.raises(ProfileError, match=r"mipv6\.auth"):
        asyncio.run(settings6_of(profile, profile.mipv6, Chosen()))


def test_keys_of_esp_set_by_hand_arrive_each_for_its_direction() -> None:
    text = IPV6.replace('method = "rfc4285", id = "alice@example.net", spi = 4097', IPSEC)
    long_key = bytes(range(20))
    settings = translated6(text.replace(base64.b64encode(HOME_KEY).decode(), base64.b64encode(long_key).decode()))
    assert settings.esp
    assert (settings.association, settings.timestamps) == (None, False)
    pair = (settings.esp.outbound, settings.esp.inbound)
    assert [(each.spi, each.key.reveal()) for each in pair] == [(300, long_key), (301, long_key)]


def test_every_field_of_ipv6_arrives() -> None:
    settings = translated6(IPV6)
    assert settings.home_address == IPv6Address("2001:db8:1::23")
    assert settings.home_prefix == IPv6Network("2001:db8:1::/64")
    assert (settings.home_agents, settings.discover) == ((IPv6Address("2001:db8:1::1"),), True)
    assert settings.identity == "alice@example.net"
    assert settings.association
    assert (settings.association.spi, settings.association.key.reveal()) == (4097, HOME_KEY)
    assert (settings.lifetime, settings.timestamps, settings.accept_unprotected) == (600, True, True)
    assert (settings.paths.on_demand, settings.paths.after_packets) == (True, 3)
    assert settings.paths.never == (IPv6Network("2001:db8:9::/48"),)


def test_direct_paths_are_as_a_person_switched_them() -> None:
    assert not translated6(IPV6, Chosen(direct_paths=False)).paths.on_demand
    assert translated6(IPV6.replace('"on-demand"', '"off"'), Chosen(direct_paths=True)).paths.on_demand


def translated(profile: Profile, chosen: Chosen) -> Settings:
    """What the IPv4 machine gets."""
    assert profile.mipv4
    return asyncio.run(settings_of(profile, profile.mipv4, chosen))


def translated6(text: str, chosen: Chosen | None = None) -> Settings6:
    """What the IPv6 machine gets."""
    profile = read_profile(text)
    assert profile.mipv6
    return asyncio.run(settings6_of(profile, profile.mipv6, chosen or Chosen()))
