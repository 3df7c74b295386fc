"""A mobile node and a correspondent on a wire that loses, delays and doubles; somebody else records and plays again.

Both ends are ours, so this proves no byte: only that they come to agree, and what never happens on the way.
"""

from __future__ import annotations

import heapq
import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv6Address
from typing import TypeVar

import pytest

from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Correspondence, Heard6, LinksChanged, Output, Send6, Timeout
from client.core.plan import ANCHOR, Tunnel
from mipv6.attachment import Attachment
from mipv6.correspondent_node import CorrespondentNode
from mipv6.correspondent_settings import CorrespondentSettings
from mipv6.correspondents import Correspondents
from mipv6.path_policy import PathPolicy
from tests.mipv6.headers import CORRESPONDENT, HOME, HOME_AGENT
from tests.mipv6.return_routability_by_hand import LINK, dice, links

T = TypeVar("T")

PLACES = [IPv6Address(f"2001:db8:{number}::7") for number in range(0x20, 0x24)]
QUIET = 100.0
"""Seconds without faults after which both must agree: a rest of 60 s and a procedure."""


@dataclass
class World:
    """Two ends, one wire, and an adversary who hears all of it."""

    seed: int
    loss: float = 0.0
    now: float = 0.0
    place: IPv6Address = PLACES[0]
    recorded: list[Heard6] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.throw = dice(self.seed + 1000)
        self.counters: Counter[str] = Counter()
        self.mobile = Correspondents(HOME, PathPolicy(), dice(self.seed), self.counters)
        self.restart_correspondent()
        self.events: list[tuple[float, int, bool, Heard6]] = []
        self.number = itertools.count()
        self.move(self.place)

    def choose(self, among: Sequence[T]) -> T:
        """Any of them, the same ones in each run."""
        return among[int(self.throw() * len(among))]

    def restart_correspondent(self) -> None:
        """It forgets all."""
        self.other = CorrespondentNode(CorrespondentSettings(), dice(self.seed + 1 + int(self.now * 10)))
        self.other.handle(LinksChanged(links()), self.now)

    def move(self, place: IPv6Address) -> None:
        """The home agent knows at once."""
        self.place = place
        at_home = place == HOME
        here = Attachment(
            care_of_address=place,
            interface=LINK,
            home_agent=HOME_AGENT,
            confirmed=True,
            expires_at=NEVER if at_home else 1e6,
        )
        self.post(self.mobile.attach(here, self.now), to_mobile=False)

    def post(self, outputs: Sequence[Output], *, to_mobile: bool) -> None:
        """Put what was said on the wire."""
        for output in outputs:
            assert isinstance(output, Send6)
            packet = output.packet
            tunnelled = to_mobile and packet.destination == HOME and self.place != HOME
            heard = Heard6(packet=packet, interface=ANCHOR if tunnelled else LINK)
            self.recorded.append(heard)
            for _ in range(1 + (self.throw() < self.loss / 4)):
                if self.throw() >= self.loss:
                    delay = 0.02 + self.throw() * (0.05 + self.loss)
                    heapq.heappush(self.events, (self.now + delay, next(self.number), to_mobile, heard))

    def run(self, until: float, *, traffic: bool = True) -> None:
        """Programs talk four times a second."""
        while self.now < until:
            tick = (int(self.now * 4) + 1) / 4
            first = self.events[0][0] if self.events else NEVER
            self.now = min(max(self.now, min(first, self.mobile.deadline, self.other.deadline)), tick)
            self._deliver()
            if self.now >= self.mobile.deadline:
                self.post(self.mobile.timeout(self.now), to_mobile=False)
            if self.now >= self.other.deadline:
                self.post(self.other.handle(Timeout(), self.now), to_mobile=True)
            if traffic and self.now == tick:
                self._talk()
            self._check()

    def _deliver(self) -> None:
        while self.events and self.events[0][0] <= self.now:
            _, _, to_mobile, heard = heapq.heappop(self.events)
            if not to_mobile:
                self.post(self.other.handle(heard, self.now), to_mobile=True)
            elif heard.packet.destination in (self.place, HOME):
                self.post(self.mobile.hear(heard, self.now), to_mobile=False)

    def _talk(self) -> None:
        """Five packets go and five come; directly, where the other end sends to where we are."""
        came = 5 if self.bound == self.place else 0
        self.post(
            self.mobile.correspondence(Correspondence({CORRESPONDENT: 10}, {CORRESPONDENT: came}), self.now),
            to_mobile=False,
        )
        if self.direct is not None and self.direct != self.bound:
            error = Heard6(packet=self._program_packet(self.direct), interface=LINK)
            self.post(self.other.handle(error, self.now), to_mobile=True)

    def _program_packet(self, source: IPv6Address) -> IPv6Packet:
        return IPv6Packet(source=source, destination=CORRESPONDENT, next_header=6, payload=bytes(20), home_address=HOME)

    def play_again(self) -> None:
        """The adversary plays all that it has heard to both, in any order."""
        for heard in [self.choose(self.recorded) for _ in range(200)]:
            for to_mobile in (False, True):
                heapq.heappush(self.events, (self.now, next(self.number), to_mobile, heard))

    @property
    def direct(self) -> IPv6Address | None:
        """Where the mobile node sends directly from."""
        return next((_local(tunnel) for tunnel in self.mobile.tunnels() if tunnel.sends), None)

    @property
    def bound(self) -> IPv6Address | None:
        """Where the correspondent sends to."""
        return next((binding.care_of_address for binding in self.other.bindings), None)

    def _check(self) -> None:
        assert self.direct in (None, self.place)
        assert self.bound in (None, *PLACES)
        for binding in self.other.bindings:
            assert binding.expires_at <= self.now + 420
        for tunnel in self.mobile.tunnels():
            assert isinstance(tunnel, Tunnel)


