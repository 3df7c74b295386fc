"""A whole IPv6 handover by hand: every time stamp is chosen, every figure follows."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv6Address

from scapy.layers.inet import UDP
from scapy.layers.inet6 import (
    HAO,
    MIP6MH_BA,
    MIP6MH_BU,
    ICMPv6HAADRequest,
    ICMPv6ND_RA,
    ICMPv6NDOptPrefixInfo,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrRouting,
    MIP6MH_CoT,
    MIP6MH_CoTI,
    MIP6MH_HoT,
    MIP6MH_HoTI,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from lab.analysis.direct import hops_direct, hops_tunnelled, path, routability, seen
from lab.analysis.frames import Frame
from lab.analysis.news import Noted
from lab.analysis.stay6 import Stay6, anycast_requests, binding
from lab.topology import LAPTOP_PORT
from lab.topology6 import HOME6, HOME_AGENT6, HOME_AGENTS_ANYCAST, OFFICE6, Network6

FrameMaker = Callable[[float, Packet], Frame]
START = 1_800_000_000 * 1_000_000_000
MS = 1_000_000
HOME, CARE_OF, AGENT, PEER = "2001:db8:1::23", "2001:db8:2::5eff:fe00:5323", str(HOME_AGENT6), "2001:db8:80::80"
AGENTS = [HOME_AGENT6]
OUT = Ether(src=LAPTOP_PORT.link_layer_address, dst="02:00:5e:00:53:02")
IN = Ether(src="02:00:5e:00:53:02", dst=LAPTOP_PORT.link_layer_address)
UP = [Noted(START + 52 * MS, "up")]
ADDRESS = Noted(START + 70 * MS, "address6", f"{CARE_OF}/64")
KEPT = Noted(START - 9000 * MS, "address6", f"{CARE_OF}/64")
MINE = IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)])
FOR_ME = IPv6ExtHdrRouting(type=2, addresses=[HOME])
DATAGRAM = UDP(sport=7001, dport=7002)


def stay(network: Network6 = OFFICE6) -> Stay6:
    return Stay6(network, unplugged=START, plugged=START + 50 * MS, end=START + 5000 * MS)


def advertisement(prefix: str = "2001:db8:2::") -> Packet:
    return IN / IPv6(src="fe80::1", dst="ff02::1", hlim=255) / ICMPv6ND_RA() / ICMPv6NDOptPrefixInfo(prefix=prefix)


def update(sequence: int, flags: str = "AH", to: str = AGENT) -> Packet:
    return OUT / IPv6(src=CARE_OF, dst=to) / MINE / MIP6MH_BU(seq=sequence, flags=flags, mhtime=150)


def answer(sequence: int, status: int = 0, source: str = AGENT) -> Packet:
    return IN / IPv6(src=source, dst=CARE_OF) / FOR_ME / MIP6MH_BA(seq=sequence, status=status, mhtime=150)


def tunnelled(inner: Packet, hop_limit: int = 64) -> Packet:
    return OUT / IPv6(src=CARE_OF, dst=AGENT, nh=41, hlim=hop_limit) / inner


def test_figures_of_a_move_abroad(frame: FrameMaker) -> None:
    frames = [
        frame(60, advertisement()),
        frame(75, update(9)),
        frame(80, answer(9)),
        frame(83, tunnelled(IPv6(src=HOME, dst=PEER) / DATAGRAM)),
    ]
    found = binding(stay(), frames, [*UP, ADDRESS], AGENTS)
    assert (found.address_ms, found.own_ms, found.binding_ms, found.registered_ms) == (18, 5, 5, 28)
    assert found.first_packet == START + 83 * MS
    assert (found.updates, found.statuses) == (1, (0,))


def test_address_that_was_kept_counts_when_its_prefix_is_advertised_here_again(frame: FrameMaker) -> None:
    frames = [frame(60, advertisement("2001:db8:3::")), frame(65, advertisement()), frame(66, update(9))]
    found = binding(stay(), frames, [KEPT, *UP], AGENTS)
    assert found.usable == START + 65 * MS
    assert found.own_ms == 1


def test_at_home_the_advertisement_is_what_the_laptop_waits_for(frame: FrameMaker) -> None:
    frames = [frame(60, advertisement("2001:db8:1::")), frame(61, update(9))]
    assert binding(stay(HOME6), frames, UP, AGENTS).usable == START + 60 * MS


def test_without_an_advertisement_nothing_is_usable(frame: FrameMaker) -> None:
    found = binding(stay(), [frame(75, update(9))], [*UP, ADDRESS], AGENTS)
    assert found.usable is None
    assert found.own_ms is None


def test_only_an_accepting_answer_to_our_update_acknowledges(frame: FrameMaker) -> None:
    frames = [
        frame(75, update(9)),
        frame(80, answer(9, status=135)),
        frame(85, update(10)),
        frame(86, answer(8)),
        frame(87, answer(10, source=PEER)),
        frame(90, answer(10)),
    ]
    found = binding(stay(), frames, UP, AGENTS)
    assert found.acknowledgement == START + 90 * MS
    assert (found.updates, found.statuses) == (2, (135, 0, 0))


def test_updates_to_correspondents_and_repeated_captures_are_no_second_update(frame: FrameMaker) -> None:
    frames = [frame(75, update(9)), frame(76, update(9)), frame(80, update(77, "A", PEER))]
    assert binding(stay(), frames, UP, AGENTS).updates == 1


def test_return_routability_of_one_correspondent(frame: FrameMaker) -> None:
    cookie = bytes(8)
    other = MIP6MH_CoTI(cookie=b"otherone")
    frames = [
        frame(90, tunnelled(IPv6(src=HOME, dst=PEER) / MIP6MH_HoTI(cookie=cookie))),
        frame(90, OUT / IPv6(src=CARE_OF, dst=PEER) / MIP6MH_CoTI(cookie=cookie)),
        frame(91, OUT / IPv6(src=CARE_OF, dst="2001:db8:81::81") / other),
        frame(94, IN / IPv6(src=PEER, dst=CARE_OF) / MIP6MH_CoT(cookie=cookie)),
        frame(98, IN / IPv6(src=AGENT, dst=CARE_OF, nh=41) / IPv6(src=PEER, dst=HOME) / MIP6MH_HoT(cookie=cookie)),
        frame(99, update(5, "A", PEER)),
        frame(103, answer(5, source=PEER)),
    ]
    found = routability(frames, IPv6Address(PEER))
    assert (found.begun, found.tested, found.update) == tuple(START + ms * MS for ms in (90, 98, 99))
    assert (found.home_tests, found.care_of_tests, found.updates, found.status) == (1, 1, 1, 0)
    assert found.acknowledgement == START + 103 * MS
    assert routability(frames, IPv6Address("2001:db8:81::81")).update is None


def at_peer() -> list[Packet]:
    """At the correspondent: out and in through the home agent, then out and in directly."""
    return [
        Ether() / IPv6(src=HOME, dst=PEER, hlim=61) / DATAGRAM,
        Ether() / IPv6(src=PEER, dst=HOME) / DATAGRAM,
        Ether() / IPv6(src=CARE_OF, dst=PEER, hlim=62) / MINE / DATAGRAM,
        Ether() / IPv6(src=PEER, dst=CARE_OF) / FOR_ME / DATAGRAM,
    ]


def test_direct_is_what_bears_the_home_address_option_one_way_and_the_routing_header_the_other(
    frame: FrameMaker,
) -> None:
    frames = [frame(number, packet) for number, packet in enumerate(at_peer())]
    found = path(frames, IPv6Address(PEER))
    assert [len(times) for times in (found.plain_out, found.plain_in, found.direct_out, found.direct_in)] == [1] * 4
    assert found.direct_since == START + 3 * MS
    assert path(frames[:3], IPv6Address(PEER)).direct_since is None
    assert path(frames, IPv6Address("2001:db8:81::81")).direct_in == ()


def test_flow_is_seen_in_every_form(frame: FrameMaker) -> None:
    packets = [*at_peer(), tunnelled(IPv6(src=HOME, dst=PEER) / DATAGRAM), tunnelled(IPv6(src=HOME, dst=AGENT))]
    frames = [frame(0, packet) for packet in packets]
    assert seen(frames, IPv6Address(PEER)) == 5
    assert seen(frames, IPv6Address("2001:db8:81::81")) == 0


def test_hops_are_counted_by_hop_limits(frame: FrameMaker) -> None:
    frames = [frame(0, packet) for packet in at_peer()]
    door = [frame(0, tunnelled(IPv6(src=HOME, dst=PEER) / DATAGRAM, hop_limit=62))]
    assert hops_direct(frames, IPv6Address(PEER)) == 2
    assert hops_tunnelled(door, frames, IPv6Address(PEER)) == 5
    assert hops_direct([], IPv6Address(PEER)) is None


def test_anycast_request_is_found(frame: FrameMaker) -> None:
    request = OUT / IPv6(src=CARE_OF, dst=str(HOME_AGENTS_ANYCAST)) / ICMPv6HAADRequest()
    [(at, packet)] = anycast_requests([frame(3, request), frame(4, advertisement())])
    assert (at, packet.destination) == (START + 3 * MS, HOME_AGENTS_ANYCAST.packed)
