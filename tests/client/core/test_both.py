"""Two machines in one world: events go to both, plans and deadlines become one, memories are taken apart again."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import fields, replace
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.both import Both, memories, merged
from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage
from client.core.icmp6 import Icmp6Message
from client.core.machine import NEVER, Event, Output, Send, Send6, Timeout
from client.core.plan import ANCHOR, Anchor, MobilityHeaders, Plan, Route, Table

HOME4, HOME6 = IPv4Address("198.51.100.23"), IPv6Address("2001:db8:1::23")
PEER4, PEER6 = IPv4Address("192.0.2.1"), IPv6Address("2001:db8:3::99")
HELLO4 = Send(packet=IcmpMessage(type=8).packet(HOME4, PEER4))
HELLO6 = Send6(packet=Icmp6Message(type=128).packet(HOME6, PEER6))

BEFORE4 = Route(destination=IPv4Network("192.0.2.0/24"), interface=2)
AFTER4 = Route(destination=IPv4Network("0.0.0.0/0"), interface=ANCHOR)
AFTER6 = Route(destination=IPv6Network("::/0"), interface=ANCHOR)
ANCHOR4, ANCHOR6 = Anchor(mtu=1480, address=HOME4), Anchor(mtu=1452, address6=HOME6)


class Recorder:
    """A machine that only remembers: what it was told, and what it shall show."""

    def __init__(self, *outputs: Output, plan: Plan = (), memory: bytes = b"", deadline: float = NEVER) -> None:
        self.outputs, self.items, self.remembered, self.deadline = list(outputs), plan, memory, deadline
        self.heard: list[tuple[Event, float]] = []

    def handle(self, event: Event, now: float) -> list[Output]:
        """Say the same whatever comes."""
        self.heard.append((event, now))
        return self.outputs

    def plan(self) -> Plan:
        """What it shall show."""
        return self.items

    def memory(self) -> bytes:
        """What it shall remember."""
        return self.remembered


def test_every_event_goes_to_both_and_both_answers_come_back() -> None:
    first, second = Recorder(HELLO4), Recorder(HELLO6, HELLO6)
    assert Both(first, second).handle(Timeout(), 7.0) == [HELLO4, HELLO6, HELLO6]
    assert first.heard == second.heard == [(Timeout(), 7.0)]


@pytest.mark.parametrize(("first", "second", "due"), [(3.0, 5.0, 3.0), (5.0, 3.0, 3.0), (NEVER, 9.0, 9.0)])
def test_deadline_is_the_earlier_one(first: float, second: float, due: float) -> None:
    assert Both(Recorder(deadline=first), Recorder(deadline=second)).deadline == due


def test_both_without_deadline_have_none() -> None:
    assert Both(Recorder(), Recorder()).deadline == NEVER


def test_anchors_become_one_and_what_needs_it_stands_behind_it() -> None:
    plan = merged((BEFORE4, ANCHOR4, AFTER4), (MobilityHeaders(), ANCHOR6, AFTER6))
    assert plan == (
        BEFORE4,
        MobilityHeaders(),
        Anchor(mtu=1480, address=HOME4, address6=HOME6),
        AFTER4,
        replace(AFTER6, mtu=1452),
    )


@pytest.mark.parametrize("turned", [False, True])
def test_no_field_of_an_anchor_is_lost(turned: bool) -> None:
    full = Anchor(mtu=1480, address=HOME4, broadcast=IPv4Address("198.51.100.255"), shortcut=True, address6=HOME6)
    bare = Anchor(mtu=1280)
    assert all(getattr(full, field.name) != getattr(bare, field.name) for field in fields(Anchor))
    plans = ((bare,), (full,)) if turned else ((full,), (bare,))
    assert merged(*plans) == (full,)


def test_only_the_narrower_familys_routes_into_the_anchor_are_limited() -> None:
    other = Route(destination=IPv6Network("2001:db8:7::/64"), interface=2)
    own = Route(destination=IPv6Network("2001:db8:8::/64"), interface=ANCHOR, table=Table.MAIN, mtu=1300)
    plan = merged((ANCHOR4, AFTER4), (ANCHOR6, AFTER6, other, own))
    assert plan[1:] == (AFTER4, replace(AFTER6, mtu=1452), other, own)


@pytest.mark.parametrize(
    ("first", "second"),
    [((), ()), ((BEFORE4,), (MobilityHeaders(),)), ((ANCHOR4, AFTER4), ()), ((), (MobilityHeaders(), ANCHOR6, AFTER6))],
)
def test_plans_with_less_than_two_anchors_stand_one_behind_the_other(first: Plan, second: Plan) -> None:
    assert merged(first, second) == (*first, *second)


def test_plan_is_the_very_same_object_while_neither_changes() -> None:
    first, second = Recorder(plan=(ANCHOR4, AFTER4)), Recorder(plan=(ANCHOR6, AFTER6))
    both = Both(first, second)
    before = both.plan()
    assert both.plan() is before
    second.items = (ANCHOR6,)
    assert both.plan() == merged((ANCHOR4, AFTER4), (ANCHOR6,))
    first.items = ()
    assert both.plan() == (ANCHOR6,)


def test_plan_of_two_that_want_nothing_is_empty() -> None:
    assert Both(Recorder(), Recorder()).plan() == ()


@given(st.binary(max_size=40), st.binary(max_size=40))
def test_memories_are_taken_apart_as_they_were(first: bytes, second: bytes) -> None:
    memory = Both(Recorder(memory=first), Recorder(memory=second)).memory()
    assert memories(memory) == (first, second)


def test_two_that_remember_nothing_need_no_file() -> None:
    assert Both(Recorder(), Recorder()).memory() == b""
    assert memories(b"") == (b"", b"")


def test_memory_of_one_alone_is_the_first_ones() -> None:
    assert memories(b'{"offset": 1}') == (b'{"offset": 1}', b"")


@pytest.mark.parametrize("length", range(4, 13))
def test_memory_that_is_cut_short_is_refused(length: int) -> None:
    memory = Both(Recorder(memory=b"first"), Recorder()).memory()
    with pytest.raises(DecodeError):
        memories(memory[:length])


@given(st.binary(max_size=40))
def test_any_memory_is_read_or_refused(memory: bytes) -> None:
    with suppress(DecodeError):
        memories(b"both" + memory)
