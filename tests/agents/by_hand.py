"""Registration messages laid out by hand from the RFCs, so that no codec of ours is its own judge."""

from __future__ import annotations

import hashlib
import hmac
import struct
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from client.core.ipv4 import IPv4Packet
from client.core.links import Link, Links
from client.core.machine import Heard, Output, Send

NTP_TO_UNIX = 2_208_988_800
WALL = 1_800_000_000.0
KEY = bytes(range(16))
SPI = 0x1234
HOME_AGENT = "198.51.100.1"
HOME = "198.51.100.23"
CARE_OF = "203.0.113.77"
NAI = "alice@example.net"


def identification(seconds: float = 0.0, low: int = 0x0BADCAFE) -> int:
    """A timestamp some seconds off WALL, with the given low 32 bits."""
    return (int(WALL + seconds) + NTP_TO_UNIX) << 32 | low


def request(
    *,
    flags: int = 0,
    lifetime: int = 300,
    home: str = HOME,
    agent: str = HOME_AGENT,
    care_of: str = CARE_OF,
    ident: int | None = None,
    nai: str | None = None,
    key: bytes = KEY,
    spi: int = SPI,
    prefix_suffix: bool = False,
    extension: bytes = b"",
) -> bytes:
    """A Registration Request (RFC 5944 §3.3) with its Mobile-Home Authentication Extension (§3.5.2).

    `extension` stands before that one.
    """
    addresses = b"".join(IPv4Address(address).packed for address in (home, agent, care_of))
    body = struct.pack("!BBH", 1, flags, lifetime) + addresses
    body += struct.pack("!Q", identification() if ident is None else ident)
    if nai is not None:
        body += bytes((131, len(nai))) + nai.encode()
    return sign(body + extension, 32, key, spi, prefix_suffix=prefix_suffix)


def udp_request(flags: int = 0, encapsulation: int = 0, reserved: int = 0, sub_type: int = 0) -> bytes:
    """A UDP Tunnel Request Extension (RFC 3519 §3.1): the F flag is 0x80, the R flag 0x40."""
    return struct.pack("!BBBBBBH", 144, 6, sub_type, 0, flags, encapsulation, reserved)


def udp_reply(code: int = 0, flags: int = 0, keepalive: int = 0) -> bytes:
    """A UDP Tunnel Reply Extension (RFC 3519 §3.2): the F flag is 0x8000."""
    return struct.pack("!BBBBHH", 44, 6, 0, code, flags, keepalive)


def reply(
    *,
    code: int = 0,
    lifetime: int = 300,
    home: str = HOME,
    agent: str = HOME_AGENT,
    ident: int | None = None,
    nai: str | None = None,
) -> bytes:
    """A Registration Reply (RFC 5944 §3.4), signed for the mobile node."""
    body = struct.pack("!BBH", 3, code, lifetime) + IPv4Address(home).packed + IPv4Address(agent).packed
    body += struct.pack("!Q", identification() if ident is None else ident)
    if nai is not None:
        body += bytes((131, len(nai))) + nai.encode()
    return sign(body, 32, KEY, SPI)


def sign(body: bytes, kind: int, key: bytes = KEY, spi: int = SPI, *, prefix_suffix: bool = False) -> bytes:
    """Append an authentication extension of this type."""
    covered = body + struct.pack("!BBI", kind, 20, spi)
    if prefix_suffix:
        return covered + hashlib.md5(key + covered + key).digest()
    return covered + hmac.new(key, covered, hashlib.md5).digest()


def udp(payload: bytes, source_port: int = 434, destination_port: int = 434) -> bytes:
    """A datagram without a checksum, which is allowed."""
    return struct.pack("!HHHH", source_port, destination_port, 8 + len(payload), 0) + payload


def heard(
    payload: bytes,
    *,
    source: str = CARE_OF,
    destination: str = HOME_AGENT,
    interface: int = 3,
    link_layer_source: bytes = b"\x02\x00\x00\x00\x00\x99",
    source_port: int = 434,
    ttl: int = 255,
) -> Heard:
    """A datagram to port 434 as it arrived."""
    packet = IPv4Packet(
        source=IPv4Address(source),
        destination=IPv4Address(destination),
        protocol=17,
        payload=udp(payload, source_port),
        ttl=ttl,
    )
    return Heard(packet=packet, interface=interface, link_layer_source=link_layer_source)


@dataclass(frozen=True, slots=True)
class Read:
    """A sent reply, taken apart by hand."""

    send: Send
    code: int
    lifetime: int
    home: str
    agent: str
    ident: int
    data: bytes  # the whole message
    extensions: dict[int, bytes]

    @property
    def low(self) -> int:
        """The low 32 bits of the identification."""
        return self.ident & 0xFFFFFFFF

    def is_signed(self, kind: int = 32, key: bytes = KEY) -> bool:
        """Is the last extension of this type, and right?"""
        covered, authenticator = self.data[:-16], self.data[-16:]
        named: bool = covered[-6:-4] == bytes((kind, 20))
        return named and hmac.new(key, covered, hashlib.md5).digest() == authenticator


def read(output: Output) -> Read:
    """Take a reply apart; its UDP checksum must be right."""
    assert isinstance(output, Send)
    payload = output.packet.payload
    assert checksum_is_right(output.packet)
    kind, code, lifetime, home, agent, ident = struct.unpack_from("!BBH4s4sQ", payload, 8)
    assert kind == 3
    return Read(
        output,
        code,
        lifetime,
        str(IPv4Address(home)),
        str(IPv4Address(agent)),
        ident,
        payload[8:],
        extensions(payload[28:]),
    )


def extensions(data: bytes) -> dict[int, bytes]:
    """Type to data."""
    found = {}
    while data:
        found[data[0]] = data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
    return found


def checksum_is_right(packet: IPv4Packet) -> bool:
    """The UDP checksum, summed word by word."""
    length = len(packet.payload)
    data = packet.source.packed + packet.destination.packed + struct.pack("!BBH", 0, 17, length) + packet.payload
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total == 0xFFFF


def link(index: int, name: str, address: str | None, mac: int) -> Link:
    """A link that is up."""
    return Link(
        index=index,
        name=name,
        link_layer_address=bytes((2, 0, 0, 0, 0, mac)),
        up=True,
        addresses=(IPv4Interface(address),) if address else (),
    )


HOME_LINK = link(2, "eth0", "198.51.100.1/24", 0x01)
UPLINK = link(3, "eth9", "192.0.2.1/24", 0x02)
VISITED = link(4, "eth1", "203.0.113.1/24", 0x03)
LINKS = Links((HOME_LINK, UPLINK, VISITED))
