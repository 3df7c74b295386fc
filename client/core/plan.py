"""What the kernel should hold for us, in building order.

A plan is data. The same plan applied twice does nothing; the new is built before the old is taken away;
replacing goes by `key`, so that removing the old cannot delete the new.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

ANCHOR = 0
"""In place of an interface index: our own anchor interface, whose index a machine need not know."""


class Table(Enum):
    """A routing table: the system's main one, or one of our own."""

    MAIN = "main"
    OURS = "ours"
    REVERSE = "reverse"  # a foreign agent's: what visitors send goes into the tunnel home


class Encapsulation(Enum):
    """How a packet is put into another one, or finds its way without one."""

    IPIP = "ipip"  # RFC 2003; between IPv6 addresses RFC 2473
    GRE = "gre"  # RFC 2784
    MINIMAL = "minimal"  # RFC 2004; a fragment goes as IPIP
    UDP = "udp"  # MIP tunnel data messages that hold IP, between `Tunnel.ports` (RFC 3519 §3.3)
    DIRECT = "direct"  # IPv6: home address option one way, type 2 routing header the other (RFC 6275 §6.3, §6.4)


class End(Enum):
    """Which end of the home address's tunnel we are."""

    MOBILE = "mobile"  # mobile node or foreign agent: we send packets *from* and receive packets *to* the home address
    HOME = "home"  # home agent: the other way round


@dataclass(frozen=True, slots=True)
class Anchor:
    """Our interface. It holds the home address of a mobile node, and none at an agent."""

    mtu: int
    address: IPv4Address | None = None
    broadcast: IPv4Address | None = None  # of the home network, if packets to all of it shall reach programs
    shortcut: bool = False  # what is only forwarded may pass by this interface, and by the host's firewall and routing
    address6: IPv6Address | None = None  # used at once: that it is no duplicate is the home agent's to find out

    @property
    def key(self) -> object:
        """There is one anchor."""
        return Anchor


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """Where decapsulated packets go when not into our own stack: to a visitor, by its link-layer address."""

    interface: int
    link_layer_address: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Tunnel:
    """One home address's way through one care-of address, for every data plane and all who tunnel.

    `sends`: packets that reach our anchor (at END.MOBILE with this inner source, at END.HOME with this
    inner destination) leave in a packet from `local` to `remote`. `receives`: packets from `remote` to
    `local` are taken out, if their inner destination (MOBILE) or inner source (HOME) is the home
    address; all others are dropped and counted. Neither: the tunnel is only named.

    With Encapsulation.DIRECT the packets are a single correspondent's, which is `remote` at END.MOBILE and
    `local` at END.HOME (RFC 6275 §9.3, §11.3): of others the one with the tunnel's other addresses is used.
    """

    end: End
    home_address: Address
    local: Address
    remote: Address
    encapsulation: Encapsulation = Encapsulation.IPIP
    ports: tuple[int, int] | None = None  # of Encapsulation.UDP: our port and theirs, as we see it
    mtu: int | None = None  # bytes of the longest packet that it takes; None: what the kernel knows of the path
    sends: bool = True
    copy: int = 0  # with simultaneous bindings every packet goes by the tunnels 0, 1, ... of its home address
    receives: bool = True
    broadcast: IPv4Address | None = None  # END.MOBILE receives also what is sent to it, to all, and to groups
    interface: int | None = None  # the link that outer packets must leave by; None: as the main table says
    delivery: Delivery | None = None
    signalling: bool = True  # IPv6: mobility headers go by it, too; if not, the machine sends them in ESP

    @property
    def key(self) -> object:
        """One tunnel per end, home address, outer pair, encapsulation and ports.

        So that with the same other end the new one stands, and takes the slot, before the old one goes: a data
        plane takes packets in the old encapsulation or from the old port for as long as that tunnel is there.
        """
        return (Tunnel, self.end, self.home_address, self.local, self.remote, self.encapsulation, self.ports)


