from __future__ import annotations

from collections.abc import Callable

from scapy.layers.inet import IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet

from lab.analysis import connection
from lab.analysis.frames import Frame

FrameMaker = Callable[[float, Packet], Frame]
START = 1_800_000_000 * 1_000_000_000
MS = 1_000_000


def from_laptop(source: str = "198.51.100.23", port: int = 40000, **fields: object) -> Packet:
    return Ether() / IP(src=source, dst="203.0.113.80") / TCP(sport=port, dport=80, **fields)


def test_new_data_is_what_the_laptop_acknowledged_in_the_time(frame: FrameMaker) -> None:
    frames = [
        frame(0, from_laptop(flags="S", seq=100)),
        frame(1, from_laptop(flags="A", ack=5000)),
        frame(10, from_laptop(flags="A", ack=6000)),
        frame(20, from_laptop(flags="A", ack=5500)),  # an old one, overtaken
        frame(30, from_laptop(flags="A", ack=9000)),
    ]
    found = connection.read(frames, 80)
    assert found.problems() == []
    assert found.bytes_between(START + 5 * MS, START + 25 * MS) == 1000
    assert found.bytes_between(START, START + 100 * MS) == 4000


def test_acknowledgements_wrap_around(frame: FrameMaker) -> None:
    numbers = [2**32 - 500, 2**32 - 1, 700]
    frames = [frame(0, from_laptop(flags="S"))]
    frames += [frame(1 + place, from_laptop(flags="A", ack=number)) for place, number in enumerate(numbers)]
    assert connection.read(frames, 80).bytes_between(START, START + 100 * MS) == 1200


def test_second_connection_is_a_problem(frame: FrameMaker) -> None:
    frames = [frame(0, from_laptop(flags="S", seq=1)), frame(9, from_laptop(port=40001, flags="S", seq=2))]
    assert len(connection.read(frames, 80).problems()) == 2


def test_repeated_opening_is_one_connection(frame: FrameMaker) -> None:
    frames = [frame(0, from_laptop(flags="S", seq=1)), frame(1000, from_laptop(flags="S", seq=1))]
    assert connection.read(frames, 80).problems() == []


def test_connection_from_a_care_of_address_is_a_problem(frame: FrameMaker) -> None:
    frames = [frame(0, from_laptop(source="192.0.2.70", flags="S"))]
    [problem] = connection.read(frames, 80).problems()
    assert "192.0.2.70" in problem


def test_no_connection_is_a_problem() -> None:
    assert connection.read([], 80).problems()


def test_packets_of_programs_from_another_address_are_found(frame: FrameMaker) -> None:
    packets = [
        Ether() / IP(src=source, dst="203.0.113.80") / UDP(sport=7001, dport=7002)
        for source in ("198.51.100.23", "192.0.2.9")
    ]
    assert connection.strange_sources([frame(0, packet) for packet in packets], [7002]) == {"192.0.2.9"}
