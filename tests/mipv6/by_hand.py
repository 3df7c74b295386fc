"""What routers, neighbours and home agents say to a mobile node, laid out by hand from the RFCs."""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Heard6, Output, Send6
from tests.mipv6.headers import checksum

HOME = IPv6Address("2001:db8:1::23")
HOME_PREFIX = IPv6Network("2001:db8:1::/64")
HOME_AGENT, SECOND_AGENT = IPv6Address("2001:db8:1::1"), IPv6Address("2001:db8:1::2")
ANYCAST = IPv6Address("2001:db8:1:0:fdff:ffff:ffff:fffe")
FOREIGN, ELSEWHERE = IPv6Network("2001:db8:2::/64"), IPv6Network("2001:db8:3::/64")
CARE_OF, OTHER_CARE_OF = IPv6Address("2001:db8:2::7"), IPv6Address("2001:db8:3::7")
ROUTER, OTHER_ROUTER, AGENT_LOCAL = IPv6Address("fe80::a"), IPv6Address("fe80::b"), IPv6Address("fe80::1")
ROUTER_MAC, OTHER_MAC, AGENT_MAC = (bytes.fromhex(f"0200000000{last}") for last in ("0a", "0b", "01"))
OUR_MAC = bytes.fromhex("020000000007")
LINK_LOCAL = IPv6Address("fe80::7")
ALL_NODES, ALL_ROUTERS = IPv6Address("ff02::1"), IPv6Address("ff02::2")
SOLICITED_HOME = IPv6Address("ff02::1:ff00:23")
NOBODY = IPv6Address("::")
ETHERNET = 2
KEY = bytes(range(16))
SPI = 4096
NAI = "alice@example.net"

ROUTER_SOLICITATION, ROUTER_ADVERTISEMENT = 133, 134
NEIGHBOUR_SOLICITATION, NEIGHBOUR_ADVERTISEMENT = 135, 136
ECHO_REQUEST, ECHO_REPLY = 128, 129
ON_LINK, AUTONOMOUS, ROUTER_ADDRESS = 0x80, 0x40, 0x20
FINE = ON_LINK | AUTONOMOUS
H_BIT = 0x20
ACKNOWLEDGE, HOME_REGISTRATION, LINK_LOCAL_BIT = 0x8000, 0x4000, 0x2000


def icmp(
    message: bytes,
    source: IPv6Address,
    destination: IPv6Address,
    *,
    hop_limit: int = 255,
    routing: IPv6Address | None = None,
) -> IPv6Packet:
    """An ICMPv6 message, its checksum field zero, in a packet, with the right one."""
    summed = checksum(message, source, routing or destination, NextHeader.ICMPV6)
    payload = message[:2] + summed + message[4:]
    return IPv6Packet(
        source=source,
        destination=destination,
        next_header=NextHeader.ICMPV6,
        payload=payload,
        hop_limit=hop_limit,
        routing=routing,
    )


def heard(packet: IPv6Packet, mac: bytes = ROUTER_MAC, interface: int = ETHERNET) -> Heard6:
    """The packet, from this hand."""
    return Heard6(packet=packet, interface=interface, link_layer_source=mac)


def prefix_option(
    prefix: IPv6Network | IPv6Address, flags: int = FINE, valid: int = 3600, preferred: int = 1800
) -> bytes:
    """Prefix Information (RFC 4861 §4.6.2, RFC 6275 §7.2): 32 bytes."""
    address = prefix.network_address if isinstance(prefix, IPv6Network) else prefix
    return struct.pack("!BBBBII4x16s", 3, 4, 64, flags, valid, preferred, address.packed)


def router_advertisement(
    *options: bytes,
    router: IPv6Address = ROUTER,
    mac: bytes = ROUTER_MAC,
    lifetime: int = 1800,
    flags: int = 0,
    hop_limit: int = 255,
    interface: int = ETHERNET,
) -> Heard6:
    """A Router Advertisement (RFC 4861 §4.2) with the router's link-layer address and these options."""
    fixed = struct.pack("!BBHBBHII", ROUTER_ADVERTISEMENT, 0, 0, 64, flags, lifetime, 0, 0)
    message = fixed + bytes((1, 1)) + mac + b"".join(options)
    return heard(icmp(message, router, ALL_NODES, hop_limit=hop_limit), mac, interface)


def foreign(lifetime: int = 1800, hop_limit: int = 255) -> Heard6:
    """The router of the foreign link."""
    return router_advertisement(prefix_option(FOREIGN), lifetime=lifetime, hop_limit=hop_limit)


def elsewhere() -> Heard6:
    """The router of another foreign link."""
    return router_advertisement(prefix_option(ELSEWHERE), router=OTHER_ROUTER, mac=OTHER_MAC)


def home_link() -> Heard6:
    """The home agent on the home link: H bit, and its own address with the R bit."""
    own = prefix_option(HOME_AGENT, FINE | ROUTER_ADDRESS)
    return router_advertisement(own, router=AGENT_LOCAL, mac=AGENT_MAC, flags=H_BIT)


def plain_home_router() -> Heard6:
    """Another router of the home link, who is no home agent."""
    return router_advertisement(prefix_option(HOME_PREFIX))


def neighbour_advertisement(
    target: IPv6Address,
    mac: bytes,
    *,
    flags: int,
    source: IPv6Address | None = None,
    destination: IPv6Address = ALL_NODES,
) -> Heard6:
    """Flags: 0x80 router, 0x40 solicited, 0x20 override (RFC 4861 §4.4)."""
    message = struct.pack("!BBHB3x16s", NEIGHBOUR_ADVERTISEMENT, 0, 0, flags, target.packed) + bytes((2, 1)) + mac
    return heard(icmp(message, source or target, destination), mac)


