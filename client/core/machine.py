"""A machine takes an event and `now`, and returns what to send. It shows a deadline, a plan, a memory.

Machines are plain Python: no socket, clock, thread, file or random number inside. `now` is monotonic
seconds (suspended time included); the time of day and randomness are callables given at construction.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv6Address
from typing import Protocol, TypeAlias

from client.core.arp import ArpPacket
from client.core.ipv4 import IPv4Packet
from client.core.ipv6 import IPv6Packet
from client.core.links import Links
from client.core.plan import Plan

NEVER = float("inf")

WallClock: TypeAlias = Callable[[], float]
"""Seconds since 1970, as the system clock has them: may be wrong, may step."""

Random: TypeAlias = Callable[[], float]
"""A number in [0, 1). Machines draw jitter and low identification bits from it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An IPv4 packet of interest arrived: for UDP port 434 (but no tunnel data), ICMP 0, 3, 9, 10, or IGMP.

    Its header checksum was right. IGMP is what came out of a tunnel; its interface is ANCHOR.
    """

    packet: IPv4Packet
    interface: int
    link_layer_source: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard6:
    """An IPv6 packet of interest arrived: a mobility header, or ICMPv6 that mobility cares about (`Icmp6Type`).

    What came out of a tunnel has the interface ANCHOR. Nothing but the packet's form was checked: checksums
    are for the reader. `unicast`: its frame was addressed to us alone.
    """

    packet: IPv6Packet
    interface: int
    link_layer_source: bytes = b""
    unicast: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ArpHeard:
    """An ARP packet arrived. `unicast`: its frame was addressed to us alone."""

    arp: ArpPacket
    interface: int
    link_layer_source: bytes
    unicast: bool = False


@dataclass(frozen=True, slots=True)
class LinksChanged:
    """The kernel's links, addresses or default routes are now these."""

    links: Links


@dataclass(frozen=True, slots=True)
class Timeout:
    """The machine's deadline has come (or an earlier one had; too early a timeout must do no harm)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Traffic:
    """Packets that programs sent and received by the path in force, counted since the daemon began.

    The bytes are those of all packets there, ours too.
    """

    sent: int
    received: int
    sent_bytes: int = 0
    received_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Correspondence:
    """Packets that programs have exchanged since the last such event, by the correspondent's address.

    Both ways, through the tunnel or without it, as far as they bore the home address; none is left out for long.
    `direct`: those among them that came *from* the correspondent without the tunnel, which proves that it has a
    binding for us.
    """

    packets: Mapping[IPv6Address, int]
    direct: Mapping[IPv6Address, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PlanRefused:
    """The kernel refused part of the plan; these are its words. Empty: all of it stands now."""

    reasons: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PathMtuLearnt:
    """An ICMP error says that outer packets to a tunnel's other end may be at most `mtu` bytes long (RFC 1191)."""

    remote: IPv4Address | IPv6Address
    mtu: int


@dataclass(frozen=True, slots=True)
class Command:
    """What a person asked for; each machine has its own commands, as subclasses."""


Event: TypeAlias = (
    Heard
    | Heard6
    | ArpHeard
    | LinksChanged
    | Timeout
    | Traffic
    | Correspondence
    | PlanRefused
    | PathMtuLearnt
    | Command
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Send:
    """Send an IPv4 packet.

    With a link-layer destination it leaves as one frame on `interface`, past routing and ARP. Without, the
    kernel routes it: `signalling` packets past our tunnel (by the main table, out of `interface` if
    given), others as a program's packet would go.
    """

    packet: IPv4Packet
    interface: int | None = None
    link_layer_destination: bytes | None = None
    signalling: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Send6:
    """Send an IPv6 packet, in the same ways as `Send`. To a link-local address or a group `interface` is needed."""

    packet: IPv6Packet
    interface: int | None = None
    link_layer_destination: bytes | None = None
    signalling: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class SendArp:
    """Send an ARP packet as one frame on `interface`."""

    arp: ArpPacket
    interface: int
    link_layer_destination: bytes


Output: TypeAlias = Send | Send6 | SendArp


class Machine(Protocol):
    """What the driver drives."""

    @property
    def deadline(self) -> float:
        """When `Timeout` is due, or NEVER."""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send. The driver applies a changed plan before it sends."""

    def plan(self) -> Plan:
        """What the kernel should hold now."""

    def memory(self) -> bytes:
        """What must outlive a restart (b"" for nothing); the driver stores it before it sends."""
