"""With a shortcut, packets enter and leave tunnels at the link that they come by, as a router passes them on."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from scapy.layers.inet import IP, TCP, UDP, IPOption_Router_Alert
from scapy.layers.inet6 import ICMPv6ND_NS, IPv6
from scapy.packet import Packet

from client.core.plan import Encapsulation, End
from tests.client.linux.bpf.trial import ANCHOR, MARK, PASSED, REDIRECTED, Trial
from tests.client.linux.packet_classes import MTU, Direction, tunnel

pytestmark = pytest.mark.lab

HERE, THERE, HOME, PEER = "10.7.0.1", "10.7.0.2", "10.99.0.5", "192.0.2.9"
HERE6, THERE6, HOME6, PEER6 = "fd00:7::1", "fd00:7::2", "fd00:99::5", "fd00:c::9"
PLAIN = IP(src=PEER, dst=HOME, ttl=9) / UDP(sport=1, dport=2) / b"data"
PLAIN6 = IPv6(src=PEER6, dst=HOME6, hlim=9) / UDP(sport=1, dport=2) / b"data"


@pytest.fixture
def short(bpf: Trial) -> Iterator[Trial]:
    bpf.programs.configure(anchor=ANCHOR, segmenter=0, mark=MARK, shortcut=True)
    yield bpf
    bpf.programs.configure(anchor=ANCHOR, segmenter=0, mark=MARK)


@pytest.mark.rfc("2003", "3.1")
@pytest.mark.parametrize("kind", [Encapsulation.IPIP, Encapsulation.GRE, Encapsulation.UDP])
def test_packet_for_a_home_address_enters_its_tunnel_one_hop_on(short: Trial, kind: Encapsulation) -> None:
    short.hold(tunnel(End.HOME, kind))
    verdict, made = short.run(Direction.LEAVE, bytes(PLAIN))
    passed_on = PLAIN.copy()
    passed_on.ttl = 8
    assert verdict == REDIRECTED
    assert made.endswith(bytes(passed_on))
    outer = IP(made)
    assert (outer.src, outer.dst) == (HERE, THERE)
    assert bytes(outer) == made  # scapy finds its own checksum of the outer header there
    assert short.counted() == {f"sent_{kind.value}": (1, len(PLAIN))}


@pytest.mark.rfc("2473", "3.1")
def test_ipv6_packet_does_so_too(short: Trial) -> None:
    short.hold(tunnel(End.HOME, Encapsulation.IPIP, ipv6=True))
    verdict, made = short.run(Direction.LEAVE, bytes(PLAIN6))
    passed_on = PLAIN6.copy()
    passed_on.hlim = 8
    assert (verdict, made[40:]) == (REDIRECTED, bytes(passed_on))
    assert (IPv6(made).src, IPv6(made).dst) == (HERE6, THERE6)


def test_padding_of_the_link_does_not_enter(short: Trial) -> None:
    short.hold(tunnel(End.HOME, Encapsulation.IPIP))
    verdict, made = short.run(Direction.LEAVE, bytes(PLAIN) + bytes(14))
    assert (verdict, len(made)) == (REDIRECTED, 20 + len(PLAIN))


def _broken(packet: Packet) -> bytes:
    data = bytearray(bytes(packet))
    data[10] ^= 1
    return bytes(data)


@pytest.mark.parametrize(
    "data",
    [
        pytest.param(bytes(IP(src=PEER, dst=HOME, ttl=1) / UDP() / b"x"), id="its last hop"),
        pytest.param(bytes(IP(src=PEER, dst=HOME, options=[IPOption_Router_Alert()]) / UDP()), id="options"),
        pytest.param(bytes(IP(src="127.0.0.1", dst=HOME) / UDP()), id="a source that is no host's"),
        pytest.param(bytes(IP(src=PEER, dst=HERE) / UDP()), id="for this host"),
        pytest.param(bytes(IP(src=THERE, dst=HOME) / UDP()), id="from the tunnel's other end"),
        pytest.param(bytes(IP(src=PEER, dst=HOME) / UDP() / bytes(MTU)), id="too big"),
        pytest.param(_broken(IP(src=PEER, dst=HOME) / UDP() / b"x"), id="a wrong checksum"),
        pytest.param(bytes(IPv6(src=PEER6, dst=HOME6, hlim=1) / UDP()), id="its last hop, IPv6"),
        pytest.param(bytes(IPv6(src=PEER6, dst=HOME6, hlim=255) / ICMPv6ND_NS(tgt=HOME6)), id="neighbour discovery"),
    ],
)
def test_what_a_router_does_not_simply_pass_on_is_left_to_the_kernel_as_it_is(short: Trial, data: bytes) -> None:
    short.hold(tunnel(End.HOME, Encapsulation.IPIP))
    short.hold(tunnel(End.HOME, Encapsulation.IPIP, ipv6=True))
    assert short.run(Direction.LEAVE, data) == (PASSED, data)


def test_without_a_shortcut_the_kernel_forwards(bpf: Trial) -> None:
    bpf.hold(tunnel(End.HOME, Encapsulation.IPIP))
    assert bpf.run(Direction.LEAVE, bytes(PLAIN)) == (PASSED, bytes(PLAIN))


def test_there_is_none_for_what_a_mobile_node_sends_or_is_sent(short: Trial) -> None:
    short.hold(tunnel(End.MOBILE, Encapsulation.IPIP))
    for packet in (PLAIN, IP(src=HOME, dst=PEER) / TCP()):
        assert short.run(Direction.LEAVE, bytes(packet)) == (PASSED, bytes(packet))
