"""The sequence numbers of home registrations, over restarts (RFC 6275 §11.7.1)."""

from __future__ import annotations

import pytest

from mipv6.home_sequence import HomeSequence

USED = 300


class Disk:
    """What a driver does: it stores what differs from what the daemon started with, before anything is sent."""

    def __init__(self) -> None:
        self.stored: object = None

    def run(self, count: int) -> list[int]:
        """A daemon's life: its numbers."""
        sequence = HomeSequence()
        sequence.restore(self.stored)
        known, numbers = sequence.reserved, []
        for _ in range(count):
            numbers.append(sequence.next())
            if sequence.reserved != known:
                self.stored = known = sequence.reserved
        return numbers


@pytest.mark.rfc("6275", "11.7.1")
@pytest.mark.parametrize("lives", [(1, 1, 1), (3, USED, 1, USED, 2), (256, 1, 256, 1), (257, 1)])
def test_no_number_comes_again_however_often_the_daemon_is_killed(lives: tuple[int, ...]) -> None:
    """Also when it is killed right after its first update, or soon after a restart."""
    disk = Disk()
    numbers = [number for count in lives for number in disk.run(count)]
    assert len(set(numbers)) == len(numbers) == sum(lives)


@pytest.mark.rfc("6275", "11.7.3")
def test_the_number_after_status_135_follows_the_home_agents() -> None:
    """And it is followed by the next one, over the end of 16 bits, too."""
    sequence = HomeSequence(last=0xFF00, reserved=0xFF00)
    assert sequence.take(0xFFFE)
    assert [sequence.next() for _ in range(3)] == [0xFFFF, 0, 1]


@pytest.mark.rfc("6275", "11.7.3")
@pytest.mark.parametrize(
    ("ours", "theirs", "ahead"), [(5, 5, True), (5, 4, False), (1, 0xFFFF, False), (0xFFFF, 1, True)]
)
def test_only_a_number_that_is_not_behind_ours_is_taken(ours: int, theirs: int, *, ahead: bool) -> None:
    sequence = HomeSequence(last=ours, reserved=ours)
    assert sequence.take(theirs) is ahead
    assert sequence.last == (theirs if ahead else ours)


def test_what_is_stored_is_never_behind_what_is_used() -> None:
    """So that a restart goes on behind it."""
    sequence = HomeSequence()
    for _ in range(3 * USED):
        number = sequence.next()
        assert 0 <= sequence.reserved - number <= 256
