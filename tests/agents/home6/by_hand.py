"""Packets of Mobile IPv6 laid out by hand from the RFCs, so that no codec of ours is its own judge."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface, IPv6Network
from typing import Any

from agents.home6.node import Association6, Node6
from agents.home6.settings import Home6Settings, HomePrefix
from agents.nodes import Node
from client.core.ipv6 import IPv6Packet
from client.core.links import Address6, Link, Links
from client.core.machine import Heard6, Output, Send6
from client.core.secret import Secret

NTP_TO_UNIX = 2_208_988_800
WALL = 1_800_000_000.0
KEY = bytes(range(16))
SPI = 0x1234
NAI = "alice@example.net"
HOME_AGENT = "2001:db8:1::1"
HOME = "2001:db8:1::23"
CARE_OF = "2001:db8:2::77"
HOME_MAC = bytes.fromhex("020000000001")
STRANGER_MAC = bytes.fromhex("020000000099")
ALL_NODES_MAC = bytes.fromhex("333300000001")
A, H, L, K = 0x8000, 0x4000, 0x2000, 0x1000
MN_HA = 1

SETTINGS = Home6Settings(
    address=IPv6Address(HOME_AGENT),
    prefixes=(HomePrefix(prefix=IPv6Network("2001:db8:1::/64")),),
    interface="eth0",
    advertise=False,
)


def node(nai: str, home: str, key: bytes, *, timestamps: bool = True) -> Node:
    """A mobile node for IPv6 alone."""
    association = Association6(spi=SPI, key=Secret(key), timestamps=timestamps)
    return Node(nai=nai, v6=Node6(home_address=IPv6Address(home), associations=(association,)))


ALICE = node(NAI, HOME, KEY)
BOB = node("bob@example.net", "2001:db8:1::24", b"B" * 16)
CAROL = node("carol@example.net", "2001:db8:1::25", b"C" * 16, timestamps=False)
ELSEWHERE = node("eve@example.net", "2001:db8:9::26", b"E" * 16)


def timestamp(seconds: float = 0.0, low: int = 0x0BADCAFE) -> int:
    """NTP's 64 bits, some seconds off WALL, with the given low 32 bits."""
    return (int(WALL + seconds) + NTP_TO_UNIX) << 32 | low


def option(kind: int, data: bytes) -> bytes:
    """A mobility option."""
    return bytes((kind, len(data))) + data


def padded(body: bytes, unit: int, rest: int) -> bytes:
    """PadN or Pad1 until the next byte is at unit * n + rest, counted from the mobility header's first one."""
    missing = (rest - len(body)) % unit
    return body + (bytes(missing) if missing < 2 else bytes((1, missing - 2)) + bytes(missing - 2))


