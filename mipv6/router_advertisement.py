"""Router Solicitation and Advertisement (RFC 4861 §4.1, §4.2; RFC 6275 §7.1)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import ALL_NODES, ALL_ROUTERS6, IPv6Packet
from mipv6.neighbour_message import HOP_LIMIT, OffLinkError, read_neighbour_message
from mipv6.neighbour_options import (
    AdvertisementInterval,
    HomeAgentInformation,
    NeighbourOption,
    PrefixInformation,
    SourceLinkLayerAddress,
    find,
    find_all,
    pack_options,
    read_options,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterSolicitation:
    """Asks the routers of a link to advertise themselves now (RFC 4861 §4.1).

    |                            Reserved                           |
    |   Options ...
    """

    TYPE: ClassVar = Icmp6Type.ROUTER_SOLICITATION
    RESERVED: ClassVar = bytes(4)

    options: tuple[NeighbourOption, ...] = ()

    def packet(self, source: IPv6Address, destination: IPv6Address = ALL_ROUTERS6) -> IPv6Packet:
        """In its packet; from the unspecified address it bears no link-layer address."""
        message = Icmp6Message(type=self.TYPE, body=self.RESERVED + pack_options(self.options))
        return message.packet(source, destination, hop_limit=HOP_LIMIT)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """A valid solicitation, or DecodeError (RFC 4861 §6.1.1)."""
        body = read_neighbour_message(packet, cls.TYPE, len(cls.RESERVED))
        solicitation = cls(options=read_options(body[len(cls.RESERVED) :]))
        if packet.source.is_unspecified and solicitation.link_layer_address:
            raise DecodeError("a solicitation from nobody with a link-layer address", packet.payload)
        return solicitation

    @property
    def link_layer_address(self) -> bytes | None:
        """The sender's."""
        option = find(self.options, SourceLinkLayerAddress)
        return option.address if option else None


@dataclass(frozen=True, slots=True, kw_only=True)
class RouterAdvertisement:
    """A router tells a link of itself and of the link's prefixes; `home_agent` is the H bit (RFC 6275 §7.1).

    | Cur Hop Limit |M|O|H| Reserved|       Router Lifetime         |
    |                         Reachable Time                        |
    |                          Retrans Timer                        |
    |   Options ...

    All times are in seconds. A `lifetime` of zero: not a default router.
    """

    TYPE: ClassVar = Icmp6Type.ROUTER_ADVERTISEMENT
    FIXED: ClassVar = struct.Struct("!BBHII")

    lifetime: int
    hop_limit: int = 64
    managed: bool = False
    other: bool = False
    home_agent: bool = False
    reachable_time: float = 0.0
    retransmission_time: float = 0.0
    options: tuple[NeighbourOption, ...] = ()

    def packet(self, source: IPv6Address, destination: IPv6Address = ALL_NODES) -> IPv6Packet:
        """In its packet; `source` must be link-local."""
        flags = self.managed << 7 | self.other << 6 | self.home_agent << 5
        times = (round(self.reachable_time * 1000), round(self.retransmission_time * 1000))
        fixed = self.FIXED.pack(self.hop_limit, flags, self.lifetime, *times)
        message = Icmp6Message(type=self.TYPE, body=fixed + pack_options(self.options))
        return message.packet(source, destination, hop_limit=HOP_LIMIT)

    @classmethod
    def unpack(cls, packet: IPv6Packet) -> Self:
        """A valid advertisement, or DecodeError (RFC 4861 §6.1.2)."""
        body = read_neighbour_message(packet, cls.TYPE, cls.FIXED.size)
        if not packet.source.is_link_local:
            raise OffLinkError("a router advertisement not from a link-local address", packet.payload)
        hop_limit, flags, lifetime, reachable_time, retransmission_time = cls.FIXED.unpack_from(body)
        return cls(
            lifetime=lifetime,
            hop_limit=hop_limit,
            managed=bool(flags & 0x80),
            other=bool(flags & 0x40),
            home_agent=bool(flags & 0x20),
            reachable_time=reachable_time / 1000,
            retransmission_time=retransmission_time / 1000,
            options=read_options(body[cls.FIXED.size :]),
        )

    @property
    def prefixes(self) -> tuple[PrefixInformation, ...]:
        """The prefixes of the link, in the order in which they stand."""
        return find_all(self.options, PrefixInformation)

    @property
    def link_layer_address(self) -> bytes | None:
        """The router's."""
        option = find(self.options, SourceLinkLayerAddress)
        return option.address if option else None

    @property
    def interval(self) -> float | None:
        """The longest time to its next advertisement, if it says so."""
        option = find(self.options, AdvertisementInterval)
        return option.interval if option else None

    @property
    def home_agent_information(self) -> HomeAgentInformation | None:
        """Preference and lifetime as a home agent; None without the H bit (RFC 6275 §7.4 for the defaults)."""
        if not self.home_agent:
            return None
        return find(self.options, HomeAgentInformation) or HomeAgentInformation(0, self.lifetime)
