"""Finds out whether a network drops packets that bear the home address (ingress filtering, RFC 2827; RFC 3024 §1).

With triangle routing packets leave the visited network with a source that is not of it. When nothing comes back, we
register with the reverse tunnel once and probe again: if that is answered, it is this network that drops them.
Whoever wants no reverse tunnel is told so, and keeps what was asked for.
"""

from __future__ import annotations

from client.core.choice import Switch
from client.core.machine import NEVER
from client.mipv4.registration_state import Binding

TEST_TIME = 6.0
"""Seconds for a request, its reply and a series of probes."""

TEST_GAP = 60.0
"""Seconds until the next test after one that showed nothing: then nobody answered, by either way."""


class OneWay:
    """Idle, testing, or `found`; all of it holds for one place and is forgotten with it."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Another place, or another wish: all is open again."""
        self.found = False
        self.deadline = NEVER  # of the test
        self._spot: object = None
        self._not_before = -NEVER

    def is_testing(self, spot: object, now: float) -> bool:
        """Shall we register at this place with the reverse tunnel, although nobody wants it?"""
        if self._spot is not None and spot != self._spot:
            self.forget()
        if now >= self.deadline:
            self.deadline, self._not_before = NEVER, now + TEST_GAP
        return self.deadline != NEVER

    def suspect(self, binding: Binding, wanted: Switch, now: float) -> bool:
        """A whole series of probes went unanswered: begin a test, if there is something to test."""
        plain = binding.lifetime > 0 and not binding.target.at_home and not binding.target.reverse_tunnel
        if not plain or wanted is not Switch.OFF or self.found or self.deadline != NEVER or now < self._not_before:
            return False
        self._spot, self.deadline = binding.target.spot, now + TEST_TIME
        return True

    def heard(self, binding: Binding) -> bool:
        """A probe was answered by this binding's path: True if that is the proof that the network is one-way."""
        if not binding.target.reverse_tunnel:
            self.found = False
            return False
        if self.deadline == NEVER or binding.target.spot != self._spot:
            return False
        self.found, self.deadline = True, NEVER
        return True
