"""What RFC 5944 allows a home agent: invariants I1, I2, I3 and half of I5."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

from client.core.plan import End, Plan, Tunnel
from tests.simulation.journal import Journal
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.wire import NTP_TO_UNIX, Datagram, Key, Reply, Request, read_reply, read_request

TOLERANCE = 7.0
LOW = 0xFFFF_FFFF
MOMENT = 0.01
SIMULTANEOUS = 0x80  # the S bit
GRACE = 2.0
"""Seconds in which packets from the care-of address before may still be taken."""


class HomeRules:
    """Follows the bindings of one home address by what was authentic on the wire."""

    def __init__(self, home_address: bytes, keys: tuple[Key, ...], timeline: Timeline, journal: Journal) -> None:
        self._home = home_address
        self._keys = keys
        self._timeline = timeline
        self._journal = journal
        self._heard: dict[int, tuple[Request, float]] = {}
        self._repeated: Counter[int] = Counter()
        self._accepted: dict[int, float] = {}
        self._fresh: set[int] = set()  # those that the home agent can know to have accepted
        self._last_accepted = 0
        self._ended: dict[bytes, float] = {}
        self.bindings: dict[bytes, float] = {}
        self._remotes: dict[bytes, bytes] = {}  # where the packets of a care-of address go

    def expiry_of(self, identification: int) -> float | None:
        """When the binding ends that the home agent granted to this request."""
        return self._accepted.get(identification)

    def started(self, wall: float, memory: bytes) -> None:
        """A daemon without memory knows no identification; then at least none older than its start may pass (F4)."""
        if not memory:
            self._last_accepted = int((wall + NTP_TO_UNIX) * 2**32) - 1
            self._fresh = {known for known in self._fresh if known <= self._last_accepted}

    def heard(self, datagram: Datagram, wall: float) -> None:
        """A request arrived."""
        request = read_request(datagram, self._keys)
        if request is not None and request.authentic and request.home_address == self._home:
            self._heard[request.identification] = (request, wall)
            self._repeated[request.identification] += 1

    def sent(self, datagram: Datagram, wall: float) -> None:
        """An answer leaves."""
        reply = read_reply(datagram, self._keys)
        if reply is None or reply.home_address != self._home:
            return
        self._journal.note(f"home agent says {reply.code} for {reply.identification:016x}")
        if reply.code in (0, 1):
            self._check_accepted(reply)
        elif reply.code == 133:
            self._check_resynchronisation(reply, wall)

    def _check_accepted(self, reply: Reply) -> None:
        check = self._journal.check
        heard = self._heard.get(reply.identification)
        check("I1", reply.authentic, "an acceptance without a right authenticator")
        check("I1", heard is not None, "accepted what no authentic request asked for")
        if heard is None:
            return
        if reply.identification == self._last_accepted and self._repeated[reply.identification] > 1:
            self._check_repeated(reply)
        else:
            self._check_fresh(reply, *heard)

    def _check_fresh(self, reply: Reply, request: Request, wall: float) -> None:
        check = self._journal.check
        check("I2", reply.identification not in self._fresh, "an identification was accepted twice")
        check("I3", reply.identification > self._last_accepted, "accepted an identification below an accepted one")
        stamp = reply.identification / 2**32 - NTP_TO_UNIX
        check("I2", abs(stamp - wall) <= TOLERANCE + MOMENT, f"accepted a timestamp {stamp - wall:+.2f} s off")
        check("I5", reply.lifetime <= request.lifetime, f"granted {reply.lifetime} of {request.lifetime} s")
        self._last_accepted = reply.identification
        self._fresh.add(reply.identification)
        self._accepted[reply.identification] = self._timeline.now + reply.lifetime
        self._bind(request, reply)

    def _check_repeated(self, reply: Reply) -> None:
        """The same answer to a doubled request accepts nothing anew: it promises no longer than before."""
        ends = self._timeline.now + reply.lifetime
        longer = ends - self._accepted[reply.identification]
        self._journal.check("I5", longer <= MOMENT or reply.lifetime == 0, "a repeated answer grants more time")

    def _bind(self, request: Request, reply: Reply) -> None:
        """One more beside the others with the S bit and code 0, else one alone (§3.8.2.2).

        UDP goes to where the request came from (RFC 3519 §4.6).
        """
        self._ended.update(dict.fromkeys(self._remotes.values(), self._timeline.now))
        care_of_address = request.care_of_address
        if reply.lifetime == 0:
            gone = list(self.bindings) if care_of_address == self._home else [care_of_address]
        else:
            gone = [] if request.flags & SIMULTANEOUS and reply.code == 0 else list(self.bindings)
        for address in gone:
            self.bindings.pop(address, None)
            self._remotes.pop(address, None)
        if reply.lifetime:
            self.bindings[care_of_address] = self._timeline.now + reply.lifetime
            self._remotes[care_of_address] = request.source if reply.udp else care_of_address

    def _expiry_at(self, remote: bytes) -> float | None:
        """When the last binding ends whose packets go there."""
        ends = [self.bindings[address] for address, other in self._remotes.items() if other == remote]
        return max(ends, default=None)

    def _check_resynchronisation(self, reply: Reply, wall: float) -> None:
        check = self._journal.check
        check("I1", reply.authentic, "a 133 without a right authenticator")
        echoed = any(known & LOW == reply.identification & LOW for known in self._heard)
        check("I3", echoed, "a 133 that echoes no request's low 32 bits")
        own = (reply.identification >> 32) - NTP_TO_UNIX
        check("I3", abs(own - wall) <= 1.0 + MOMENT, f"a 133 that tells a time {own - wall:+.2f} s off")

    def planned(self, process: Process, plan: Plan) -> None:
        """The tunnels of the home agent are the bindings, and nothing else; a data plane counts them from 0."""
        tunnels = [
            item
            for item in plan
            if isinstance(item, Tunnel) and item.end is End.HOME and item.home_address == IPv4Address(self._home)
        ]
        for tunnel in tunnels:
            self._check_tunnel(process.name, tunnel)
        copies = sorted(tunnel.copy for tunnel in tunnels if tunnel.sends)
        self._journal.check("I1", copies == list(range(len(copies))), f"{process.name} numbers its tunnels {copies}")

    def _check_tunnel(self, name: str, tunnel: Tunnel) -> None:
        check, now, remote = self._journal.check, self._timeline.now, tunnel.remote.packed
        expires = self._expiry_at(remote)
        if not tunnel.sends:
            since = now - self._ended.get(remote, -1e9)
            check("I1", expires is not None or since <= GRACE + MOMENT, f"{name} still takes from {tunnel.remote}")
            return
        check("I1", expires is not None, f"{name} tunnels to {tunnel.remote}: no binding")
        if expires is not None:
            check("I5", now - expires <= MOMENT, f"{name} keeps a binding {now - expires:.2f} s too long")
