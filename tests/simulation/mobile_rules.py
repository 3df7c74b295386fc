"""What RFC 5944 allows a mobile node: invariants I1, I3, I4 and the other half of I5."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass

from client.core.ipv4 import IPv4Packet
from client.core.plan import Encapsulation, End, Neighbour, Plan, Tunnel
from tests.simulation.journal import Journal
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.wire import Datagram, Key, Reply, Request, read_reply, read_request

LOW = 0xFFFF_FFFF
CO_LOCATED = 0x20  # the D bit
REVERSE_TUNNEL = 0x02  # the T bit
GRE, MINIMAL = 0x08, 0x10
MOMENT = 0.01
SHORTEST_GAP = 1.0
SOLICITATION_WINDOW = 10.0
Visit = tuple[int, int]
"""A card, and how often it has come up."""


@dataclass(frozen=True, slots=True)
class Agreed:
    """What the home agent agreed to, as the wire said it."""

    request: Request
    sent_at: float
    granted: int
    udp: bool = False

    @property
    def encapsulation(self) -> Encapsulation:
        """As the bits asked for it, and as the home agent found a NAT (RFC 3519 §3.2)."""
        if self.udp:
            return Encapsulation.UDP
        if self.request.flags & MINIMAL:
            return Encapsulation.MINIMAL
        return Encapsulation.GRE if self.request.flags & GRE else Encapsulation.IPIP

    @property
    def expires(self) -> float:
        """A lifetime after the request was sent (§3.6.2.2)."""
        return self.sent_at + self.granted


class MobileRules:
    """Follows the registrations of one mobile node."""

    def __init__(
        self,
        home_address: bytes,
        keys: tuple[Key, ...],
        timeline: Timeline,
        journal: Journal,
        granted_until: Callable[[int], float | None],
    ) -> None:
        self._home = home_address
        self._keys = keys
        self._timeline = timeline
        self._journal = journal
        self._granted_until = granted_until
        self._resynchronised = False
        self._last_sent = 0
        self._last_accepted = 0
        self._sent: deque[float] = deque(maxlen=2)
        self._moved_at = 0.0
        self._card = 2
        self._agreed: deque[Agreed] = deque(maxlen=20)
        self._solicited: defaultdict[int, deque[float]] = defaultdict(deque)
        self._moves: deque[float] = deque(maxlen=100)
        self.latest: Request | None = None
        self.latest_at = 0.0
        self.latest_through_agent = False
        self.agreed: Agreed | None = None
        self.requests = 0
        self._announced: Visit = (-1, 0)
        self.home_heard: Visit = (-1, 0)  # when the home agent advertised last

    @property
    def asking(self) -> bool:
        """Is a request on its way that nothing has answered?"""
        return self.latest is not None

    def started(self) -> None:
        """A new daemon knows nothing of the old one's requests, but the highest identification accepted."""
        self.latest = None
        self.agreed = None
        self._agreed.clear()
        self._last_sent, self._resynchronised = self._last_accepted, False

    def moved(self) -> None:
        """The world knows that the link really changed."""
        self._moved_at = self._timeline.now
        self._moves.append(self._timeline.now)

    def announced(self, visit: Visit) -> None:
        """A gratuitous ARP for the home address goes out on this visit to a link."""
        self._announced = visit

    def deregistered(self, visit: Visit) -> None:
        """Home again, and told so by the home agent: the gratuitous ARP goes before the deregistration (§4.6)."""
        told = self._announced == visit or self.home_heard != visit
        self._journal.check("4.6", told, "deregistered at home before telling the link by gratuitous ARP")

    def sent(self, datagram: Datagram, ttl: int, card: int = 2) -> None:
        """A request leaves by this card."""
        request = read_request(datagram, self._keys)
        if request is None:
            return
        self.requests += 1
        self._journal.check("I1", request.authentic, "a request without a right authenticator")
        rising = request.identification > self._last_sent
        self._journal.check("I3", rising or self._resynchronised, "an identification below one already sent")
        through_agent = datagram.destination != request.home_agent
        words = "a request for a reverse tunnel through an agent with a TTL other than 255 (RFC 3024 §4.1.1)"
        self._journal.check("TTL", ttl == 255 or not through_agent or not request.flags & REVERSE_TUNNEL, words)
        self._check_pace(card)
        self._last_sent, self._resynchronised = request.identification, False
        self.latest, self.latest_at = request, self._timeline.now
        self.latest_through_agent = through_agent

    def _check_pace(self, card: int) -> None:
        """A second between two requests, but for one at once after a move, which may be to the other card (§3.6)."""
        now = self._timeline.now
        times = list(self._sent)
        early = bool(times) and now - times[-1] < SHORTEST_GAP - MOMENT
        moved = bool(times) and (self._moved_at >= times[-1] or card != self._card)
        self._journal.check("I4", not early or moved, "two requests within a second, and no move between them")
        burst = len(times) == 2 and now - times[0] < SHORTEST_GAP - MOMENT
        self._journal.check("I4", not burst, "three requests within a second")
        self._sent.append(now)
        self._card = card

    def solicited(self, packet: IPv4Packet, card: int = 2) -> None:
        """A solicitation leaves by this card (§2.4): one a second on average, and one at once for each move."""
        now = self._timeline.now
        self._journal.check("TTL", packet.ttl == 1, "a solicitation with a TTL other than 1")
        solicited = self._solicited[card]
        solicited.append(now)
        while solicited[0] <= now - SOLICITATION_WINDOW:
            solicited.popleft()
        moves = sum(move > now - SOLICITATION_WINDOW for move in self._moves)
        allowed = SOLICITATION_WINDOW + 1 + moves
        self._journal.check("I4", len(solicited) <= allowed, "more than one solicitation a second")

    def heard(self, datagram: Datagram) -> None:
        """A reply arrives; only an authentic one to the latest request counts (§3.6.2.1)."""
        reply = read_reply(datagram, self._keys)
        latest = self.latest
        if reply is None or latest is None or not reply.authentic:
            return
        if (reply.identification ^ latest.identification) & LOW == 0 and reply.home_address == self._home:
            self._answered(latest, reply)

    def _answered(self, request: Request, reply: Reply) -> None:
        self._journal.note(f"mobile node may believe {reply.code}")
        self.latest = None
        if reply.code == 133:
            self._resynchronised = True
            self._last_accepted = 0
        elif reply.code in (0, 1):
            self._last_accepted = request.identification
            if request.lifetime or request.care_of_address == self._home:
                self._agree(Agreed(request, self.latest_at, min(reply.lifetime, request.lifetime), reply.udp))
            else:
                self._forget(request.care_of_address)

    def _agree(self, agreed: Agreed) -> None:
        self.agreed = agreed
        self._agreed.append(agreed)

    def _forget(self, care_of_address: bytes) -> None:
        """One care-of address alone is given up (§3.8.2.2)."""
        kept = [one for one in self._agreed if one.request.care_of_address != care_of_address]
        self._agreed = deque(kept, self._agreed.maxlen)

    def believes(self, care_of_address: bytes, expires: float) -> None:
        """The mobile node says until when it is bound: never longer than the home agent thinks."""
        granted = (self._granted_until(one.request.identification) for one in self._agreed_on(care_of_address))
        latest = max((until for until in granted if until is not None), default=0.0)
        late = expires - latest
        self._journal.check("I5", late <= MOMENT, f"the mobile node counts on {late:.2f} s more than were granted")

    def _agreed_on(self, care_of_address: bytes) -> list[Agreed]:
        return [one for one in self._agreed if one.request.care_of_address == care_of_address]

    def planned(self, process: Process, plan: Plan) -> None:
        """Packets go by the way that the home agent agreed to, and not a moment longer."""
        for item in plan:
            if isinstance(item, Tunnel) and item.end is End.MOBILE and item.sends and not self._is_ahead(item):
                agreed = self._agreed_on(item.local.packed)
                fitting = [one for one in agreed if one.encapsulation is item.encapsulation]
                self._check_way(process, fitting, f"the {item.encapsulation.value} tunnel from {item.local}")
            elif isinstance(item, Neighbour):
                fitting = [one for one in self._agreed if not one.request.flags & CO_LOCATED]
                self._check_way(process, fitting, f"the foreign agent {item.address}")

    def _is_ahead(self, tunnel: Tunnel) -> bool:
        """Right behind the request for it: straight to a home agent that has a binding for us, and not answered yet."""
        asked = self.latest
        if asked is None or not asked.lifetime or self.latest_through_agent:
            return False
        straight = asked.flags & CO_LOCATED and asked.flags & REVERSE_TUNNEL
        fits = (tunnel.local.packed, tunnel.remote.packed) == (asked.care_of_address, asked.home_agent)
        lives = any(one.granted and one.expires > self._timeline.now for one in self._agreed)
        self._journal.check("I1", not fits or lives, f"ahead of the first binding from {tunnel.local}")
        return bool(straight) and fits

    def _check_way(self, process: Process, fitting: list[Agreed], way: str) -> None:
        """It need not be the latest that the wire offered: a reply may come when the mobile node aims elsewhere."""
        self._journal.check("I1", bool(fitting), f"{process.name} uses {way}: the home agent never agreed")
        agreed = max(fitting, key=lambda one: one.expires)
        late = self._timeline.now - agreed.expires
        self._journal.check("I5", late <= MOMENT, f"{process.name} uses a binding {late:.2f} s after its end")
        until = self._granted_until(agreed.request.identification)
        self._journal.check("I1", until is not None, "the mobile node believes what the home agent never said")
        if until is not None:
            self._journal.check(
                "I5", agreed.expires <= until + MOMENT, "the mobile node's binding outlives the other's"
            )