def update(
    *,
    sequence: int = 1,
    flags: int = A | H,
    lifetime: int = 300,
    home: str = HOME,
    care_of: str = CARE_OF,
    alternate: str | None = None,
    nai: str | None = NAI,
    stamp: int | None = -1,
    key: bytes | None = KEY,
    spi: int = SPI,
    more: bytes = b"",
) -> bytes:
    """A Binding Update (RFC 6275 §6.1.7) with the options of RFC 4283 and RFC 4285, its checksum still zero.

    | 59 | length | 5 | 0 | checksum | sequence | A H L K | lifetime / 4 |
    """
    body = struct.pack("!BBBBHHHH", 59, 0, 5, 0, 0, sequence, flags, lifetime // 4)
    if alternate is not None:
        body = padded(body, 8, 6) + option(3, IPv6Address(alternate).packed)
    if nai is not None:
        body += option(8, b"\1" + nai.encode())
    if stamp is not None:
        body = padded(body, 8, 2) + option(10, struct.pack("!Q", timestamp() if stamp == -1 else stamp))
    body += more
    return sign(body, alternate or care_of, home, key, spi)


def sign(body: bytes, care_of: str, home: str, key: bytes | None, spi: int = SPI) -> bytes:
    """Append the MN-HA authentication option (RFC 4285 §5.1) at 4n + 1, and pad to a multiple of 8."""
    if key is None:
        return with_length(padded(body, 8, 0))
    body = padded(body, 4, 1)
    whole = len(body) + 2 + 5 + 12
    whole += -whole % 8
    covered = body + bytes((9, 17)) + struct.pack("!BI", MN_HA, spi)
    covered = covered[:1] + bytes((whole // 8 - 1,)) + covered[2:]
    data = IPv6Address(care_of).packed + IPv6Address(home).packed + covered
    return padded(covered + hmac.new(key, data, hashlib.sha1).digest()[:12], 8, 0)


def with_length(body: bytes) -> bytes:
    """The header length: units of 8 bytes, without the first."""
    return body[:1] + bytes((len(body) // 8 - 1,)) + body[2:]


def checksum(data: bytes, source: str, destination: str, kind: int = 135) -> int:
    """RFC 8200 §8.1, summed word by word; 0 over data that holds its right one."""
    whole = IPv6Address(source).packed + IPv6Address(destination).packed + struct.pack("!IxxxB", len(data), kind) + data
    total: int = sum(struct.unpack(f"!{len(whole) // 2}H", whole))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


def heard(
    header: bytes,
    *,
    source: str = CARE_OF,
    destination: str = HOME_AGENT,
    home: str | None = HOME,
    interface: int = 3,
    link_layer_source: bytes = STRANGER_MAC,
) -> Heard6:
    """A mobility header, its checksum zero, as it arrived with the right one; `home`: the home address option."""
    right = checksum(header, home or source, destination)
    packet = IPv6Packet(
        source=IPv6Address(source),
        destination=IPv6Address(destination),
        next_header=135,
        payload=header[:4] + struct.pack("!H", right) + header[6:],
        home_address=IPv6Address(home) if home else None,
    )
    return Heard6(packet=packet, interface=interface, link_layer_source=link_layer_source, unicast=True)


def icmp(
    kind: int,
    body: bytes,
    source: str,
    destination: str,
    *,
    interface: int = 2,
    hop_limit: int = 255,
    link_layer_source: bytes = STRANGER_MAC,
    home: str | None = None,
) -> Heard6:
    """An ICMPv6 message, code 0, as it arrived on the home link."""
    plain = struct.pack("!BBH", kind, 0, 0) + body
    data = plain[:2] + struct.pack("!H", checksum(plain, home or source, destination, 58)) + body
    packet = IPv6Packet(
        source=IPv6Address(source),
        destination=IPv6Address(destination),
        next_header=58,
        payload=data,
        hop_limit=hop_limit,
        home_address=IPv6Address(home) if home else None,
    )
    return Heard6(packet=packet, interface=interface, link_layer_source=link_layer_source)


def solicitation(target: str, source: str = "fe80::99", destination: str | None = None, **arrival: Any) -> Heard6:
    """A Neighbour Solicitation (RFC 4861 §4.3); from somebody it bears its link-layer address."""
    group = "ff02::1:ff" + IPv6Address(target).exploded[-7:]
    link_layer = b"" if source == "::" else bytes((1, 1)) + STRANGER_MAC
    body = bytes(4) + IPv6Address(target).packed + link_layer
    return icmp(135, body, source, destination or group, **arrival)


def neighbour_advertisement(target: str, flags: int = 0x20, **arrival: Any) -> Heard6:
    """A Neighbour Advertisement (RFC 4861 §4.4) to all nodes."""
    body = bytes((flags, 0, 0, 0)) + IPv6Address(target).packed + bytes((2, 1)) + STRANGER_MAC
    return icmp(136, body, "fe80::99", "ff02::1", **arrival)


@dataclass(frozen=True, slots=True)
class Read:
    """A Binding Acknowledgement that was sent, taken apart by hand."""

    send: Send6
    status: int
    key_management: bool
    sequence: int
    lifetime: int
    data: bytes
    options: dict[int, bytes]

    def is_signed(self, care_of: str = CARE_OF, home: str = HOME, key: bytes = KEY) -> bool:
        """Is the last option the MN-HA authentication, and right?"""
        kind, length, subtype, spi = struct.unpack_from("!BBBI", self.data, self._place)
        covered = self.data[:4] + bytes(2) + self.data[6 : self._place + 7]
        data = IPv6Address(care_of).packed + IPv6Address(home).packed + covered
        right = hmac.new(key, data, hashlib.sha1).digest()[:12]
        value = self.data[self._place + 7 : self._place + 19]
        padding = self.data[self._place + 19 :]
        return (kind, length, subtype, spi, value) == (9, 17, MN_HA, SPI, right) and not padding.strip(b"\0\1\2\3\4\5")

    @property
    def _place(self) -> int:
        place, found = 12, -1
        while place < len(self.data):
            if self.data[place] == 9:
                found = place
            place += 1 if self.data[place] == 0 else 2 + self.data[place + 1]
        return found


def read(output: Output) -> Read:
    """Take an acknowledgement apart; its checksum must be right (RFC 6275 §6.1.8)."""
    assert isinstance(output, Send6)
    packet = output.packet
    data = packet.payload
    assert checksum(data, str(packet.source), str(packet.routing or packet.destination)) == 0
    proto, length, kind, _, _, status, flags, sequence, lifetime = struct.unpack_from("!BBBBHBBHH", data)
    assert (proto, kind, len(data)) == (59, 6, 8 * (length + 1))
    return Read(output, status, bool(flags & 0x80), sequence, lifetime * 4, data, options(data[12:]))


def options(data: bytes) -> dict[int, bytes]:
    """Kind to data, without padding."""
    found = {}
    while data:
        size = 1 if data[0] == 0 else 2 + data[1]
        if data[0] > 1:
            found[data[0]] = data[2:size]
        data = data[size:]
    return found


def link(index: int, name: str, address: str, mac: bytes, link_local: str) -> Link:
    """A link that is up."""
    return Link(
        index=index,
        name=name,
        link_layer_address=mac,
        up=True,
        link_local=IPv6Address(link_local),
        addresses6=(Address6(IPv6Interface(address)),),
    )


HOME_LINK = link(2, "eth0", HOME_AGENT + "/64", HOME_MAC, "fe80::1")
UPLINK = link(3, "eth9", "2001:db8:ff::1/64", bytes.fromhex("020000000002"), "fe80::2")
LINKS = Links((HOME_LINK, UPLINK))
