"""A profile's words reach the machine."""

from __future__ import annotations

import asyncio
import base64
from ipaddress import IPv4Address, IPv4Interface, IPv4Network

import pytest

from client.core.choice import Preference, Switch
from client.core.errors import ProfileError
from client.core.plan import Encapsulation
from client.core.profile_text import read_profile
from client.daemon.choices import Chosen
from client.daemon.translation import NameUnresolvedError, settings_of
from client.mipv4.authentication import Algorithm

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


def test_every_field_arrives() -> None:
    settings = asyncio.run(settings_of(read_profile(PROFILE), Chosen()))
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
    assert asyncio.run(settings_of(read_profile(PROFILE), Chosen())).request_gap > 1.05


def test_what_a_person_switched_overrules_the_profile() -> None:
    assert asyncio.run(settings_of(read_profile(PROFILE), Chosen(reverse_tunnel=Switch.ON))).reverse_tunnel is Switch.ON

    chosen = Chosen(broadcasts=False, tunnelled=(WORK,))
    settings = asyncio.run(settings_of(read_profile(PROFILE), chosen))
    assert (settings.broadcasts, settings.tunnelled) == (False, (WORK,))
    assert asyncio.run(settings_of(read_profile(PROFILE), Chosen(tunnelled=()))).tunnelled is None


def test_what_the_profile_does_not_say_is_the_best_that_we_can() -> None:
    lines = [line for line in PROFILE.splitlines() if line.split(" ")[0] not in SAID]
    settings = asyncio.run(settings_of(read_profile("\n".join(lines)), Chosen()))
    assert settings.encapsulations[0] is Encapsulation.IPIP
    assert set(settings.encapsulations) == set(Encapsulation) - {Encapsulation.DIRECT}
    assert (settings.broadcasts, settings.tunnelled, settings.overlap) == (False, None, True)


def test_home_agent_whose_name_leads_nowhere_is_no_error_of_the_profile() -> None:
    nameless = PROFILE.replace('"discover", "203.0.113.80", "203.0.113.81"', '"ha.invalid"')
    with pytest.raises(NameUnresolvedError):
        asyncio.run(settings_of(read_profile(nameless), Chosen()))


def test_profile_for_ipv6_alone_is_refused_in_words() -> None:
    ipv6 = PROFILE[: PROFILE.index("[mipv4]")] + (
        '[mipv6]\nhome_address = "2001:db8:1::23"\nhome_prefix = "2001:db8:1::/64"\nhome_agents = ["dhaad"]\n'
        'auth = { method = "rfc4285", id = "alice@example.net", spi = 4097, secret = "ha" }\n'
    )
    secrets = PROFILE[PROFILE.index("[secrets]") : PROFILE.index("fa = ")]
    with pytest.raises(ProfileError, match="mipv4"):
        asyncio.run(settings_of(read_profile(ipv6 + secrets), Chosen()))
