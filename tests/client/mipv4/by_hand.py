"""What agents say and what a mobile node said, laid out by hand: no codec of ours is its own judge."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface

from client.core.ipv4 import IPv4Packet
from client.core.links import Link, Links
from client.core.machine import Heard, Output, Send, SendArp
from client.core.secret import Secret
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.settings import Settings

NTP_TO_UNIX = 2_208_988_800
WALL = 1_800_000_000.0
"""The time of day when the machine's clock shows zero."""

HOME = "198.51.100.23"
HOME_AGENT = "198.51.100.1"
CARE_OF = "203.0.113.77"
AGENT = "192.0.2.1"
AGENT_CARE_OF = "192.0.2.9"
GATEWAY = "203.0.113.1"
NAI = "alice@example.net"
KEY = bytes(range(16))
SPI = 0x1234
OUR_MAC = bytes.fromhex("020000000001")
AGENT_MAC = bytes.fromhex("020000000a01")
HOME_AGENT_MAC = bytes.fromhex("020000000b01")
ETHERNET = 2
WIRELESS = 3

REGISTRATION_REQUIRED, BUSY, IS_HOME_AGENT, IS_FOREIGN_AGENT, OFFERS_T = 0x8000, 0x4000, 0x2000, 0x1000, 0x0100
D_BIT, T_BIT = 0x20, 0x02


def association(spi: int = SPI, key: bytes = KEY) -> SecurityAssociation:
    """What the mobile node holds of the key."""
    return SecurityAssociation(spi=spi, key=Secret(key))


SETTINGS = Settings(
    home_address=IPv4Interface(f"{HOME}/24"),
    home_agents=(IPv4Address(HOME_AGENT),),
    associations=(association(),),
)


def link(
    index: int = ETHERNET,
    *addresses: str,
    ups: int = 1,
    up: bool = True,
    mac: bytes = OUR_MAC,
    gateway: str | None = None,
    routed: bool = True,
    mtu: int = 1500,
) -> Link:
    """A link as the kernel tells it."""
    return Link(
        index=index,
        name=f"eth{index}",
        link_layer_address=mac,
        up=up,
        ups=ups,
        mtu=mtu,
        addresses=tuple(IPv4Interface(address) for address in addresses),
        gateway=IPv4Address(gateway) if gateway else None,
        routed=routed and bool(addresses),
    )


def links(*all_of_them: Link) -> Links:
    """A snapshot."""
    return Links(all_of_them)


def ones_complement(data: bytes) -> int:
    """The Internet checksum (RFC 1071), summed word by word: 0 over what holds its right checksum."""
    data += b"\0" * (len(data) % 2)
    total: int = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return total ^ 0xFFFF


def ip(source: str, destination: str, protocol: int, payload: bytes, ttl: int = 64) -> IPv4Packet:
    """A packet as the world hands it over."""
    return IPv4Packet(
        source=IPv4Address(source), destination=IPv4Address(destination), protocol=protocol, payload=payload, ttl=ttl
    )


def icmp(type_: int, code: int, body: bytes) -> bytes:
    """An ICMP message with its checksum."""
    checksum = ones_complement(struct.pack("!BBH", type_, code, 0) + body)
    return struct.pack("!BBH", type_, code, checksum) + body


def heard_advertisement(
    *,
    source: str = AGENT,
    interface: int = ETHERNET,
    mac: bytes = AGENT_MAC,
    sequence: int = 7,
    lifetime: int = 9,
    registration_lifetime: int = 1800,
    flags: int = IS_FOREIGN_AGENT | OFFERS_T,
    care_of: Sequence[str] = (AGENT_CARE_OF,),
    routers: Sequence[str] = (),
    prefix_lengths: Sequence[int] = (),
    ttl: int = 1,
    code: int = 0,
    wrong_checksum: bool = False,
) -> Heard:
    """An Agent Advertisement (RFC 5944 §2.1) as it arrived."""
    body = struct.pack("!BBH", len(routers), 2, lifetime)
    body += b"".join(IPv4Address(router).packed + bytes(4) for router in routers)
    body += struct.pack("!BBHHH", 16, 6 + 4 * len(care_of), sequence, registration_lifetime, flags)
    body += b"".join(IPv4Address(address).packed for address in care_of)
    if prefix_lengths:
        body += bytes((19, len(prefix_lengths), *prefix_lengths))
    message = icmp(9, code, body)
    if wrong_checksum:
        message = message[:2] + bytes((message[2] ^ 0x55, message[3])) + message[4:]
    return Heard(packet=ip(source, "224.0.0.1", 1, message, ttl), interface=interface, link_layer_source=mac)


def heard_home_agent(*, interface: int = ETHERNET, lifetime: int = 9, sequence: int = 7) -> Heard:
    """The advertisement of our own home agent, on the home link."""
    return heard_advertisement(
        source=HOME_AGENT,
        interface=interface,
        mac=HOME_AGENT_MAC,
        sequence=sequence,
        lifetime=lifetime,
        flags=IS_HOME_AGENT,
        care_of=(),
    )


def heard_echo(
    probe: Send, *, interface: int, mac: bytes = b"", source: str | None = None, to: str | None = None
) -> Heard:
    """The answer to a probe: the same body, type 0."""
    asked = probe.packet
    source, to = source or str(asked.destination), to or str(asked.source)
    packet = ip(source, to, 1, icmp(0, 0, asked.payload[4:]))
    return Heard(packet=packet, interface=interface, link_layer_source=mac)


