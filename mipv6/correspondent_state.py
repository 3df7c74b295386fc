"""Where a mobile node stands with one correspondent (RFC 6275 §11.1, §11.6)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER

MAX_TOKEN_LIFETIME = 210.0
MAX_RR_BINDING_LIFETIME = 420
MAX_RO_FAILURE = 3
"""Seconds, and repetitions without an answer (RFC 6275 §12)."""

FIRST_WAIT = 1.0
LONGEST_WAIT = 32.0
"""INITIAL_BINDACK_TIMEOUT and MAX_BINDACK_TIMEOUT: seconds until a message is repeated, doubled each time (§11.8)."""


@dataclass(frozen=True, slots=True)
class Token:
    """A keygen token, and the index of the nonce that it was made with."""

    value: bytes
    nonce_index: int
    received_at: float

    def __repr__(self) -> str:
        return f"Token({self.nonce_index}, ...)"

    def is_good(self, now: float) -> bool:
        """May it still be used (§5.2.7)?"""
        return now < self.received_at + MAX_TOKEN_LIFETIME


@dataclass(frozen=True, slots=True)
class Trial:
    """A Test Init that waits for its answer; each repetition has a cookie of its own (§11.8)."""

    deadline: float
    tries: int = 0
    wait: float = FIRST_WAIT
    cookie: bytes = b""
    packet: IPv6Packet | None = None  # the last one that went out

    @property
    def is_over(self) -> bool:
        """Has it been repeated often enough (§5.2.9)?"""
        return self.tries > MAX_RO_FAILURE


@dataclass(frozen=True, slots=True)
class SentUpdate:
    """A Binding Update that went out: any of them may be the one that is acknowledged."""

    sequence: int
    lifetime: int  # seconds; zero deletes
    sent_at: float
    packet: IPv6Packet


@dataclass(frozen=True, slots=True)
class Idle:
    """Nothing to do, or no way to do it."""

    deadline: float = NEVER


@dataclass(frozen=True, slots=True)
class Resting:
    """It did not work; try again at the deadline, and not before."""

    deadline: float


@dataclass(frozen=True, slots=True)
class Testing:
    """Return routability: what is None is known, or not needed. None at all: the home agent has yet to answer."""

    home: Trial | None = None
    care_of: Trial | None = None

    @property
    def deadline(self) -> float:
        """When one of them is to be sent, or sent again."""
        return min((trial.deadline for trial in (self.home, self.care_of) if trial), default=NEVER)

    def is_over(self, now: float) -> bool:
        """Has the time of the last repetition of one of them passed?"""
        return any(trial.is_over and now >= trial.deadline for trial in (self.home, self.care_of) if trial)


@dataclass(frozen=True, slots=True, kw_only=True)
class Updating:
    """A Binding Update is under way; `kbm` signs it, over `signed_address`, and its acknowledgement.

    `care_of_address` is what it binds; at home, or where it deletes, that is where its answer goes.
    """

    kbm: bytes
    signed_address: IPv6Address
    care_of_address: IPv6Address
    interface: int
    is_deletion: bool
    deadline: float
    wait: float = FIRST_WAIT
    sent: tuple[SentUpdate, ...] = ()

    def __repr__(self) -> str:
        return f"Updating({self.care_of_address}, {len(self.sent)} sent)"

    @property
    def is_over(self) -> bool:
        """Has it been repeated often enough?"""
        return len(self.sent) > MAX_RO_FAILURE


@dataclass(frozen=True, slots=True)
class Settled:
    """The correspondent has a binding; renew it at the deadline, if packets go by it."""

    deadline: float


State: TypeAlias = Idle | Resting | Testing | Updating | Settled


@dataclass(frozen=True, slots=True)
class CorrespondentBinding:
    """What the correspondent has acknowledged; `interface` is the care-of address's link."""

    care_of_address: IPv6Address
    interface: int
    expires_at: float
    renew_at: float
    usable: bool = True  # may packets go by it, as far as we know?


@dataclass(frozen=True, slots=True)
class FormerPath:
    """Where packets may still come directly: they were under way when the correspondent learnt better."""

    care_of_address: IPv6Address
    interface: int
    until: float
