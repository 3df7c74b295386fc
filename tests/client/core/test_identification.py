"""Identifications by timestamp (RFC 5944 §5.7.1)."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.identification import EARLIEST_TIME, LATEST_TIME, Identifications, from_ntp, to_ntp
from tests.client.mipv4.by_hand import NTP_TO_UNIX, WALL

plausible_times = st.floats(EARLIEST_TIME, LATEST_TIME)


def fresh(memory: bytes = b"") -> Identifications:
    """With the least randomness."""
    identifications = Identifications(lambda: 0.0)
    identifications.restore(memory)
    return identifications


def must(identification: int | None) -> int:
    """There is one."""
    assert identification is not None
    return identification


@pytest.mark.rfc("5944", "5.7.1", "ntp")
def test_high_half_is_whole_seconds_since_1900_and_low_half_the_fraction() -> None:
    new_year = datetime(2027, 1, 1, tzinfo=UTC).timestamp()
    identification = to_ntp(new_year + 0.5, lambda: 0.0)
    days = (datetime(2027, 1, 1, tzinfo=UTC) - datetime(1900, 1, 1, tzinfo=UTC)).days
    assert identification >> 32 == days * 86_400
    assert identification & 0xFFFFFFFF == 0x80000000


@pytest.mark.rfc("5944", "5.7.1")
@given(plausible_times)
def test_time_survives_the_way_there_and_back(time: float) -> None:
    assert abs(from_ntp(to_ntp(time, lambda: 0.999)) - time) < 1e-5


@pytest.mark.rfc("5944", "5.7.1", "random-fraction")
def test_bits_below_the_clock_are_random() -> None:
    low, high = to_ntp(WALL, lambda: 0.0), to_ntp(WALL, lambda: 0.999)
    assert 0 < high - low < 2**32 / 2**20


@pytest.mark.rfc("5944", "5.7.1", "rising")
@given(st.lists(plausible_times, min_size=2, max_size=30), st.floats(0, 0.999999))
def test_each_one_is_greater_than_all_before_whatever_the_clock_does(times: list[float], number: float) -> None:
    identifications = Identifications(lambda: number)
    made = [must(identifications.next(time)) for time in times]
    assert made == sorted(set(made))
    assert all(0 < identification < 2**64 for identification in made)


@pytest.mark.parametrize("time", [0.0, EARLIEST_TIME - 1, LATEST_TIME + 1, float("nan"), float("inf"), -1e18])
def test_implausible_clock_makes_none(time: float) -> None:
    assert fresh().next(time) is None


def test_clock_of_the_next_ntp_era_makes_none_since_its_numbers_would_be_smaller() -> None:
    identifications = fresh()
    last = must(identifications.next(LATEST_TIME))
    assert last >> 63 == 1
    assert identifications.next(2**32 - NTP_TO_UNIX + 1.0) is None


def test_floor_is_what_was_accepted_not_what_was_sent() -> None:
    identifications = fresh()
    accepted = must(identifications.next(WALL))
    identifications.accept(accepted)
    identifications.next(WALL + 100)
    assert identifications.floor == accepted
    identifications.accept(accepted - 5)
    assert identifications.floor == accepted


@pytest.mark.rfc("5944", "5.7.1")
@pytest.mark.parametrize("skew", [-3_000_000, -8, 8, 3600, 100_000_000])
def test_resynchronised_time_is_within_a_second_of_the_home_agents(skew: float) -> None:
    identifications = fresh()
    identifications.next(WALL + skew)
    identifications.resynchronise((int(WALL) + NTP_TO_UNIX) << 32 | 0x1234, WALL + skew)
    assert abs(from_ntp(must(identifications.next(WALL + skew + 1))) - (WALL + 1)) <= 1


def test_133_may_lower_what_comes_next_below_what_was_sent_and_the_floor() -> None:
    identifications = fresh()
    ahead = must(identifications.next(WALL + 3600))
    identifications.accept(ahead)
    identifications.resynchronise((int(WALL) + NTP_TO_UNIX) << 32, WALL + 3600)
    assert must(identifications.next(WALL + 3600)) < ahead


def test_133_never_raises_the_floor() -> None:
    identifications = fresh()
    identifications.accept(must(identifications.next(WALL)))
    floor = identifications.floor
    identifications.resynchronise((int(WALL) + NTP_TO_UNIX + 5000) << 32, WALL)
    assert identifications.floor == floor


def test_133_from_a_home_agent_that_lost_its_clock_does_not_silence_us() -> None:
    identifications = fresh()
    identifications.resynchronise((NTP_TO_UNIX + 7) << 32, WALL)
    assert must(identifications.next(WALL)) >> 32 == int(WALL) + NTP_TO_UNIX


def test_offset_that_no_longer_fits_a_clock_that_was_set_right_is_dropped() -> None:
    identifications = fresh(json.dumps({"offset": -300_000_000.0, "floor": 0}).encode())
    assert abs(from_ntp(must(identifications.next(WALL))) - WALL) < 0.001
    assert json.loads(identifications.pack())["offset"] == 0


def test_offset_makes_a_hopeless_clock_good() -> None:
    identifications = fresh(json.dumps({"offset": WALL - 1000.0, "floor": 0}).encode())
    assert abs(from_ntp(must(identifications.next(1000.0))) - WALL) < 0.001


def test_memory_carries_offset_and_floor() -> None:
    before = fresh()
    before.resynchronise((int(WALL) + NTP_TO_UNIX) << 32, WALL - 50)
    before.accept(must(before.next(WALL - 50)))
    after = fresh(before.pack())
    assert (after.offset, after.floor) == (before.offset, before.floor)
    assert must(after.next(WALL - 60)) > before.floor


HIGH = (int(WALL) + NTP_TO_UNIX) << 32


@pytest.mark.parametrize(
    "memory",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b"\xff\xfe",
        b'{"offset": 1}',
        b'{"offset": "x", "floor": 1}',
        b'{"offset": NaN, "floor": 0}',
        b'{"offset": Infinity, "floor": 0}',
        b'{"offset": 0, "floor": -1}',
        b'{"offset": 0, "floor": 18446744073709551616}',
        b'{"offset": 0, "floor": 1e400}',
        b'{"offset": null, "floor": null}',
        b"[" * 100_000,
    ],
)
def test_broken_memory_is_no_memory(memory: bytes) -> None:
    identifications = fresh(memory)
    assert (identifications.offset, identifications.floor) == (0.0, 0)
    assert must(identifications.next(WALL)) >> 32 == HIGH >> 32


@given(
    st.binary(max_size=80)
    | st.builds(
        lambda offset, floor: json.dumps({"offset": offset, "floor": floor}).encode(),
        st.floats() | st.integers(),
        st.integers() | st.floats(),
    )
)
def test_any_memory_yields_identifications_of_64_bits_or_none(memory: bytes) -> None:
    made = fresh(memory).next(WALL)
    assert made is None or 0 <= made < 2**64
