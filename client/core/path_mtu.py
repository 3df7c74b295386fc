"""The longest packet that comes through a tunnel and back, found by trying (RFC 4821 and RFC 8899 in spirit, RFC 1191).

    search = PathSearch(random)
    search.begin(path, limit, now, tunnel=tunnel, round_trip=proof.round_trip)  # at each proof; the same again: nothing
    search.hear(packet, interface, link_layer_source, now)                      # echo replies that were not Proof's
    search.traffic(event.sent_bytes, event.received_bytes, now)                 # at each Traffic
    search.learn(event.remote, event.mtu, now)                                  # at each PathMtuLearnt
    search.end()                                                                # no path: a move, home, a pause
    mtu = search.mtu or limit                                                   # of the anchor and the tunnel

A probe is an ICMP echo request that may not be fragmented, from the home address to the home agent as those of
`Proof`, padded to the size in question. Where we send into a tunnel of ours it goes in an outer packet of our own
making, past the anchor, so that longer packets than `mtu` are tried while programs' packets stay as short as is
known to be good. Long packets cost: they go at a new path, ten minutes after a search that found less than the links
allow, after an ICMP error, and when a flow of bytes has stopped, which is how a new black hole looks.
"""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from client.core.flow import FlowWatch
from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Random, Send
from client.core.path_mtu_probe import OUTER_SIZES, Probes, Way
from client.core.paths import Path4
from client.core.plan import Tunnel

TRIES = 3
SHORTEST_WAIT, LONGEST_WAIT = 0.2, 0.8
"""Seconds between tries: two measured round trips and a tenth within these, so that a search ends within 2.4 s."""

RAISE = 600.0
"""Seconds after which longer packets are tried again (RFC 8899 §5.1.1: PMTU_RAISE_TIMER)."""

UNDECIDED = 10.0
"""Seconds until the next search when nothing at all came back, doubled each time; and how late an answer counts."""

SUSPICION_GAP = 3.0
"""Seconds between two searches because a flow has stopped."""


