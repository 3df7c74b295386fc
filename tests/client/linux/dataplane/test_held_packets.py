"""Packets that overtook their request wait, not long and not many."""

from __future__ import annotations

import asyncio
import time

from client.core.plan import Encapsulation
from client.linux.dataplane.exits import WAYS
from client.linux.dataplane.held_packets import LONGEST, MOST, MOST_OF_ALL, Held, HeldPackets

HOME, OTHER = b"home", b"othr"


def packet(number: int) -> Held:
    return Held(WAYS[Encapsulation.IPIP], b"path", 0, number.to_bytes(2, "big"))


def nobody(_: Held) -> None:
    """Nothing is given up so soon."""


def hold(numbers: range) -> tuple[int, HeldPackets]:
    held = HeldPackets(nobody)
    return sum(held.hold(HOME, packet(number)) for number in numbers), held


def test_they_go_on_in_order_and_only_those_that_fit() -> None:
    async def scene() -> tuple[list[bytes], list[bytes]]:
        _, held = hold(range(6))
        even = held.take(HOME, lambda each: each.packet[1] % 2 == 0)
        rest = held.take(HOME, lambda each: True)
        held.close()
        return [each.packet for each in even], [each.packet for each in rest]

    even, rest = asyncio.run(scene())
    assert even == [bytes([0, number]) for number in (0, 2, 4)]
    assert rest == [bytes([0, number]) for number in (1, 3, 5)]


def test_no_more_wait_than_there_is_room_for() -> None:
    async def scene() -> tuple[int, bool]:
        taken, held = hold(range(MOST + 10))
        other = held.hold(OTHER, packet(1))
        held.close()
        return taken, other

    assert asyncio.run(scene()) == (MOST, True)


def test_all_together_are_bounded_too() -> None:
    async def scene() -> int:
        _, held = hold(range(0))
        count = sum(held.hold(bytes([number % 250]), packet(number)) for number in range(2 * MOST_OF_ALL))
        held.close()
        return count

    assert asyncio.run(scene()) == MOST_OF_ALL


def test_who_waits_too_long_is_given_up_and_makes_room() -> None:
    async def scene() -> tuple[list[int], float, list[Held], bool]:
        begun = time.monotonic()
        given_up: list[int] = []
        all_gone = asyncio.Event()

        def give_up(each: Held) -> None:
            given_up.append(int.from_bytes(each.packet, "big"))
            if len(given_up) == MOST:
                all_gone.set()

        held = HeldPackets(give_up)
        for number in range(MOST):
            held.hold(HOME, packet(number))
        await asyncio.wait_for(all_gone.wait(), 5)
        waited = time.monotonic() - begun
        left = held.take(HOME, lambda each: True)
        again = held.hold(HOME, packet(7))
        held.close()
        return given_up, waited, left, again

    given_up, waited, left, again = asyncio.run(scene())
    assert given_up == list(range(MOST))
    assert LONGEST <= waited < LONGEST + 0.5
    assert (left, again) == ([], True)
