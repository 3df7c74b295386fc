"""A registration message as it arrived: still with its packet, its ports and its bytes."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.ipv4 import IPv4Packet, Protocol
from client.core.machine import Heard
from client.core.udp import UdpDatagram
from client.mipv4.extensions import Extension, ExtensionType, of_type
from client.mipv4.messages import PORT, RegistrationReply, RegistrationRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedRequest:
    """A Registration Request and how it came. Nothing in it is proved yet."""

    heard: Heard
    datagram: UdpDatagram
    request: RegistrationRequest

    @property
    def packet(self) -> IPv4Packet:
        """The packet that it came in."""
        return self.heard.packet

    @property
    def message(self) -> bytes:
        """The bytes that authenticators cover."""
        return self.datagram.payload


@dataclass(frozen=True, slots=True, kw_only=True)
class ReceivedReply:
    """A Registration Reply and how it came."""

    heard: Heard
    datagram: UdpDatagram
    reply: RegistrationReply

    @property
    def message(self) -> bytes:
        """The bytes that authenticators cover."""
        return self.datagram.payload


def read_registration(heard: Heard) -> ReceivedRequest | ReceivedReply | None:
    """The registration message in a packet, None for any other packet; DecodeError if it is malformed."""
    if heard.packet.protocol != Protocol.UDP:
        return None
    datagram = UdpDatagram.unpack(heard.packet)
    match datagram.payload[:1]:
        case b"\x01" if datagram.destination_port == PORT:
            return ReceivedRequest(heard=heard, datagram=datagram, request=RegistrationRequest.unpack(datagram.payload))
        case b"\x03":
            return ReceivedReply(heard=heard, datagram=datagram, reply=RegistrationReply.unpack(datagram.payload))
    return None


def only_extension(extensions: tuple[Extension, ...], wanted: ExtensionType) -> Extension | None:
    """The one extension of this type; None if there is none, or more than one."""
    found = of_type(extensions, wanted)
    return found[0] if len(found) == 1 else None


def before(extensions: tuple[Extension, ...], offset: int) -> tuple[Extension, ...]:
    """The extensions in front of an offset: those that an authenticator at the offset covers."""
    return tuple(extension for extension in extensions if extension.offset < offset)
