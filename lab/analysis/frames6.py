"""Takes an IPv6 packet apart, as far as the figures need it. Total: what it does not know it leaves out."""

from __future__ import annotations

from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import NamedTuple

IPV6 = 0x86DD
TCP, UDP, IN_IPV6, ESP, ICMPV6, NO_MORE, MOBILITY = 6, 17, 41, 50, 58, 59, 135
HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION = 0, 43, 44, 60
_TYPE_2 = 2
_HOME_ADDRESS_OPTION = 201
_PAD1 = 0
_HEADER = 40


class Esp(NamedTuple):
    """An ESP header with HMAC-SHA1-96: `covered` is what `check_value` was made over."""

    spi: int
    covered: bytes
    check_value: bytes


@dataclass(frozen=True, slots=True)
class Ip6:
    """An IPv6 packet; `inner` is the packet in it, if it is a tunnel's (RFC 2473).

    `home_address`: what its home address option says (RFC 6275 §6.3); `routing`: what its type 2 routing header says
    (§6.4). `protocol` is that of `body`, behind all extension headers; out of ESP where somebody had its key.
    """

    source: bytes
    destination: bytes
    protocol: int
    hop_limit: int
    length: int  # of the whole packet in bytes
    body: bytes
    home_address: bytes | None = None
    routing: bytes | None = None
    inner: Ip6 | None = None
    esp: Esp | None = None  # what `body` was in

    @property
    def sender(self) -> bytes:
        """Whom upper layers see as its source."""
        return self.source if self.home_address is None else self.home_address

    @property
    def receiver(self) -> bytes:
        """Whom upper layers see as its destination."""
        return self.destination if self.routing is None else self.routing


def decode6(data: bytes) -> Ip6 | None:
    """The packet, or None if it is none. A fragment that is not the first has an empty body."""
    if len(data) < _HEADER or data[0] >> 4 != 6:
        return None
    length = _HEADER + int.from_bytes(data[4:6], "big")
    ip = Ip6(data[8:24], data[24:40], data[6], data[7], length, data[_HEADER:length])
    while ip.protocol in (HOP_BY_HOP, ROUTING, FRAGMENT, DESTINATION):
        behind = _behind_one(ip)
        if behind is None:
            return ip
        ip = behind
    return replace(ip, inner=decode6(ip.body)) if ip.protocol == IN_IPV6 else ip


def out_of_esp(ip: Ip6, protocol: int, body: bytes, esp: Esp) -> Ip6:
    """The packet as it was before ESP."""
    return replace(ip, protocol=protocol, body=body, esp=esp, inner=decode6(body) if protocol == IN_IPV6 else None)


def _behind_one(ip: Ip6) -> Ip6 | None:
    """The packet without its first extension header; None: it is cut short."""
    if len(ip.body) < 8:
        return None
    size = 8 if ip.protocol == FRAGMENT else 8 * (ip.body[1] + 1)
    header, rest = ip.body[:size], ip.body[size:]
    if len(header) < size:
        return None
    packet = replace(ip, protocol=header[0], body=rest)
    if ip.protocol == FRAGMENT and int.from_bytes(header[2:4], "big") & 0xFFF8:
        return replace(packet, protocol=NO_MORE, body=b"")
    if ip.protocol == ROUTING and header[2] == _TYPE_2 and size == 24:
        return replace(packet, routing=header[8:24])
    if ip.protocol == DESTINATION:
        return replace(packet, home_address=_home_address(header) or ip.home_address)
    return packet


def _home_address(header: bytes) -> bytes | None:
    options = header[2:]
    while options:
        if options[0] == _PAD1:
            options = options[1:]
            continue
        size = 2 + options[1] if len(options) > 1 else len(options)
        if options[0] == _HOME_ADDRESS_OPTION and size == 18 and len(options) >= size:
            return options[2:18]
        options = options[size:]
    return None


def innermost6(ip: Ip6) -> Ip6:
    """The packet that a program sent, out of all tunnels."""
    return innermost6(ip.inner) if ip.inner else ip


def address6(packed: bytes) -> str:
    """Colons for people."""
    return str(IPv6Address(packed))


def ports(ip: Ip6) -> tuple[int, int] | None:
    """Source and destination port of a TCP or UDP packet."""
    if ip.protocol not in (TCP, UDP) or len(ip.body) < 8:
        return None
    return int.from_bytes(ip.body[:2], "big"), int.from_bytes(ip.body[2:4], "big")