@dataclass(frozen=True, slots=True, kw_only=True)
class Relay:
    """A home agent's service for packets to many (RFC 5944 §4.3, §4.4).

    What comes by the home link `interface` to all hosts (`broadcasts`) or to one of the `groups` goes also
    into the tunnels of this home address; what comes out of them to all or to a group goes to that link.
    `nested`: it is first put into a packet to the home address, since a foreign agent decapsulates.
    """

    interface: int
    home_address: IPv4Address
    broadcasts: bool = False
    groups: frozenset[IPv4Address] = frozenset()
    nested: bool = False

    @property
    def key(self) -> object:
        """One per home address."""
        return (Relay, self.home_address)


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """A route in one of our tables. A gateway need not be on-link (the agent's address seldom is).

    All of its addresses are of one family. `mtu`: bytes of the longest packet, where it is less than the link's.
    """

    destination: Network
    interface: int
    gateway: Address | None = None
    source: Address | None = None  # the address that programs get which bind nothing
    table: Table = Table.OURS
    mtu: int | None = None

    @property
    def key(self) -> object:
        """A table has one route per destination."""
        return (Route, self.table, self.destination)


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A policy rule: packets that match all that is given look up `table`. Lower `order` comes first.

    `marked` matches the packets of our own sockets (signalling and outer packets). `bound_to` matches a
    source address. `arriving_on` matches packets that came in by this link, `destination` where they go.
    A rule is for one family, `version`, of which its addresses are.
    """

    order: int
    table: Table
    marked: bool = False
    bound_to: Address | None = None
    destination: Network | None = None
    arriving_on: int | None = None
    protocol: int | None = None
    source_port: int | None = None
    destination_port: int | None = None
    version: int = 4

    @property
    def key(self) -> object:
        """Equal rules are one rule."""
        return self


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """A permanent neighbour entry: this address has this link-layer address, no ARP needed."""

    interface: int
    address: Address
    link_layer_address: bytes

    @property
    def key(self) -> object:
        """A link has one entry per address."""
        return (Neighbour, self.interface, self.address)


@dataclass(frozen=True, slots=True)
class Membership:
    """We are a member of this IPv6 group on this link, so that its packets reach us: the machine hears them."""

    interface: int
    group: IPv6Address

    @property
    def key(self) -> object:
        """Once per link and group."""
        return self


@dataclass(frozen=True, slots=True)
class Anycast:
    """We are one of those who take packets to this anycast address on this link (RFC 6275 §10.5)."""

    interface: int
    address: IPv6Address

    @property
    def key(self) -> object:
        """Once per link and address."""
        return self


@dataclass(frozen=True, slots=True)
class MobilityHeaders:
    """Mobility headers, and packets that name a home address, are ours: the kernel does not refuse them.

    In every such packet that is heard the machine sees what it may need to refuse itself (RFC 6275 §9.2, §9.3).
    """

    @property
    def key(self) -> object:
        """There is one."""
        return MobilityHeaders


@dataclass(frozen=True, slots=True)
class EspHeaders:
    """ESP packets under these SPIs, from the first to the last, are ours: the machine knows which of them it has.

    Packets in ESP behind a header that names a home address are heard in any case. The kernel does not refuse them.
    """

    first: int
    last: int

    @property
    def key(self) -> object:
        """There is one."""
        return EspHeaders


@dataclass(frozen=True, slots=True)
class OptimisticAddresses:
    """On this link new IPv6 addresses are used while duplicate address detection still runs, if the kernel can."""

    interface: int

    @property
    def key(self) -> object:
        """Once per link."""
        return self


@dataclass(frozen=True, slots=True)
class QuietArp:
    """This link never speaks for an address that is not its own (RFC 5944 §4.6): arp_ignore 1, arp_announce 2."""

    interface: int

    @property
    def key(self) -> object:
        """Once per link."""
        return self


Item: TypeAlias = (
    Anchor
    | Tunnel
    | Relay
    | Route
    | Rule
    | Neighbour
    | Membership
    | Anycast
    | MobilityHeaders
    | EspHeaders
    | OptimisticAddresses
    | QuietArp
)
Plan: TypeAlias = tuple[Item, ...]
EMPTY: Plan = ()
