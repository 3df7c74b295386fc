"""Packets that overtook the request for their way: they wait a moment at the home agent, and no longer."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from client.core.ipv4 import IPv4Packet
from tests.simulation.timeline import Timeline

MOST = 64
LONGEST = 0.02


class HeldPackets:
    """The oldest first; of what comes when it is full nothing is kept."""

    def __init__(self, timeline: Timeline, dropped: Callable[[], None]) -> None:
        self._timeline = timeline
        self._dropped = dropped
        self._packets: deque[tuple[float, IPv4Packet]] = deque()

    def hold(self, packet: IPv4Packet) -> bool:
        """Keep it for a moment; False if there is no room."""
        self._drop_old()
        if len(self._packets) >= MOST:
            return False
        self._packets.append((self._timeline.now, packet))
        self._timeline.after(LONGEST * 1.01, self._drop_old)
        return True

    def take(self) -> list[IPv4Packet]:
        """All that wait, to be judged again."""
        self._drop_old()
        taken = [packet for _, packet in self._packets]
        self._packets.clear()
        return taken

    def _drop_old(self) -> None:
        while self._packets and self._timeline.now - self._packets[0][0] > LONGEST:
            self._packets.popleft()
            self._dropped()
