"""Taking single care-of addresses from the home agent's list while another one stays (RFC 5944 §3.6.1.2, §3.8.2.2)."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from ipaddress import IPv4Address

from client.core.machine import NEVER, Send
from client.mipv4.asker import Asker
from client.mipv4.messages import RegistrationReply
from client.mipv4.registration_state import Binding
from client.mipv4.requests import Pending
from client.mipv4.target import Target

TRIES = 3
FIRST_WAIT = 1.0
MOST = 4
"""Bindings in the queue; the next renewal without the S bit removes whatever was forgotten."""


class Releases:
    """One after the other, and no more than a few times each: the binding would end by itself."""

    def __init__(self, asker: Asker) -> None:
        self._asker = asker
        self._queue: deque[Binding] = deque(maxlen=MOST)
        self._tries = 0
        self.pending: Pending | None = None
        self.deadline = NEVER

    def add(self, binding: Binding, now: float) -> None:
        """Give this one up as soon as the pace allows."""
        self.keep(binding.target)
        self._queue.append(binding)
        self.deadline = min(self.deadline, now)

    def keep(self, target: Target) -> None:
        """This care-of address is wanted again, or wanted still."""
        kept = [one for one in self._queue if one.target.care_of_address != target.care_of_address]
        if len(kept) < len(self._queue):
            self._begin_with(kept)

    def forget(self) -> None:
        """The home agent has no other binding any more."""
        self._begin_with([])

    def _begin_with(self, bindings: list[Binding]) -> None:
        self._queue = deque(bindings, MOST)
        self.pending, self._tries = None, 0
        self.deadline = -NEVER if bindings else NEVER

    def timeout(self, via: Target, home_address: IPv4Address | None, now: float) -> list[Send]:
        """Ask, or ask again, from where we are."""
        if self._tries >= TRIES:
            self._next()
        if not self._queue:
            return []
        self.deadline = self._asker.earliest(via, now)
        if self.deadline > now:
            return []
        return self._ask(via, home_address, now)

    def _ask(self, via: Target, home_address: IPv4Address | None, now: float) -> list[Send]:
        given_up = self._queue[0]
        target = replace(via, care_of_address=given_up.target.care_of_address, longest_lifetime=0)
        self.deadline = now + FIRST_WAIT * 2**self._tries
        self._tries += 1
        asked = self._asker.ask(target, home_address, given_up.home_agent, now)
        if asked is None:
            return []
        self.pending, send = asked
        return [send]

    def answered(self, reply: RegistrationReply) -> None:
        """The home agent, or an agent in the way, said something to it: that was it either way."""
        if self.pending and reply.code == 0:
            self._asker.accepted(self.pending)
        self._next()

    def _next(self) -> None:
        self._begin_with(list(self._queue)[1:])
