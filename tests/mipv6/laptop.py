"""A mobile node's correspondents, and the correspondent's side of the conversation by hand."""

from __future__ import annotations

import struct
from collections import Counter
from dataclasses import dataclass, field, replace
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from client.core.machine import NEVER, Correspondence, Heard6, Send6
from client.core.plan import ANCHOR, Tunnel
from mipv6.attachment import Attachment
from mipv6.correspondents import Correspondents
from mipv6.path_policy import PathPolicy
from tests.mipv6.headers import CARE_OF, CORRESPONDENT, HOME, HOME_AGENT, carried
from tests.mipv6.return_routability_by_hand import (
    LINK,
    acknowledgement,
    answer,
    dice,
    key,
    sent,
    to_home_address,
)

HOME_TOKEN, CARE_OF_TOKEN = bytes.fromhex("a0a1a2a3a4a5a6a7"), bytes.fromhex("b0b1b2b3b4b5b6b7")
HOME_INDEX, CARE_OF_INDEX = 0x0102, 0x0304
KBM = key(HOME_TOKEN, CARE_OF_TOKEN)
DELETION_KBM = key(HOME_TOKEN)
HOTI, COTI, UPDATE = 1, 2, 5
ENOUGH = 10


def at(care_of: IPv6Address, *, confirmed: bool = True, expires_at: float = 10_000.0, link: int = LINK) -> Attachment:
    """Where the home agent sends packets."""
    return Attachment(
        care_of_address=care_of, interface=link, home_agent=HOME_AGENT, confirmed=confirmed, expires_at=expires_at
    )


AT_HOME = at(HOME, expires_at=NEVER)


@dataclass
class Laptop:
    """Abroad, bound at home, silent so far."""

    policy: PathPolicy = field(default_factory=PathPolicy)
    memory: bytes = b""
    attachment: Attachment | None = field(default_factory=lambda: at(CARE_OF))

    def __post_init__(self) -> None:
        self.counters: Counter[str] = Counter()
        self.node = Correspondents(HOME, self.policy, dice(), self.counters, self.memory)
        self.started = sent(self.node.attach(self.attachment, 0.0))

    # --- what it does -----------------------------------------------------------------------------

    def exchange(
        self, packets: int = ENOUGH, now: float = 0.0, *, direct: int = 0, peer: IPv6Address = CORRESPONDENT
    ) -> list[Send6]:
        """Programs exchange packets with a correspondent."""
        return sent(self.node.correspondence(Correspondence({peer: packets}, {peer: direct}), now))

    def attach(self, attachment: Attachment | None, now: float) -> list[Send6]:
        """It moves."""
        return sent(self.node.attach(attachment, now))

    def wait(self, until: float) -> list[tuple[float, Send6]]:
        """All that it sends until then, and when."""
        said: list[tuple[float, Send6]] = []
        for _ in range(200):
            now = self.node.deadline
            if now > until:
                return said
            said += [(now, send) for send in sent(self.node.timeout(now))]
        raise AssertionError("it spins")

    def next(self) -> tuple[float, list[Send6]]:
        """What it sends next, by itself, and when."""
        for _ in range(200):
            now = self.node.deadline
            said = sent(self.node.timeout(now))
            if said:
                return now, said
        raise AssertionError("it says nothing any more")

    def hear(self, packet: IPv6Packet, now: float = 0.0, interface: int = LINK) -> list[Send6]:
        """What it says to a packet."""
        return sent(self.node.hear(Heard6(packet=packet, interface=interface), now))

    # --- what the correspondent does --------------------------------------------------------------

    def home_test(self, asked: Send6, now: float = 0.0, interface: int = ANCHOR) -> list[Send6]:
        """The answer to a Home Test Init comes out of the tunnel."""
        header = answer(3, HOME_INDEX, cookie(asked), HOME_TOKEN)
        return self.hear(carried(header, CORRESPONDENT, HOME), now, interface)

    def care_of_test(self, asked: Send6, now: float = 0.0) -> list[Send6]:
        """The answer to a Care-of Test Init comes directly."""
        header = answer(4, CARE_OF_INDEX, cookie(asked), CARE_OF_TOKEN)
        return self.hear(carried(header, CORRESPONDENT, asked.packet.source), now)

    def acknowledge(
        self, update: Send6, now: float = 0.0, *, status: int = 0, units: int = 105, kbm: bytes | None = KBM
    ) -> list[Send6]:
        """The answer to a Binding Update comes by a routing header, or plainly to the home address."""
        source = update.packet.source
        signed = HOME if units == 0 and status == 0 else source
        header = acknowledgement(status, sequence(update), units, kbm, signed)
        if source == HOME:
            return self.hear(carried(header, CORRESPONDENT, HOME), now)
        return self.hear(to_home_address(header, source), now)

    def test(self, now: float = 0.0) -> Send6:
        """Traffic, both tests; returns the Binding Update."""
        home, care_of = self.exchange(now=now)
        assert self.home_test(home, now) == []
        [update] = self.care_of_test(care_of, now)
        return update

    def bind(self, now: float = 0.0) -> Send6:
        """All of it; returns the Binding Update."""
        update = self.test(now)
        assert self.acknowledge(update, now) == []
        return update

    # --- what is seen -----------------------------------------------------------------------------

    @property
    def direct(self) -> list[IPv6Address]:
        """Care-of addresses from which packets go directly."""
        return [tunnel.local for tunnel in self._tunnels if tunnel.sends]

    @property
    def received(self) -> list[IPv6Address]:
        """Care-of addresses to which packets may come directly."""
        return [tunnel.local for tunnel in self._tunnels if tunnel.receives]

    @property
    def path(self) -> str:
        """What the status says of the only correspondent."""
        [peer] = self.node.status(0.0)
        return peer.path

    @property
    def _tunnels(self) -> tuple[Tunnel6, ...]:
        return tuple(Tunnel6(tunnel) for tunnel in self.node.tunnels())


@dataclass
class Tunnel6:
    """A tunnel between IPv6 addresses."""

    tunnel: Tunnel

    def __post_init__(self) -> None:
        assert isinstance(self.tunnel.local, IPv6Address)
        self.local = self.tunnel.local
        self.sends, self.receives = self.tunnel.sends, self.tunnel.receives


def kinds(sends: list[Send6]) -> list[int]:
    """The types of mobility headers."""
    return [send.packet.payload[2] for send in sends]


def cookie(asked: Send6) -> bytes:
    """The cookie of a Test Init."""
    assert asked.packet.payload[2] in (HOTI, COTI)
    return asked.packet.payload[8:16]


def sequence(update: Send6) -> int:
    """The sequence number of a Binding Update."""
    assert update.packet.payload[2] == UPDATE
    return int(struct.unpack("!H", update.packet.payload[6:8])[0])


def with_hop_limit(packet: IPv6Packet, hop_limit: int) -> IPv6Packet:
    """As routers change it."""
    return replace(packet, hop_limit=hop_limit)
