"""How many bytes an outer header takes from what a link carries."""

from __future__ import annotations

from client.core.plan import Encapsulation

_IPV4_HEADER, _IPV6_HEADER = 20, 40

_BYTES = {
    Encapsulation.IPIP: _IPV4_HEADER,
    Encapsulation.GRE: _IPV4_HEADER + 4,  # without key, sequence number and checksum (RFC 2784 §2)
    Encapsulation.MINIMAL: _IPV4_HEADER,  # 12 or less (RFC 2004 §3.1), but a fragment goes as IPIP
    Encapsulation.UDP: _IPV4_HEADER + 8 + 4,  # and the MIP tunnel data header (RFC 3519 §3.3)
    Encapsulation.DIRECT: 24,  # home address option or type 2 routing header (RFC 6275 §6.3, §6.4)
}


def overhead(encapsulation: Encapsulation, *, ipv6: bool = False) -> int:
    """The bytes that an encapsulation adds at most; `ipv6`: between IPv6 addresses (RFC 2473 §7)."""
    return _IPV6_HEADER if ipv6 and encapsulation is Encapsulation.IPIP else _BYTES[encapsulation]