def sign(body: bytes, kind: int, key: bytes = KEY, spi: int = SPI) -> bytes:
    """Append an authentication extension of this type (RFC 5944 §3.5.2 to §3.5.4)."""
    covered = body + struct.pack("!BBI", kind, 20, spi)
    return covered + hmac.new(key, covered, hashlib.md5).digest()


@dataclass(frozen=True, slots=True)
class Asked:
    """A Registration Request that was sent, taken apart by hand."""

    send: Send
    flags: int
    lifetime: int
    home: str
    home_agent: str
    care_of: str
    ident: int
    extensions: tuple[tuple[int, bytes], ...]
    data: bytes

    @property
    def kinds(self) -> list[int]:
        """The types of its extensions, in their order."""
        return [kind for kind, _ in self.extensions]

    @property
    def source(self) -> str:
        """Whom it came from."""
        return str(self.send.packet.source)

    @property
    def destination(self) -> str:
        """Whom it went to."""
        return str(self.send.packet.destination)

    @property
    def time(self) -> float:
        """Its identification as seconds since 1970."""
        return self.ident / 2**32 - NTP_TO_UNIX

    def is_signed(self, kind: int = 32, key: bytes = KEY, spi: int = SPI) -> bool:
        """Does an authentication extension of this type stand there, over all that is before it?"""
        offset = 24
        for type_, data in self.extensions:
            if type_ == kind:
                covered = self.data[: offset + 6]
                return data == struct.pack("!I", spi) + hmac.new(key, covered, hashlib.md5).digest()
            offset += 2 + len(data)
        return False


def read_request(output: Output) -> Asked:
    """Take a request apart; its UDP header must be right."""
    assert isinstance(output, Send)
    packet = output.packet
    source_port, port, length, _ = struct.unpack_from("!HHHH", packet.payload)
    pseudo = packet.source.packed + packet.destination.packed + struct.pack("!BBH", 0, 17, length)
    assert (packet.protocol, port, length) == (17, 434, len(packet.payload))
    assert source_port
    assert ones_complement(pseudo + packet.payload) == 0
    data = packet.payload[8:]
    kind, flags, lifetime, home, agent, care_of, ident = struct.unpack_from("!BBH4s4s4sQ", data)
    assert kind == 1
    return Asked(
        send=output,
        flags=flags,
        lifetime=lifetime,
        home=str(IPv4Address(home)),
        home_agent=str(IPv4Address(agent)),
        care_of=str(IPv4Address(care_of)),
        ident=ident,
        extensions=tuple(_extensions(data[24:])),
        data=data,
    )


def _extensions(data: bytes) -> Iterable[tuple[int, bytes]]:
    while data:
        yield data[0], data[2 : 2 + data[1]]
        data = data[2 + data[1] :]


def is_request(output: Output) -> bool:
    """Is this a Registration Request, and no tunnel data, for port 434?"""
    return isinstance(output, Send) and output.packet.protocol == 17 and output.packet.payload[8] == 1


def requests_in(outputs: Iterable[Output]) -> list[Asked]:
    """The Registration Requests among what was sent."""
    return [read_request(output) for output in outputs if is_request(output)]


def _icmp_in(outputs: Iterable[Output], type_: int) -> list[Send]:
    sends = [output for output in outputs if isinstance(output, Send) and output.packet.protocol == 1]
    assert all(ones_complement(send.packet.payload) == 0 for send in sends)
    return [send for send in sends if send.packet.payload[0] == type_]


def solicitations_in(outputs: Iterable[Output]) -> list[Send]:
    """The Agent Solicitations among what was sent."""
    return _icmp_in(outputs, 10)


def probes_in(outputs: Iterable[Output]) -> list[Send]:
    """The echo requests among what was sent."""
    return _icmp_in(outputs, 8)


def arps_in(outputs: Iterable[Output]) -> list[SendArp]:
    """The ARP packets among what was sent."""
    return [output for output in outputs if isinstance(output, SendArp)]


def reply_bytes(
    asked: Asked,
    *,
    code: int = 0,
    lifetime: int | None = None,
    home: str | None = None,
    home_agent: str | None = None,
    ident: int | None = None,
    key: bytes | None = KEY,
    spi: int = SPI,
    extensions: bytes = b"",
) -> bytes:
    """A Registration Reply (RFC 5944 §3.4) to a request; with key None nobody signs it."""
    body = struct.pack("!BBH", 3, code, asked.lifetime if lifetime is None else lifetime)
    body += IPv4Address(home or asked.home).packed + IPv4Address(home_agent or asked.home_agent).packed
    body += struct.pack("!Q", asked.ident if ident is None else ident) + extensions
    return body if key is None else sign(body, 32, key, spi)


def heard_reply(
    asked: Asked, payload: bytes, *, interface: int | None = None, udp_checksum: int | None = None
) -> Heard:
    """A reply on its way back to where the request came from, by the same link."""
    source, destination = asked.destination, asked.source if asked.source != "0.0.0.0" else "255.255.255.255"
    length = 8 + len(payload)
    pseudo = IPv4Address(source).packed + IPv4Address(destination).packed + struct.pack("!BBH", 0, 17, length)
    ports = struct.pack("!HH", 434, 434) + struct.pack("!H", length)
    checksum = ones_complement(pseudo + ports + bytes(2) + payload) or 0xFFFF
    udp = ports + struct.pack("!H", checksum if udp_checksum is None else udp_checksum) + payload
    on = asked.send.interface or ETHERNET
    mac = asked.send.link_layer_destination or HOME_AGENT_MAC
    return Heard(
        packet=ip(source, destination, 17, udp), interface=on if interface is None else interface, link_layer_source=mac
    )
