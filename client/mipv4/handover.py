"""Which ways carry packets in a move: one before the reply, two at once, and the former one for a moment after."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.links import Links
from client.core.machine import NEVER
from client.core.plan import Encapsulation
from client.core.status import Place
from client.mipv4.messages import PORT
from client.mipv4.registration_state import Binding, Way
from client.mipv4.requests import Pending
from client.mipv4.simultaneous import Simultaneous

GRACE = 2.0
"""Seconds for which packets to the former care-of address are still taken: they were under way."""

PATIENCE = 1.0
"""Seconds without a reply after which packets go back to the way that is agreed on, if it is still there."""


@dataclass(frozen=True, slots=True)
class _Ahead:
    way: Way
    since: float


class Handover:
    """Looks at the binding and at the request on its way after each event; what it holds are the ways of the plan."""

    def __init__(self) -> None:
        self.simultaneous = Simultaneous()
        self._binding: Binding | None = None
        self._ahead: _Ahead | None = None
        self._is_patient = False
        self._former: tuple[tuple[Way, float], ...] = ()
        self.deadline = NEVER

    @property
    def sending(self) -> tuple[Way, ...]:
        """The ways for packets from the home address; the first one that is usable is taken."""
        ways = [self.simultaneous.other.way] if self.simultaneous.other else []
        ways += [self._ahead.way] if self._ahead and self._is_patient else []
        ways += [self._binding.way] if self._binding and self._binding.lifetime else []
        return tuple(ways)

    @property
    def receiving(self) -> tuple[Way, ...]:
        """All ways by which packets may come, each once."""
        found: dict[object, Way] = {}
        for way in (*self.sending, *(way for way, _ in self._former)):
            found.setdefault(way.key, way)
        return tuple(found.values())

    @property
    def unproven(self) -> Way | None:
        """The way that probes must take although packets do not."""
        return self._binding.way if self._binding and self.simultaneous.other else None

    def follow(self, binding: Binding | None, asking: Pending | None, links: Links, now: float) -> list[Binding]:
        """What holds after an event; returns the bindings that are to be given up."""
        self._former = tuple((way, until) for way, until in self._former if now < until)
        if self._binding and binding and self._binding.way.key != binding.way.key:
            self._leave(self._binding, now)
        self._binding = binding
        beside = self.simultaneous.other
        given_up = self.simultaneous.follow(binding, links, now)
        ended = [beside] if beside and beside is not self.simultaneous.other and beside not in given_up else []
        for one in (*given_up, *ended):
            self._leave(one, now)
        self._look_ahead(binding, asking, links, now)
        self._set_deadline(now)
        return given_up

    def prove(self, now: float) -> list[Binding]:
        """A probe came back: returns what was bound beside, which is to be given up."""
        given_up = self.simultaneous.proven()
        for one in given_up:
            self._leave(one, now)
        self._set_deadline(now)
        return given_up

    def _leave(self, binding: Binding, now: float) -> None:
        if binding.lifetime:
            self._former = (*self._former, (binding.way, now + GRACE))

    def _look_ahead(self, binding: Binding | None, asking: Pending | None, links: Links, now: float) -> None:
        way = way_ahead(binding, asking, links) if binding and asking else None
        if binding is None or way is None:
            self._ahead = None
            return
        if self._ahead is None or self._ahead.way.key != way.key:
            self._ahead = _Ahead(way, now)
        self._is_patient = now < self._ahead.since + PATIENCE or not binding.way.is_usable(links)

    def _set_deadline(self, now: float) -> None:
        patience = self._ahead.since + PATIENCE if self._ahead else NEVER
        self.deadline = min(
            self.simultaneous.deadline,
            patience if now < patience else NEVER,
            *(until for _, until in self._former),
        )


def way_ahead(binding: Binding, asking: Pending, links: Links) -> Way | None:
    """The way that packets may take right behind the request for it, before it is answered.

    The home agent has a binding for us, so packets that overtake the request wait there until it was judged. In
    which encapsulation, only the reply will say: we ask for one, and suppose a NAT where the last network had one.
    A wrong guess costs the packets of one round trip, as waiting would.
    """
    target = asking.target
    straight = target.place is Place.CO_LOCATED and target.agent is None and target.reverse_tunnel
    is_known = binding.lifetime > 0 and asking.home_agent == binding.home_agent
    if not straight or not is_known or asking.request.is_deregistration or target.spot == binding.target.spot:
        return None
    if target.simultaneous and binding.way.is_usable(links):
        return None  # the old way works, and will until this one does
    by_udp = target.udp_tunnel is not None and (target.udp_tunnel.force or binding.nat)
    return Way(
        target=target,
        home_agent=asking.home_agent,
        encapsulation=Encapsulation.UDP if by_udp else target.encapsulation,
        ports=(PORT, PORT) if by_udp else None,
    )
