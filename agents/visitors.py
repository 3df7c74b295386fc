"""The visitor list of a foreign agent: requests that wait for an answer, and those who are served (RFC 5944 §3.7.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from agents.ledger import Ledger
from agents.received import ReceivedRequest
from client.core.ipv4 import ANY
from client.core.plan import Encapsulation
from client.mipv4.codes import Code
from client.mipv4.messages import LOW_32_BITS, RegistrationReply, RequestFlags

PENDING_TIME = 7.0
"""Seconds that a request may wait for its reply (RFC 5944 §3.7.1)."""

PENDING_PER_NEIGHBOUR = 5
"""Requests that one link-layer address may have waiting (RFC 5944 §3.7.1: typically 5)."""

PendingKey: TypeAlias = tuple[IPv4Address, str | None, bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A relayed request whose reply has not come yet."""

    received: ReceivedRequest
    nai: str | None
    signed: bool  # with a Foreign-Home Authentication Extension
    care_of_address: IPv4Address  # ours, that it was relayed from
    until: float
    udp: bool = False  # with our own UDP Tunnel Request Extension

    @property
    def key(self) -> PendingKey:
        """One request waits for each node; a NAI stands in for an unknown home address (RFC 2794 §3)."""
        request = self.received.request
        name = self.nai if request.home_address == ANY else None
        return request.home_address, name, self.received.heard.link_layer_source

    @property
    def interface(self) -> int:
        """The link of the mobile node."""
        return self.received.heard.interface

    @property
    def co_located(self) -> bool:
        """Does the node decapsulate for itself? Then we only relay."""
        return RequestFlags.DECAPSULATION in self.received.request.flags

    def is_answered_by(self, reply: RegistrationReply, nai: str | None, source: IPv4Address) -> bool:
        """Is this the reply, from the home agent asked, to this very request (RFC 5944 §3.7.3.1)?

        A question to all home agents is answered by each from its own address, with code 136 (§3.8.3.1).
        """
        request = self.received.request
        asked = source == request.home_agent or reply.code == Code.HA_UNKNOWN_HOME_AGENT
        if not asked or (reply.identification ^ request.identification) & LOW_32_BITS:
            return False
        if nai is not None and self.nai is not None and nai != self.nai:
            return False
        return request.home_address in (ANY, reply.home_address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Visitor:
    """A mobile node that its home agent accepted here."""

    home_address: IPv4Address
    nai: str | None
    home_agent: IPv4Address
    care_of_address: IPv4Address
    interface: int
    link_layer_address: bytes
    co_located: bool
    reverse_tunnel: bool
    expires: float
    encapsulation: Encapsulation = Encapsulation.IPIP
    keepalive: float = 0.0  # seconds between packets that keep a NAT's entry, with UDP


class Visitors:
    """Both lists. A request that waits never touches the entry of a node that is served (RFC 5944 §3.7.2)."""

    def __init__(self) -> None:
        self.served: Ledger[IPv4Address, Visitor] = Ledger(lambda visitor: visitor.expires, followed=True)
        self.pending: Ledger[PendingKey, Pending] = Ledger(lambda pending: pending.until)

    def __iter__(self) -> Iterator[Visitor]:
        return iter(self.served)

    def __len__(self) -> int:
        return len(self.served)

    def at(self, home_address: IPv4Address) -> Visitor | None:
        """The visitor with this home address."""
        return self.served.get(home_address)

    def has_room_for(self, pending: Pending, limit: int) -> bool:
        """May one more request wait?"""
        if pending.key in self.pending:
            return True
        neighbour = pending.received.heard.link_layer_source
        of_neighbour = [other for other in self.pending if other.received.heard.link_layer_source == neighbour]
        return len(self.pending) < limit and len(of_neighbour) < PENDING_PER_NEIGHBOUR

    def wait(self, pending: Pending) -> None:
        """A request was relayed; it takes the place of the node's older one."""
        self.pending.put(pending.key, pending)

    def done(self, pending: Pending) -> None:
        """The request was answered."""
        self.pending.pop(pending.key)

    def admit(self, visitor: Visitor) -> None:
        """Serve a visitor, in place of what was known of it."""
        self.served.put(visitor.home_address, visitor)

    def dismiss(self, home_address: IPv4Address) -> None:
        """Serve a visitor no longer."""
        self.served.pop(home_address)

    def keep_links(self, indices: frozenset[int]) -> None:
        """Forget who came by a link that is gone."""
        for visitor in [visitor for visitor in self if visitor.interface not in indices]:
            self.dismiss(visitor.home_address)
        for pending in [pending for pending in self.pending if pending.interface not in indices]:
            self.done(pending)

    def take_changes(self) -> set[IPv4Address]:
        """The home addresses of visitors of which something changed since this was asked last."""
        changed, self.served.changed = self.served.changed, set()
        return changed

    def expire(self, now: float) -> list[Pending]:
        """Drop the visitors whose time is over, and say which requests have waited too long."""
        self.served.expire(now)
        return self.pending.expire(now)

    @property
    def deadline(self) -> float:
        """When the next entry ends."""
        return min(self.served.deadline, self.pending.deadline)
