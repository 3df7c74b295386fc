"""When nothing comes back: register again at once, then ever more seldom."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import NEVER

FIRST_WAIT = 4.0
LONGEST_WAIT = 60.0


@dataclass(slots=True)
class Recovery:
    """Idle until a series of probes has failed, and again once something came back."""

    deadline: float = NEVER
    tries: int = 0  # since something came back
    _wait: float = FIRST_WAIT

    @property
    def under_way(self) -> bool:
        """Are we trying?"""
        return self.deadline != NEVER

    def end(self) -> None:
        """Something came back, or there is nothing to prove."""
        self.deadline, self.tries, self._wait = NEVER, 0, FIRST_WAIT

    def is_due(self, now: float) -> bool:
        """Is it time to try (again)? Then the next time is later."""
        if self.under_way and now < self.deadline:
            return False
        self.deadline = now + self._wait
        self.tries += 1
        self._wait = min(self._wait * 2, LONGEST_WAIT)
        return True
