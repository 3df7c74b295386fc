from __future__ import annotations

from collections.abc import Callable

import pytest
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import ARP, Ether
from scapy.packet import Packet

from lab.analysis import secrecy
from lab.analysis.frames import Frame
from lab.topology import CAFE, LAPTOP_PORT, OFFICE

FrameMaker = Callable[[float, Packet], Frame]
HOME_ADDRESS = "198.51.100.23"
LAPTOP = LAPTOP_PORT.link_layer_address
AGENT = OFFICE.router.link_layer_address
CAFE_ROUTER = CAFE.router.link_layer_address
ALL = "ff:ff:ff:ff:ff:ff"

pytestmark = pytest.mark.rfc("5944", "4.6")


def to_laptop(source: str) -> Packet:
    return Ether(src=source, dst=LAPTOP) / IP(src="203.0.113.80", dst=HOME_ADDRESS) / UDP()


def tunnelled() -> Packet:
    inner = IP(src="203.0.113.80", dst=HOME_ADDRESS) / UDP()
    return Ether(src=CAFE_ROUTER, dst=LAPTOP) / IP(src="198.51.100.1", dst="192.0.2.70", proto=4) / inner


@pytest.mark.parametrize(
    "packet",
    [
        Ether(src=LAPTOP, dst=ALL) / ARP(op=1, psrc=HOME_ADDRESS, pdst=HOME_ADDRESS),
        Ether(src=LAPTOP, dst=ALL) / ARP(op=1, psrc=HOME_ADDRESS, pdst="192.0.2.1"),
        Ether(src=AGENT, dst=ALL) / ARP(op=1, psrc="192.0.2.1", pdst=HOME_ADDRESS),
        Ether(src=LAPTOP, dst="02:00:00:00:00:99") / ARP(op=2, psrc=HOME_ADDRESS, pdst="192.0.2.5"),
        Ether(src=LAPTOP, dst=ALL) / ARP(op=2, psrc=HOME_ADDRESS, pdst="192.0.2.1"),
    ],
)
def test_arp_that_names_the_home_address_is_a_problem(frame: FrameMaker, packet: Packet) -> None:
    assert secrecy.problems(OFFICE, [frame(0, packet)])


def test_unicast_reply_to_the_foreign_agent_is_allowed(frame: FrameMaker) -> None:
    reply = Ether(src=LAPTOP, dst=AGENT) / ARP(op=2, psrc=HOME_ADDRESS, pdst="192.0.2.1")
    assert secrecy.problems(OFFICE, [frame(0, reply)]) == []
    assert secrecy.problems(CAFE, [frame(0, reply)])


def test_frames_from_the_foreign_agent_are_as_they_should_be(frame: FrameMaker) -> None:
    frames = [frame(0, to_laptop(AGENT))]
    assert secrecy.problems(OFFICE, frames) == []
    assert secrecy.inbound(OFFICE, frames) == 1


def test_frame_from_anyone_else_on_the_agents_link_is_a_problem(frame: FrameMaker) -> None:
    assert secrecy.problems(OFFICE, [frame(0, to_laptop("02:00:00:00:00:99"))])


def test_tunnel_to_the_care_of_address_is_as_it_should_be(frame: FrameMaker) -> None:
    frames = [frame(0, tunnelled())]
    assert secrecy.problems(CAFE, frames) == []
    assert secrecy.inbound(CAFE, frames) == 1


def test_packet_without_a_tunnel_is_a_problem_where_there_is_no_agent(frame: FrameMaker) -> None:
    frames = [frame(0, to_laptop(CAFE_ROUTER))]
    assert secrecy.problems(CAFE, frames)
    assert secrecy.inbound(CAFE, frames) == 0
