"""ICMP errors about requests that a foreign agent relayed (RFC 5944 §3.7.3)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.icmp import IcmpMessage, IcmpType
from client.core.ipv4 import IPv4Packet, Protocol
from client.mipv4.codes import Code
from client.mipv4.messages import PORT, RegistrationRequest

_CODES = {0: Code.HOME_NETWORK_UNREACHABLE, 1: Code.HOME_AGENT_HOST_UNREACHABLE, 3: Code.HOME_AGENT_PORT_UNREACHABLE}
_TIME_EXCEEDED = 11
_UNUSED = 4
_UDP = struct.Struct("!HHHH")


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreachable:
    """A home agent could not be reached. Anyone can forge this: it is only a hint (fault F5)."""

    code: Code
    care_of_address: IPv4Address
    home_agent: IPv4Address
    identification: int | None  # of the request, if the error quotes that much of it


def read_unreachable(packet: IPv4Packet) -> Unreachable | None:
    """What an ICMP error says about one of our requests, or None; DecodeError if it is malformed."""
    message = IcmpMessage.unpack(packet)
    if message.type not in (IcmpType.DESTINATION_UNREACHABLE, _TIME_EXCEEDED):
        return None
    quoted = message.body[_UNUSED:]
    header = (quoted[0] & 0x0F) * 4 if quoted else 0
    if header < IPv4Packet.HEADER.size or len(quoted) < header + _UDP.size or quoted[9] != Protocol.UDP:
        return None
    source_port, destination_port, *_ = _UDP.unpack_from(quoted, header)
    if (source_port, destination_port) != (PORT, PORT):
        return None
    return Unreachable(
        code=_code(message),
        care_of_address=IPv4Address(quoted[12:16]),
        home_agent=IPv4Address(quoted[16:20]),
        identification=_identification(quoted[header + _UDP.size :]),
    )


def _code(message: IcmpMessage) -> Code:
    if message.type != IcmpType.DESTINATION_UNREACHABLE:
        return Code.HOME_AGENT_UNREACHABLE
    return _CODES.get(message.code, Code.HOME_AGENT_UNREACHABLE)


def _identification(request: bytes) -> int | None:
    if len(request) < RegistrationRequest.HEADER.size:
        return None
    return int(RegistrationRequest.HEADER.unpack_from(request)[-1])