def neighbour_solicitation(
    target: IPv6Address, source: IPv6Address, destination: IPv6Address, mac: bytes = AGENT_MAC
) -> Heard6:
    """With the asker's link-layer address, unless nobody asks (RFC 4861 §4.3)."""
    option = b"" if source == NOBODY else bytes((1, 1)) + mac
    message = struct.pack("!BBHI16s", NEIGHBOUR_SOLICITATION, 0, 0, 0, target.packed) + option
    return heard(icmp(message, source, destination), mac)


def agent_reply(identifier: int, *agents: IPv6Address, to: IPv6Address = CARE_OF) -> Heard6:
    """Home Agent Address Discovery Reply (RFC 6275 §6.6)."""
    message = struct.pack("!BBHHH", 145, 0, 0, identifier, 0) + b"".join(agent.packed for agent in agents)
    return heard(icmp(message, HOME_AGENT, to, hop_limit=60))


@dataclass(frozen=True)
class Update:
    """A Binding Update to a home agent, read field by field (RFC 6275 §6.1.7)."""

    send: Send6

    @property
    def header(self) -> bytes:
        """The mobility header."""
        return self.send.packet.payload

    @property
    def sequence(self) -> int:
        """Bytes 6 and 7."""
        return int.from_bytes(self.header[6:8])

    @property
    def flags(self) -> int:
        """A, H, L, K: the highest bits of bytes 8 and 9."""
        return int.from_bytes(self.header[8:10])

    @property
    def lifetime(self) -> int:
        """Seconds: bytes 10 and 11 are units of four."""
        return 4 * int.from_bytes(self.header[10:12])

    @property
    def options(self) -> dict[int, bytes]:
        """Data by type, padding left out; they begin at byte 12."""
        found, place = {}, 12
        while place < len(self.header):
            kind = self.header[place]
            size = self.header[place + 1] if kind else -1
            if kind > 1:
                found[kind] = self.header[place + 2 : place + 2 + size]
            place += 2 + size
        return found

    @property
    def timestamp(self) -> bytes:
        """Of RFC 4285's replay protection."""
        return self.options[10]

    @property
    def signature_is_right(self) -> bool:
        """RFC 4285 §5.1: HMAC-SHA1 over care-of address, home address and the header up to the SPI, checksum zero."""
        care_of = self.send.packet.source.packed
        covered = care_of + HOME.packed + self.header[:4] + bytes(2) + self.header[6:-12]
        return hmac.digest(KEY, covered, "sha1")[:12] == self.header[-12:] == self.options[9][5:]


def updates_in(outputs: list[Output]) -> list[Update]:
    """The Binding Updates among them."""
    sent = [one for one in outputs if isinstance(one, Send6) and one.packet.next_header == NextHeader.MOBILITY]
    return [Update(one) for one in sent if one.packet.payload[2] == 5]


def icmp_in(outputs: list[Output], kind: int) -> list[Send6]:
    """The ICMPv6 messages of this type among them."""
    sent = [one for one in outputs if isinstance(one, Send6) and one.packet.next_header == NextHeader.ICMPV6]
    return [one for one in sent if one.packet.payload[0] == kind]


def acknowledgement(
    update: Update,
    status: int = 0,
    *,
    lifetime: int | None = None,
    sequence: int | None = None,
    timestamp: bytes | None = None,
    key: bytes | None = KEY,
    source: IPv6Address | None = None,
    routing: IPv6Address | None = HOME,
    advice: int | None = None,
) -> Heard6:
    """A Binding Acknowledgement (RFC 6275 §6.1.8) to an update, signed by RFC 4285 unless there is no key.

    | 59 | length | 6 | 0 | checksum | status | 0 | sequence | lifetime |
    | 2 4 advice | | padding to 8n+2 | 10 8 timestamp | 0 | 9 17 1 SPI authenticator |
    """
    packet = update.send.packet
    at_home, home = packet.source == HOME, packet.home_address or HOME
    routing = home if routing == HOME else routing
    granted = (update.lifetime if lifetime is None else lifetime) // 4
    number = update.sequence if sequence is None else sequence
    data = struct.pack("!BxHH", status, number, granted)
    if advice is not None:
        data += struct.pack("!BBH", 2, 2, advice // 4)
    gap = (2 - 6 - len(data)) % 8
    data += bytes(1) if gap == 1 else bytes((1, gap - 2)) + bytes(gap - 2) if gap else b""
    data += bytes((10, 8)) + (update.timestamp if timestamp is None else timestamp)
    if key is not None:
        data += bytes(1) + bytes((9, 17, 1)) + SPI.to_bytes(4)
        header = struct.pack("!BBBBH", 59, (6 + len(data) + 12) // 8 - 1, 6, 0, 0) + data
        header += hmac.digest(key, packet.source.packed + home.packed + header, "sha1")[:12]
    else:
        data += bytes((1, (-len(data) - 8) % 8)) + bytes((-len(data) - 8) % 8)
        header = struct.pack("!BBBBH", 59, (6 + len(data)) // 8 - 1, 6, 0, 0) + data
    sender = source or packet.destination
    final = home if at_home or routing else packet.source
    summed = header[:4] + checksum(header, sender, final) + header[6:]
    return heard(
        IPv6Packet(
            source=sender,
            destination=packet.source,
            next_header=NextHeader.MOBILITY,
            payload=summed,
            routing=None if at_home else routing,
        )
    )


def echo_reply(probe: Send6, interface: int) -> Heard6:
    """The answer to an echo request: the same bytes, type 129."""
    packet = probe.packet
    message = bytes((ECHO_REPLY, 0, 0, 0)) + packet.payload[4:]
    return heard(icmp(message, packet.destination, packet.source, hop_limit=64), b"", interface)
