"""Agent Advertisement and Agent Solicitation (RFC 5944 §2.1, §2.2; RFC 1256)."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from enum import IntEnum, IntFlag
from ipaddress import IPv4Address, IPv4Network
from typing import ClassVar, Self

from client.core.errors import DecodeError
from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet
from client.mipv4.extensions import Extension, read_extensions

NOT_A_ROUTER_FOR_ALL = 16
"""Code of an advertisement whose sender does not route common traffic (RFC 5944 §2.1)."""

AGENT_TTL = 1
"""Advertisements and solicitations never cross a router: others are forged or strayed (RFC 5944 §2.1, §2.2)."""


class AdvertisementExtension(IntEnum):
    """Extensions of router advertisements that we understand; a numbering space of its own (RFC 5944 §6.2)."""

    PADDING = 0
    MOBILITY_AGENT = 16
    PREFIX_LENGTHS = 19


class AgentFlags(IntFlag):
    """What an agent offers (RFC 5944 §2.1.1); reserved bits are ignored."""

    REGISTRATION_REQUIRED = 0x8000
    BUSY = 0x4000
    HOME_AGENT = 0x2000
    FOREIGN_AGENT = 0x1000
    MINIMAL = 0x0800
    GRE = 0x0400
    REVERSE_TUNNEL = 0x0100
    UDP_TUNNEL = 0x0080
    REVOCATION = 0x0040
    REGIONAL = 0x0020


_MEANINGFUL = 0xFDE0
_KNOWN = frozenset(AdvertisementExtension)
_MOBILITY_AGENT = struct.Struct("!HHH")
_ROUTER_ENTRY = struct.Struct("!4sI")


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentAdvertisement:
    """An agent offers its service on this link.

    |     Type 9    |     Code      |           Checksum            |
    |   Num Addrs   |Addr Entry Size|           Lifetime            |
    |               Router Address, Preference Level ...            |
    |   Type = 16   |     Length    |      Sequence Number          |
    |    Registration Lifetime      |R|B|H|F|M|G|r|T|U|X|I|reserved |
    |                     Care-of Addresses ...                     |
    |   Type = 19   |     Length    | Prefix Length | ...
    """

    FIXED: ClassVar = struct.Struct("!BBH")

    lifetime: int  # seconds that the advertisement itself is valid
    sequence_number: int
    registration_lifetime: int  # seconds, 0xffff for infinity
    flags: AgentFlags
    care_of_addresses: tuple[IPv4Address, ...] = ()
    router_addresses: tuple[IPv4Address, ...] = ()
    prefix_lengths: tuple[int, ...] = ()  # none, or one for each router address
    code: int = 0

    def message(self) -> IcmpMessage:
        """The ICMP message, with its mobility agent and (if given) prefix-lengths extensions."""
        body = self.FIXED.pack(len(self.router_addresses), 2, self.lifetime)
        body += b"".join(_ROUTER_ENTRY.pack(router.packed, 0) for router in self.router_addresses)
        agent = _MOBILITY_AGENT.pack(self.sequence_number, self.registration_lifetime, self.flags)
        agent += b"".join(address.packed for address in self.care_of_addresses)
        body += Extension(AdvertisementExtension.MOBILITY_AGENT, agent).pack()
        if self.prefix_lengths:
            body += Extension(AdvertisementExtension.PREFIX_LENGTHS, bytes(self.prefix_lengths)).pack()
        if len(body) % 2:
            body += b"\x00"  # One-byte Padding (RFC 5944 §2.1.3)
        return IcmpMessage(type=IcmpType.ROUTER_ADVERTISEMENT, code=self.code, body=body)

    @classmethod
    def unpack(cls, packet: IPv4Packet) -> Self:
        """Read an advertisement from its packet, or raise DecodeError; a TTL other than 1 is one (RFC 5944 §2.1)."""
        if packet.ttl != AGENT_TTL:
            raise DecodeError("an agent advertisement with a TTL other than 1", packet.payload)
        message = IcmpMessage.unpack(packet)
        if message.type != IcmpType.ROUTER_ADVERTISEMENT or message.code not in (0, NOT_A_ROUTER_FOR_ALL):
            raise DecodeError("not a router advertisement", message.body)
        count, entry_size, lifetime = cls.FIXED.unpack_from(message.body)
        offset = cls.FIXED.size + count * entry_size * 4
        if offset > len(message.body) or (count and entry_size < 2):
            raise DecodeError("a router advertisement cut short", message.body)
        routers = tuple(_routers(message.body, count, entry_size))
        return cls._with_extensions(message, lifetime, routers, read_extensions(message.body, offset, _KNOWN))

    @classmethod
    def _with_extensions(
        cls, message: IcmpMessage, lifetime: int, routers: tuple[IPv4Address, ...], extensions: tuple[Extension, ...]
    ) -> Self:
        agent = _only(extensions, AdvertisementExtension.MOBILITY_AGENT, message.body)
        if agent is None or len(agent) < _MOBILITY_AGENT.size or (len(agent) - _MOBILITY_AGENT.size) % 4:
            raise DecodeError("no mobility agent extension, or one of a wrong length", message.body)
        prefixes = _only(extensions, AdvertisementExtension.PREFIX_LENGTHS, message.body)
        if prefixes is not None and (len(prefixes) != len(routers) or max(prefixes, default=0) > 32):
            raise DecodeError("a prefix-lengths extension that does not fit its routers", message.body)
        sequence_number, registration_lifetime, flags = _MOBILITY_AGENT.unpack_from(agent)
        care_of = agent[_MOBILITY_AGENT.size :]
        return cls(
            lifetime=lifetime,
            sequence_number=sequence_number,
            registration_lifetime=registration_lifetime,
            flags=_checked_flags(flags, care_of, message.body),
            care_of_addresses=tuple(IPv4Address(care_of[i : i + 4]) for i in range(0, len(care_of), 4)),
            router_addresses=routers,
            prefix_lengths=tuple(prefixes or ()),
            code=message.code,
        )

    @property
    def prefixes(self) -> tuple[IPv4Network, ...]:
        """The networks of the router addresses, if the agent tells their lengths (RFC 5944 §2.4.2.2)."""
        pairs = zip(self.router_addresses, self.prefix_lengths, strict=False)
        return tuple(IPv4Network((router, length), strict=False) for router, length in pairs)


def _routers(body: bytes, count: int, entry_size: int) -> Iterator[IPv4Address]:
    for entry in range(count):
        start = AgentAdvertisement.FIXED.size + entry * entry_size * 4
        yield IPv4Address(body[start : start + 4])


def _only(extensions: tuple[Extension, ...], wanted: AdvertisementExtension, body: bytes) -> bytes | None:
    found = [extension.data for extension in extensions if extension.type == wanted]
    if len(found) > 1:
        raise DecodeError(f"extension {wanted} stands there twice", body)
    return found[0] if found else None


def _checked_flags(value: int, care_of: bytes, body: bytes) -> AgentFlags:
    flags = AgentFlags(value & _MEANINGFUL)
    if not flags & (AgentFlags.HOME_AGENT | AgentFlags.FOREIGN_AGENT):
        raise DecodeError("an agent that is neither home nor foreign agent", body)
    if AgentFlags.FOREIGN_AGENT in flags and not care_of:
        raise DecodeError("a foreign agent without a care-of address", body)
    if flags & (AgentFlags.BUSY | AgentFlags.REGISTRATION_REQUIRED) and AgentFlags.FOREIGN_AGENT not in flags:
        raise DecodeError("B or R bit without F bit", body)
    return flags


def agent_solicitation() -> IcmpMessage:
    """Asks agents on a link to advertise; sent with TTL 1 (RFC 5944 §2.2)."""
    return IcmpMessage(type=IcmpType.ROUTER_SOLICITATION, body=bytes(4))


def is_agent_solicitation(packet: IPv4Packet) -> bool:
    """Is this a valid solicitation, with the TTL that a neighbour's has?"""
    if packet.ttl != AGENT_TTL:
        return False
    try:
        message = IcmpMessage.unpack(packet)
    except DecodeError:
        return False
    return message.type == IcmpType.ROUTER_SOLICITATION and message.code == 0
