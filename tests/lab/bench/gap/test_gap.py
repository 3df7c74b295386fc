"""What the gap's figures mean, on streams made by hand."""

from __future__ import annotations

from lab.analysis.numbered import Flow
from lab.bench.figures import MET, NOT_SHOWN
from lab.bench.gap.contenders.ours import Ours
from lab.bench.gap.measure import BOTH, MAKE_BEFORE_BREAK, Cell, first_arrivals, lost_by
from lab.bench.gap.rows import rows

MILLISECOND = 1_000_000


def stream(*arrived: int) -> Flow:
    """Packets 0 to 999, one each ms from 0; those with these numbers arrive half a ms later."""
    sent = [(number, number * MILLISECOND) for number in range(1000)]
    return Flow(sent, [(number, number * MILLISECOND + MILLISECOND // 2) for number in arrived])


def test_the_gap_ends_with_the_first_packet_after_the_address_was_usable() -> None:
    flow = stream(*range(100), *range(150, 1000))
    assert first_arrivals(flow, [120 * MILLISECOND]) == [30.5]


def test_a_packet_that_came_before_the_address_was_usable_ends_no_gap() -> None:
    flow = stream(119, 500)
    assert first_arrivals(flow, [120 * MILLISECOND]) == [380.5]


def test_a_move_that_no_packet_follows_has_no_gap() -> None:
    assert first_arrivals(stream(10), [120 * MILLISECOND]) == []


def test_packets_lost_around_a_switch_are_counted() -> None:
    flow = stream(*(number for number in range(1000) if number not in (290, 301, 302)))
    assert lost_by(flow, 300 * MILLISECOND, 0.5) == 3


def test_one_lost_packet_in_all_switches_is_one_too_many() -> None:
    cell = Cell(Ours.name, MAKE_BEFORE_BREAK, 0.0, lost=[0, 0, 1, 0, 0])
    assert [found.verdict for found in rows(cell)] == [NOT_SHOWN]
    cell.lost = [0] * 5
    assert [found.verdict for found in rows(cell)] == [MET]


def test_ours_may_take_a_round_trip_and_two_milliseconds_down_and_half_of_it_up() -> None:
    cell = Cell(Ours.name, BOTH, 20.0, down=[41.9] * 30, up=[23.0] * 30, round_trip=40.0)
    assert [(found.wanted, found.verdict) for found in rows(cell)] == [("<= 42", MET), ("<= 22", NOT_SHOWN)]


def test_nothing_is_wanted_of_others() -> None:
    assert [found.verdict for found in rows(Cell("OpenVPN", BOTH, 0.0, down=[4000.0] * 30))] == [None]
