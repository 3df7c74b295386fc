"""Two bindings at once, for a move between two working links (RFC 5944 §3.6.1.2, §3.8.2.2).

The home agent sends a copy of each packet by both. Ours go by the old way until the new one is proven by a probe
that goes by it: then they go by the new one, and the old care-of address is given up. The answer to the probe
may come by either way, since the home agent copies it too; that the new one carries packets to us is known from the
registration reply, which came by it.
"""

from __future__ import annotations

from client.core.links import Links
from client.mipv4.registration_state import Binding
from client.mipv4.target import Target


class Simultaneous:
    """`other` is bound beside the registration's binding, and carries our packets while that one is not proven."""

    def __init__(self) -> None:
        self.other: Binding | None = None
        self._seen: Binding | None = None

    @property
    def deadline(self) -> float:
        """When the other one ends."""
        return self.other.expires_at if self.other else float("inf")

    def wanted(self, target: Target, binding: Binding | None, links: Links) -> bool:
        """Shall the home agent keep what it has: a way that works, on another link; or both, at a renewal?"""
        if target.at_home or binding is None or not binding.lifetime:
            return False
        if target.spot == binding.target.spot:
            return self.other is not None
        other_link = target.link[0] != binding.target.link[0]
        return other_link and binding.way.is_usable(links) and not self._takes_the_place(target, binding)

    def _takes_the_place(self, target: Target, binding: Binding) -> bool:
        """Has another spot this very care-of address? The home agent knows bindings by it: the new one ends the old.

        Private networks often give the same address (RFC 3519 §5.1); an agent may have one for several links.
        """
        bound = [binding, *([self.other] if self.other else [])]
        elsewhere = [one.target for one in bound if one.target.spot != target.spot]
        return any(one.care_of_address == target.care_of_address for one in elsewhere)

    def follow(self, binding: Binding | None, links: Links, now: float) -> list[Binding]:
        """Take note of a new binding, and of a way that is lost; returns the bindings that are to be given up."""
        before, self._seen = self._seen, binding
        given_up = self._renew(before, binding, links) if binding is not before else []
        if self.other and (binding is None or now >= self.other.expires_at or not self.other.way.is_usable(links)):
            given_up += self.proven()
        return given_up

    def proven(self) -> list[Binding]:
        """The new way works, or the old one does not any more: only the new one counts."""
        given_up, self.other = [self.other] if self.other else [], None
        return given_up

    def _renew(self, before: Binding | None, binding: Binding | None, links: Links) -> list[Binding]:
        if binding is None or before is None or not binding.simultaneous:
            self.other = None  # the home agent has no other
            return []
        if before.target.spot == binding.target.spot:
            return []
        carrying, idle = (self.other, [before]) if self.other else (before, [])
        if carrying.target.spot == binding.target.spot:  # back to the way that works
            self.other = None
            return idle
        self.other = carrying if carrying.way.is_usable(links) else None
        return idle if self.other else [*idle, carrying]
