"""With whom programs exchange packets: what counts, and how much is remembered."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address

import pytest

from client.core.ipv6 import IPv6Packet
from client.core.machine import Correspondence
from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.correspondence import Peering, told

HOME, CARE_OF, AGENT = IPv6Address("2001:db8:99::5"), IPv6Address("2001:db8:7::1"), IPv6Address("2001:db8:7::2")
PEER = IPv6Address("2001:db8:c::9")
TUNNEL = Tunnel(end=End.MOBILE, home_address=HOME, local=CARE_OF, remote=AGENT)
DIRECT = replace(TUNNEL, remote=PEER, encapsulation=Encapsulation.DIRECT)
AT_AGENT = Tunnel(end=End.HOME, home_address=HOME, local=AGENT, remote=CARE_OF)
AT_PEER = replace(AT_AGENT, local=PEER, encapsulation=Encapsulation.DIRECT)


def packet(source: IPv6Address, destination: IPv6Address, next_header: int = 17) -> bytes:
    return IPv6Packet(source=source, destination=destination, next_header=next_header, payload=bytes(8)).pack()


def test_both_ways_count_and_what_came_directly_is_told_apart() -> None:
    peering = Peering()
    peering.sent(TUNNEL, packet(HOME, PEER))
    peering.received(TUNNEL, packet(PEER, HOME))
    peering.sent(DIRECT, packet(HOME, PEER))
    peering.received(DIRECT, packet(PEER, HOME))
    assert peering.taken() == {PEER: (4, 1)}
    assert peering.taken() == {}


def test_at_a_correspondent_the_other_one_is_the_mobile_node() -> None:
    peering = Peering()
    peering.sent(AT_PEER, packet(PEER, HOME))
    peering.received(AT_PEER, packet(HOME, PEER))
    assert peering.taken() == {HOME: (2, 1)}


@pytest.mark.parametrize(("tunnel", "kind"), [(AT_AGENT, 17), (TUNNEL, 135), (DIRECT, 135)])
def test_neither_what_a_home_agent_forwards_nor_signalling_counts(tunnel: Tunnel, kind: int) -> None:
    peering = Peering()
    peering.sent(tunnel, packet(HOME, PEER, kind))
    peering.received(tunnel, packet(PEER, HOME, kind))
    assert peering.taken() == {}


def test_it_is_wanted_while_there_is_a_tunnel_that_counts() -> None:
    peering = Peering()
    wanted = []
    for do, tunnel in (
        (peering.add, AT_AGENT),
        (peering.add, TUNNEL),
        (peering.add, DIRECT),
        (peering.remove, TUNNEL),
        (peering.remove, DIRECT),
    ):
        do(tunnel)
        wanted.append(peering.is_wanted)
    assert wanted == [False, True, True, True, False]


def test_a_flood_of_addresses_takes_no_more_than_its_room_and_those_known_still_count() -> None:
    peering = Peering()
    for number in range(3000):
        peering.sent(TUNNEL, packet(HOME, PEER + number))
    peering.sent(TUNNEL, packet(HOME, PEER))
    taken = peering.taken()
    assert len(taken) == 1024
    assert taken[PEER] == (2, 0)


def test_what_both_planes_counted_is_told_together() -> None:
    both = told({PEER: (3, 1), AGENT: (1, 0)}, {PEER: (2, 2)})
    assert both == Correspondence(packets={PEER: 5, AGENT: 1}, direct={PEER: 3})
