"""IP encapsulation within IP (RFC 2003)."""

from __future__ import annotations

from client.core.ipv4 import Protocol
from client.linux.dataplane.encapsulations.headers import OuterHeaders


def ipip_headers(local: bytes, remote: bytes) -> OuterHeaders:
    """Headers on: an IPv4 header (RFC 2003 §3.1)."""
    return OuterHeaders(local, remote, Protocol.IPIP)


def ipip_content(outer: bytes) -> bytes:
    """Headers off: what stands behind the outer header and its options."""
    return outer[(outer[0] & 0x0F) * 4 :]
