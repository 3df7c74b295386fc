"""Generic routing encapsulation (RFC 2784); what RFC 2890 and RFC 1701 add is understood, not sent."""

from __future__ import annotations

from client.core.checksum import internet_checksum
from client.core.ipv4 import Protocol
from client.linux.dataplane.encapsulations.headers import OuterHeaders

_IPV4 = 0x0800
_CHECKSUM, _ROUTING, _KEY, _SEQUENCE = 0x8000, 0x4000, 0x2000, 0x1000
_STRICT_SOURCE_ROUTE, _RECURSION = 0x0800, 0x0400  # bits 4 and 5: not zero is to be discarded (RFC 2784 §2.3)
_REFUSED = _ROUTING | _STRICT_SOURCE_ROUTE | _RECURSION
_VERSION = 0x0007


def gre_headers(local: bytes, remote: bytes) -> OuterHeaders:
    """Headers on: an IPv4 header and the shortest GRE header (RFC 2784 §2)."""
    return OuterHeaders(local, remote, Protocol.GRE, b"\0\0" + _IPV4.to_bytes(2, "big"))


def gre_content(outer: bytes) -> bytes | None:
    """Headers off; None: not a header that we understand, or not IPv4 inside, or a wrong checksum."""
    gre = outer[(outer[0] & 0x0F) * 4 :]
    flags, kind = int.from_bytes(gre[:2], "big"), int.from_bytes(gre[2:4], "big")
    if flags & (_REFUSED | _VERSION) or kind != _IPV4:
        return None
    if flags & _CHECKSUM and internet_checksum(gre):
        return None
    return gre[gre_header(flags) :]


def gre_header(flags: int) -> int:
    """Bytes of a header with these flags: checksum, key and sequence number take four each (RFC 2890 §2)."""
    return 4 + 4 * sum(bool(flags & bit) for bit in (_CHECKSUM, _KEY, _SEQUENCE))
