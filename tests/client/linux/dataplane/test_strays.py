"""Which packets of an unknown home address the machine hears, and how many (RFC 6275 §9.3.1)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv6 import IPv6Packet
from client.core.machine import Heard6
from client.linux.dataplane.strays import Strays
from client.linux.packet_socket import Frame

CARE_OF, PEER, HOME = (IPv6Address(f"2001:db8::{last}") for last in (1, 2, 3))


def frame(data: bytes, interface: int = 7) -> Frame:
    return Frame(data=data, interface=interface, name="eth0", link_layer_source=b"\x02llsrc", unicast=True)


def packet(next_header: int = 6, home_address: IPv6Address | None = HOME) -> IPv6Packet:
    return IPv6Packet(
        source=CARE_OF, destination=PEER, next_header=next_header, payload=bytes(20), home_address=home_address
    )


def listening() -> tuple[Strays, list[Heard6], Counter[str]]:
    heard: list[Heard6] = []
    counters: Counter[str] = Counter()
    strays = Strays(counters, lambda: 0.0)
    strays.listen(heard.append)
    return strays, heard, counters


def test_a_programs_packet_is_heard_as_it_came() -> None:
    strays, heard, _ = listening()
    strays.offer(frame(packet().pack()))
    assert heard == [Heard6(packet=packet(), interface=7, link_layer_source=b"\x02llsrc", unicast=True)]


@pytest.mark.parametrize(
    "data",
    [packet(135).pack(), packet(58).pack(), packet(home_address=None).pack(), packet().pack()[:50], b""],
    ids=["mobility header", "ICMPv6", "no home address", "cut short", "empty"],
)
def test_what_is_heard_anyhow_or_is_no_such_packet_is_not(data: bytes) -> None:
    strays, heard, _ = listening()
    strays.offer(frame(data))
    assert heard == []


def test_a_flood_is_not_heard_to_its_end() -> None:
    strays, heard, counters = listening()
    for _ in range(80):
        strays.offer(frame(packet().pack()))
    assert (len(heard), counters["strays_not_heard"]) == (50, 30)


def test_nobody_listens_nobody_hears() -> None:
    strays, heard, counters = listening()
    strays.listen(None)
    strays.offer(frame(packet().pack()))
    assert (heard, counters) == ([], {})


@given(st.binary(max_size=200))
def test_any_bytes_are_taken(data: bytes) -> None:
    strays, heard, _ = listening()
    strays.offer(frame(b"\x60" + data))
    assert len(heard) <= 1