def _local(tunnel: Tunnel) -> IPv6Address:
    assert isinstance(tunnel.local, IPv6Address)
    return tunnel.local


@pytest.mark.parametrize("seed", range(12))
def test_after_any_trouble_both_agree_on_where_the_mobile_node_is(seed: int) -> None:
    """Losses up to half of all packets, moves, restarts of the correspondent; then peace."""
    world = World(seed, loss=seed % 6 / 10)
    for _ in range(12):
        world.run(world.now + world.choose((0.5, 5.0, 40.0, 250.0)))
        match world.choose(range(4)):
            case 0:
                world.restart_correspondent()
            case 1:
                world.move(HOME)
            case _:
                world.move(world.choose(PLACES))
    world.loss = 0.0
    world.move(PLACES[1])
    world.run(world.now + QUIET)
    assert (world.direct, world.bound) == (PLACES[1], PLACES[1])
    world.move(HOME)
    world.run(world.now + QUIET, traffic=False)
    assert (world.direct, world.bound, world.mobile.tunnels()) == (None, None, ())


@pytest.mark.rfc("6275", "5.2.8")
@pytest.mark.parametrize("seed", range(6))
def test_what_was_recorded_binds_nothing_when_it_is_played_again(seed: int) -> None:
    """A binding that was deleted stays so, at once and later; one that stands is not led back."""
    world = World(seed)
    for place in (PLACES[1], PLACES[2], PLACES[0]):
        world.run(world.now + 3.0)
        world.move(place)
    world.run(world.now + 3.0)
    world.play_again()
    world.run(world.now + 0.1, traffic=False)
    assert world.bound == PLACES[0]
    world.move(HOME)
    world.run(world.now + 3.0, traffic=False)
    for pause in (0.1, 100.0, 150.0):
        world.play_again()
        world.run(world.now + pause, traffic=False)
        assert world.bound is None


def test_a_direct_path_stands_after_one_round_trip_by_home_and_one_direct() -> None:
    """Six messages: tests side by side, then the update and its acknowledgement."""
    world = World(1)
    world.run(2.0)
    assert world.direct == PLACES[0]
    assert [heard.packet.payload[2] for heard in world.recorded] in ([1, 2, 3, 4, 5, 6], [1, 2, 4, 3, 5, 6])
