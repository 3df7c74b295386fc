from __future__ import annotations

from collections.abc import Callable

import pytest
from scapy.layers.inet import UDP
from scapy.layers.inet6 import HAO, ICMPv6ND_NA, ICMPv6ND_NS, IPv6, IPv6ExtHdrDestOpt
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from lab.analysis.frames import Frame
from lab.analysis.secrecy6 import problems6
from lab.topology import LAPTOP_PORT
from lab.topology6 import OFFICE6

FrameMaker = Callable[[float, Packet], Frame]
HOME, CARE_OF, PEER, AGENT = "2001:db8:1::23", "2001:db8:2::5", "2001:db8:80::80", "2001:db8:1::1"
OUT = Ether(src=LAPTOP_PORT.link_layer_address, dst="02:00:5e:00:53:02")
IN = Ether(src="02:00:5e:00:53:02", dst=LAPTOP_PORT.link_layer_address)
OTHERS = Ether(src="02:00:5e:00:53:66", dst="02:00:5e:00:53:02")
DATAGRAM = UDP(sport=1, dport=2)


@pytest.mark.parametrize(
    ("packet", "words"),
    [
        (OUT / IPv6(src=HOME, dst=PEER) / DATAGRAM, "as its source"),
        (IN / IPv6(src=PEER, dst=HOME) / DATAGRAM, "as its destination"),
        (OUT / IPv6(src="::", dst="ff02::1") / ICMPv6ND_NA(tgt=HOME), "neighbour discovery"),
        (OUT / IPv6(src="::", dst="ff02::1") / ICMPv6ND_NS(tgt=HOME), "neighbour discovery"),
    ],
)
def test_home_address_shown_openly_is_a_fault(frame: FrameMaker, packet: Packet, words: str) -> None:
    [problem] = problems6(OFFICE6, [frame(0, packet), frame(1, packet)])
    assert words in problem
    assert "(2 frames)" in problem


@pytest.mark.parametrize(
    "packet",
    [
        OUT / IPv6(src=CARE_OF, dst=AGENT, nh=41) / IPv6(src=HOME, dst=PEER) / DATAGRAM,
        OUT / IPv6(src=CARE_OF, dst=PEER) / IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)]) / DATAGRAM,
        OTHERS / IPv6(src="2001:db8:2::66", dst=HOME) / DATAGRAM,
    ],
)
def test_home_address_in_a_tunnel_or_an_option_or_on_its_way_home_is_none(frame: FrameMaker, packet: Packet) -> None:
    assert problems6(OFFICE6, [frame(0, packet)]) == []
