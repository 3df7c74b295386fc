"""How often a tunnel through a NAT is kept open (RFC 3519 §4.9, §4.10)."""

from __future__ import annotations

from client.core.plan import Encapsulation
from client.mipv4.registration_state import Binding

SHORTEST = 10.0
MOST_HALVINGS = 8


class Keepalive:
    """The interval that the home agent assigns, halved each time that the mapping was lost in the same place."""

    def __init__(self, default: float) -> None:
        self._default = default
        self._place: tuple[object, ...] | None = None
        self._halvings = 0

    def interval(self, binding: Binding) -> float:
        """Seconds after which a binding's path is tried, if nothing else has proven it meanwhile."""
        place = (*binding.target.spot, binding.target.agent)
        if place != self._place:
            self._place, self._halvings = place, 0
        if binding.encapsulation is not Encapsulation.UDP:
            return self._default
        return max(SHORTEST, (binding.keepalive or self._default) / float(2**self._halvings))

    def lost(self, binding: Binding) -> None:
        """Nothing came back any more: perhaps the NAT has forgotten us before we spoke again."""
        if binding.encapsulation is Encapsulation.UDP:
            self._halvings = min(self._halvings + 1, MOST_HALVINGS)