class PathSearch:
    """Tries sizes; `mtu` is the longest inner packet in bytes that is known to pass, None while nothing is known."""

    def __init__(self, random: Random) -> None:
        self._probes = Probes(random)
        self._flows = FlowWatch(), FlowWatch()  # outwards, inwards
        self._suspected_at = -NEVER
        self._forget()

    def _forget(self) -> None:
        self.mtu: int | None = None
        self._way: Way | None = None
        self._wait = LONGEST_WAIT
        self._sizes: tuple[int, ...] = ()  # of the search under way, the longest first
        self._best: int | None = None  # of these, the longest that was answered
        self._tries = 0  # 0: no search is under way
        self._next_at = NEVER
        self._raise_at = NEVER
        self._undecided = UNDECIDED
        self._probes.forget(before=NEVER)

    @property
    def deadline(self) -> float:
        """When the next try, the end of a search, or a new search is due."""
        if self._way is None:
            return NEVER
        flows = (flow.deadline for flow in self._flows)
        return min(self._next_at, *flows, NEVER if self.searching else self._raise_at)

    @property
    def searching(self) -> bool:
        """Is a search under way?"""
        return self._tries > 0

    def begin(
        self, path: Path4, limit: int, now: float, *, tunnel: Tunnel | None = None, round_trip: float | None = None
    ) -> list[Send]:
        """This path is proven, and its links allow inner packets of `limit` bytes: look whether they pass.

        `tunnel`: ours, if we send into it; None where packets leave plainly (a foreign agent, triangle routing).
        """
        way = Way(path=path, limit=limit, tunnel=tunnel and replace(tunnel, mtu=None, copy=0, broadcast=None))
        if way == self._way:
            return []
        self._forget()
        self._way = way
        if round_trip is not None:
            self._wait = _wait(round_trip)
        return self._search(way, way.sizes(limit), now)

    def end(self) -> None:
        """There is no path."""
        self._forget()

    def learn(self, remote: IPv4Address, mtu: int, now: float) -> list[Send]:
        """A router says that outer packets to `remote` may have `mtu` bytes: that is obeyed at once, then tried."""
        way = self._way
        if way is None or way.tunnel is None or way.tunnel.remote != remote:
            return []
        inner = max(mtu, OUTER_SIZES[-1]) - way.overhead
        if inner >= (self.mtu or way.limit):
            return []
        self.mtu = inner
        return self._search(way, way.sizes(inner), now)

    def traffic(self, sent_bytes: int, received_bytes: int, now: float) -> list[Send]:
        """So many bytes were sent and received in all: if a flow has stopped, its long packets may be swallowed."""
        stopped = [flow.tell(total, now) for flow, total in zip(self._flows, (sent_bytes, received_bytes), strict=True)]
        return self._suspect(now) if any(stopped) else []

    def _suspect(self, now: float) -> list[Send]:
        way = self._way
        if way is None or self.searching or now < self._suspected_at + SUSPICION_GAP:
            return []
        self._suspected_at = now
        return self._search(way, way.sizes(self.mtu or way.limit), now)

    def hear(self, packet: IPv4Packet, interface: int, link_layer_source: bytes, now: float) -> bool:
        """Is this the answer to a probe of ours, by the right way? Then its size passes, however late it comes."""
        way = self._way
        found = self._probes.answered(way, packet, interface, link_layer_source) if way else None
        if way is None or found is None:
            return False
        size, sent_at = found
        self._wait = _wait(now - sent_at)
        self._best = max(size, self._best or 0)
        if size >= (self._sizes[0] if self.searching else self.mtu or 0):
            self._settle(way, size, now)
        return True

    def timeout(self, now: float) -> list[Send]:
        """The deadline: try again, settle, or search anew."""
        way = self._way
        if way is None:
            return []
        silent = [flow.is_silent(now) for flow in self._flows]
        outputs = self._suspect(now) if any(silent) else []
        if now >= self._next_at:
            outputs += self._go_on(way, now) if self.searching else self._search(way, self._sizes, now)
        if now >= self._raise_at and not self.searching:
            self._raise_at = NEVER
            outputs += self._search(way, way.sizes(way.limit, self.mtu or 0), now)
        return outputs

    def _search(self, way: Way, sizes: tuple[int, ...], now: float) -> list[Send]:
        self._sizes, self._best, self._tries, self._next_at = sizes, None, 1, now + self._wait
        self._probes.forget(before=now - UNDECIDED)
        return [self._probes.make(way, sizes[0], now)]

    def _go_on(self, way: Way, now: float) -> list[Send]:
        """A try is over: what was answered twice while longer ones were not is good enough until they are."""
        if self._tries > 1 and self._best is not None:
            self.mtu = self._best
        if self._tries >= TRIES:
            return self._conclude(way, now)
        self._tries += 1
        self._next_at = now + self._wait
        return [self._probes.make(way, size, now) for size in self._sizes if size > (self._best or 0)]

    def _conclude(self, way: Way, now: float) -> list[Send]:
        if self._best is not None:
            self._settle(way, self._best, now)
            return []
        if self._sizes[0] > self._sizes[-1] == self.mtu and way.sizes(self.mtu)[1:]:
            return self._search(way, way.sizes(self.mtu), now)  # what was good is not so any more
        self._tries = 0
        self._next_at = now + self._undecided if self.mtu is None else NEVER
        self._undecided = min(self._undecided * 2, RAISE)
        self._raise_later(way, now)
        return []

    def _settle(self, way: Way, size: int, now: float) -> None:
        self.mtu, self._tries, self._next_at, self._undecided = size, 0, NEVER, UNDECIDED
        self._raise_later(way, now)

    def _raise_later(self, way: Way, now: float) -> None:
        if (self.mtu or way.limit) >= way.limit:
            self._raise_at = NEVER
        elif self._raise_at == NEVER:
            self._raise_at = now + RAISE


def _wait(round_trip: float) -> float:
    return min(max(2 * round_trip + 0.1, SHORTEST_WAIT), LONGEST_WAIT)
