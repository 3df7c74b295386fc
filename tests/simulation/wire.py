"""The oracle's own reading of the wire, straight from RFC 5944, sharing nothing with the product's codecs."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass

NTP_TO_UNIX = 2_208_988_800


@dataclass(frozen=True, slots=True)
class Key:
    """A mobility security association between a mobile node and its home agent: HMAC-MD5."""

    spi: int
    value: bytes

    def signs(self, message: bytes, start: int) -> bool:
        """Is the extension at `start` a right authenticator over all before it and its own first six bytes?"""
        if message[start + 1] != 20 or struct.unpack_from("!I", message, start + 2)[0] != self.spi:
            return False
        return hmac.new(self.value, message[: start + 6], hashlib.md5).digest() == message[start + 6 : start + 22]


@dataclass(frozen=True, slots=True)
class Datagram:
    """What travels in an IPv4 packet to port 434."""

    source: bytes
    destination: bytes
    payload: bytes


@dataclass(frozen=True, slots=True)
class Request:
    """§3.3."""

    flags: int
    lifetime: int
    home_address: bytes
    home_agent: bytes
    care_of_address: bytes
    identification: int
    authentic: bool
    source: bytes = b""


@dataclass(frozen=True, slots=True)
class Reply:
    """§3.4."""

    code: int
    lifetime: int
    home_address: bytes
    home_agent: bytes
    identification: int
    authentic: bool
    udp: bool = False  # the data goes in UDP, says an extension that the mobile node's key covers (RFC 3519 §3.2)


def read_datagram(packet: bytes) -> Datagram | None:
    """The UDP datagram to port 434 in a packet, or from it to a NAT's port, if it is whole and its checksum right."""
    header = (packet[0] & 15) * 4
    if packet[0] >> 4 != 4 or packet[9] != 17 or len(packet) < header + 8:
        return None
    source_port, port, length, checksum = struct.unpack_from("!HHHH", packet, header)
    data = packet[header : header + length]
    if 434 not in (source_port, port) or length < 8 or len(data) != length:
        return None
    if checksum and _sum(packet[12:20] + struct.pack("!HH", 17, length) + data) != 0xFFFF:
        return None
    return Datagram(packet[12:16], packet[16:20], data[8:])


def is_advertisement(packet: bytes) -> bool:
    """An ICMP router advertisement with a right checksum."""
    icmp = packet[(packet[0] & 15) * 4 :]
    return packet[9] == 1 and icmp[:1] == b"\x09" and _sum(icmp) == 0xFFFF


def _sum(data: bytes) -> int:
    total: int = sum(struct.unpack(f"!{(len(data) + 1) // 2}H", data + b"\0" * (len(data) % 2)))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total


def extensions(payload: bytes, start: int) -> list[tuple[int, int]] | None:
    """(type, offset) of each extension (§1.8), or None if one runs past the end."""
    found = []
    while start < len(payload):
        if payload[start] == 0:
            start += 1
            continue
        if start + 2 > len(payload) or start + 2 + payload[start + 1] > len(payload):
            return None
        found.append((payload[start], start))
        start += 2 + payload[start + 1]
    return found


def _authentic(payload: bytes, start: int, keys: tuple[Key, ...]) -> bool:
    mobile_home = [offset for type_, offset in extensions(payload, start) or [] if type_ == 32]
    return len(mobile_home) == 1 and any(key.signs(payload, mobile_home[0]) for key in keys)


def read_request(datagram: Datagram, keys: tuple[Key, ...]) -> Request | None:
    """A Registration Request, authentic if exactly one Mobile-Home extension verifies under one of the keys."""
    payload = datagram.payload
    if len(payload) < 24 or payload[0] != 1:
        return None
    _, flags, lifetime, home, agent, care_of, identification = struct.unpack_from("!BBH4s4s4sQ", payload)
    authentic = _authentic(payload, 24, keys)
    return Request(flags, lifetime, home, agent, care_of, identification, authentic, datagram.source)


def read_reply(datagram: Datagram, keys: tuple[Key, ...]) -> Reply | None:
    """A Registration Reply, authentic in the same way."""
    payload = datagram.payload
    if len(payload) < 20 or payload[0] != 3:
        return None
    _, code, lifetime, home, agent, identification = struct.unpack_from("!BBH4s4sQ", payload)
    authentic = _authentic(payload, 20, keys)
    return Reply(code, lifetime, home, agent, identification, authentic, _assents_to_udp(payload))


def _assents_to_udp(payload: bytes) -> bool:
    """Codes below 64 of extension 44; what stands behind the mobile node's authenticator is a foreign agent's."""
    for type_, offset in extensions(payload, 20) or []:
        if type_ == 32:
            return False
        if type_ == 44 and payload[offset + 1] == 6:
            return payload[offset + 3] < 64
    return False
