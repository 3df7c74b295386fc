"""What happened in one run: hashed line by line, its end kept for people, faults counted by the state they met."""

from __future__ import annotations

import hashlib
from collections import Counter, deque
from collections.abc import Callable


class Violation(AssertionError):
    """A rule was broken; the note says by which seed."""

    def __init__(self, rule: str, words: str) -> None:
        super().__init__(rule, words)
        self.rule = rule
        self.words = words

    def __str__(self) -> str:
        return f"{self.rule}: {self.words}"


class Journal:
    """The event log of a seed."""

    def __init__(self, now: Callable[[], float], keep: int = 60) -> None:
        self._now = now
        self._hash = hashlib.sha256()
        self.last: deque[str] = deque(maxlen=keep)
        self.checks: Counter[str] = Counter()
        self.faults: Counter[tuple[str, str]] = Counter()
        self.state: Callable[[], str] = lambda: "start"
        self.echo: Callable[[str], None] = lambda line: None

    def note(self, words: str) -> None:
        """Something happened."""
        line = f"{self._now():.6f} {words}"
        self._hash.update(line.encode())
        self.last.append(line)
        self.echo(line)

    def fault(self, name: str, state: str | None = None) -> None:
        """A fault took effect, in the state in which the mobile node is or was."""
        self.faults[name, state or self.state()] += 1

    def check(self, rule: str, holds: bool, words: str) -> None:
        """A rule was looked at."""
        self.checks[rule] += 1
        if not holds:
            self.note(f"BROKEN {rule}: {words}")
            raise Violation(rule, words)

    @property
    def digest(self) -> str:
        """The SHA-256 of all that happened."""
        return self._hash.hexdigest()
