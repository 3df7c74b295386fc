"""ARP for IPv4 over Ethernet (RFC 826)."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from ipaddress import IPv4Address
from typing import ClassVar, Self

from client.core.errors import DecodeError

ETHERNET_BROADCAST = b"\xff" * 6
NO_LINK_LAYER_ADDRESS = b"\x00" * 6


class ArpOperation(IntEnum):
    """What an ARP packet does."""

    REQUEST = 1
    REPLY = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class ArpPacket:
    """
    |        Hardware Type 1        |     Protocol Type 0x0800      |
    |  HW len 6   |  Proto len 4    |           Operation           |
    |  sender hardware (6), sender protocol (4), target hardware (6), target protocol (4)
    """

    LAYOUT: ClassVar = struct.Struct("!HHBBH6s4s6s4s")

    operation: int
    sender_link_layer_address: bytes
    sender_address: IPv4Address
    target_link_layer_address: bytes
    target_address: IPv4Address

    def pack(self) -> bytes:
        """The 28 bytes behind the Ethernet header."""
        return self.LAYOUT.pack(
            1,
            0x0800,
            6,
            4,
            self.operation,
            self.sender_link_layer_address,
            self.sender_address.packed,
            self.target_link_layer_address,
            self.target_address.packed,
        )

    @classmethod
    def unpack(cls, data: bytes) -> Self:
        """Read an ARP packet, or raise DecodeError. Ethernet padding behind it is dropped."""
        if len(data) < cls.LAYOUT.size:
            raise DecodeError("shorter than an ARP packet", data)
        hardware, protocol, hlen, plen, operation, sender_hw, sender, target_hw, target = cls.LAYOUT.unpack_from(data)
        if (hardware, protocol, hlen, plen) != (1, 0x0800, 6, 4):
            raise DecodeError("not ARP for IPv4 over Ethernet", data)
        return cls(
            operation=operation,
            sender_link_layer_address=sender_hw,
            sender_address=IPv4Address(sender),
            target_link_layer_address=target_hw,
            target_address=IPv4Address(target),
        )


def gratuitous_arp(address: IPv4Address, link_layer_address: bytes) -> ArpPacket:
    """The request that tells a link where `address` lives now (RFC 5944 §4.6)."""
    return ArpPacket(
        operation=ArpOperation.REQUEST,
        sender_link_layer_address=link_layer_address,
        sender_address=address,
        target_link_layer_address=NO_LINK_LAYER_ADDRESS,
        target_address=address,
    )
