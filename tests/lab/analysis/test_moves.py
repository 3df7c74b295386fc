"""A whole handover by hand: every time stamp is chosen, every figure follows."""

from __future__ import annotations

import struct
from collections.abc import Callable

from scapy.layers.inet import ICMP, IP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

from lab.analysis.frames import Frame
from lab.analysis.moves import Stay, moments
from lab.analysis.news import Noted
from lab.topology import CAFE, HOME, LAPTOP_PORT, OFFICE, Network

FrameMaker = Callable[[float, Packet], Frame]
START = 1_800_000_000 * 1_000_000_000
MS = 1_000_000
HOME_ADDRESS = "198.51.100.23"
HOME_AGENT = "198.51.100.1"
LAPTOP = LAPTOP_PORT.link_layer_address


def at(milliseconds: float) -> int:
    return START + int(milliseconds * MS)


def stay(network: Network) -> Stay:
    return Stay(network, unplugged=at(0), plugged=at(50), end=at(5000))


UP = [Noted(at(52), "up")]


def request(network: Network, source: str, identification: int) -> Packet:
    message = struct.pack(
        "!BBH4s4s4sQ", 1, 0x22, 600, b"\xc6\x33\x64\x17", b"\xc6\x33\x64\x01", b"\xc0\x00\x02\x46", identification
    )
    frame = Ether(src=LAPTOP, dst=network.router.link_layer_address)
    return frame / IP(src=source, dst=HOME_AGENT) / UDP(sport=434, dport=434) / Raw(message)


def reply(network: Network, identification: int, code: int = 0) -> Packet:
    message = struct.pack("!BBH4s4sQ", 3, code, 600, b"\xc6\x33\x64\x17", b"\xc6\x33\x64\x01", identification)
    frame = Ether(src=network.router.link_layer_address, dst=LAPTOP)
    return frame / IP(src=HOME_AGENT, dst="192.0.2.70") / UDP(sport=434, dport=434) / Raw(message)


def advertisement(network: Network) -> Packet:
    agent = struct.pack("!BBHHH4s", 16, 10, 1, 600, 0x9100, b"\xc0\x00\x02\x01")
    frame = Ether(src=network.router.link_layer_address, dst="01:00:5e:00:00:01")
    return frame / IP(src="192.0.2.1", dst="224.0.0.1", ttl=1) / ICMP(type=9) / Raw(agent)


def plain(network: Network) -> Packet:
    frame = Ether(src=LAPTOP, dst=network.router.link_layer_address)
    return frame / IP(src=HOME_ADDRESS, dst="203.0.113.80") / UDP(sport=7001, dport=7002)


def tunnelled(network: Network) -> Packet:
    inner = IP(src=HOME_ADDRESS, dst="203.0.113.80") / UDP(sport=7001, dport=7002)
    frame = Ether(src=LAPTOP, dst=network.router.link_layer_address)
    return frame / IP(src="192.0.2.70", dst=HOME_AGENT, proto=4) / inner


def test_co_located_clock_starts_with_the_address(frame: FrameMaker) -> None:
    frames = [
        frame(203, request(CAFE, "192.0.2.70", 0x1111222233334444)),
        frame(243, reply(CAFE, 0x9999AAAA33334444)),  # the low half is repeated, the high one is the agent's clock
        frame(248, tunnelled(CAFE)),
    ]
    found = moments(stay(CAFE), frames, [*UP, Noted(at(200), "address", "192.0.2.70/26")])
    assert found.registered_ms == 191.0
    assert found.own_ms == 8.0
    assert found.requests == 1


def test_a_frame_on_the_wire_says_that_the_link_is_up_before_late_news_do(frame: FrameMaker) -> None:
    frames = [
        frame(20, advertisement(HOME)),  # before the cable was plugged in
        frame(54, advertisement(OFFICE)),
        frame(56, request(OFFICE, HOME_ADDRESS, 0x33334444)),
        frame(60, reply(OFFICE, 0x33334444)),
        frame(61, plain(OFFICE)),
    ]
    found = moments(stay(OFFICE), frames, [Noted(at(58), "up")])
    assert found.link_up == at(54)
    assert (found.registered_ms, found.own_ms, found.requests) == (6.0, 3.0, 1)


def test_with_an_agent_the_clock_starts_with_its_advertisement(frame: FrameMaker) -> None:
    frames = [
        frame(55, advertisement(OFFICE)),
        frame(58, request(OFFICE, HOME_ADDRESS, 5)),
        frame(70, reply(OFFICE, 5)),
        frame(71, plain(OFFICE)),
    ]
    found = moments(stay(OFFICE), frames, UP)
    assert found.registered_ms == 18.0
    assert found.own_ms == 4.0


def test_at_home_a_packet_before_the_reply_costs_nothing_after_it(frame: FrameMaker) -> None:
    frames = [
        frame(55, advertisement(HOME)),
        frame(57, request(HOME, HOME_ADDRESS, 5)),
        frame(58, plain(HOME)),
        frame(60, reply(HOME, 5)),
    ]
    assert moments(stay(HOME), frames, UP).own_ms == 2.0


def test_tunnel_is_not_the_new_path_at_home(frame: FrameMaker) -> None:
    frames = [frame(55, advertisement(HOME)), frame(57, request(HOME, HOME_ADDRESS, 5)), frame(60, reply(HOME, 5))]
    assert moments(stay(HOME), [*frames, frame(61, tunnelled(HOME))], UP).own_ms is None


def test_refused_and_foreign_replies_are_not_the_reply(frame: FrameMaker) -> None:
    frames = [
        frame(203, request(CAFE, "192.0.2.70", 1)),
        frame(210, reply(CAFE, 1, code=133)),
        frame(212, reply(CAFE, 77)),
        frame(1210, request(CAFE, "192.0.2.70", 2)),
        frame(1220, reply(CAFE, 2)),
    ]
    found = moments(stay(CAFE), frames, [*UP, Noted(at(200), "address")])
    assert found.requests == 2
    assert found.registered_ms == 1168.0
    assert found.own_ms is None


def test_repeated_frame_is_one_request(frame: FrameMaker) -> None:
    frames = [frame(203, request(CAFE, "192.0.2.70", 1)), frame(204, request(CAFE, "192.0.2.70", 1))]
    assert moments(stay(CAFE), frames, UP).requests == 1


def test_what_a_person_asked_for_later_is_not_counted(frame: FrameMaker) -> None:
    frames = [frame(203, request(CAFE, "192.0.2.70", 1)), frame(903, request(CAFE, "192.0.2.70", 2))]
    assert moments(stay(CAFE), frames, UP, until=at(800)).requests == 1


def test_news_and_frames_of_other_stays_do_not_count(frame: FrameMaker) -> None:
    frames = [frame(10, request(CAFE, "192.0.2.70", 1)), frame(6000, request(CAFE, "192.0.2.70", 2))]
    found = moments(
        stay(CAFE), frames, [Noted(at(20), "up"), *UP, Noted(at(30), "address"), Noted(at(5001), "address")]
    )
    assert (found.link_up, found.trigger, found.requests) == (at(52), None, 0)
