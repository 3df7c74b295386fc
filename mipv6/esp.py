"""ESP in transport mode with keys set by hand: HMAC-SHA1-96, null cipher (RFC 4303 §2, RFC 2404, RFC 2410).

For home signalling (RFC 3776 §3.1): IPv6 | home address option or type 2 routing header | ESP | mobility header.
It is done here and not by the kernel, since a kernel without CONFIG_IPV6_MIP6 refuses the header before the ESP header
and never gets to it. The null cipher proves who sent a packet; it hides nothing.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, replace

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.secret import Secret

KEY_LENGTH = 20  # bytes (RFC 2404 §3)
FIRST_SPI = 256  # lower ones are reserved (RFC 4303 §2.1)

_HEADER = struct.Struct("!II")  # SPI, sequence number
_ICV_LENGTH = 12
_ALIGNMENT = 4
_TRAILER_LENGTH = 2  # pad length, next header
_LAST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Association:
    """One direction with one peer: what is agreed by hand. Raises ValueError for what RFC 2404 or 4303 forbids."""

    spi: int
    key: Secret

    def __post_init__(self) -> None:
        if not FIRST_SPI <= self.spi <= _LAST:
            raise ValueError(f"an SPI is from {FIRST_SPI} to {_LAST}")
        if len(self.key) != KEY_LENGTH:
            raise ValueError(f"a key for HMAC-SHA1-96 has {KEY_LENGTH} bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Associations:
    """Both directions with one peer, as this side sees them. One key may serve both: the SPI is under it, too."""

    inbound: Association
    outbound: Association

    def __post_init__(self) -> None:
        if self.inbound.spi == self.outbound.spi:
            raise ValueError("each direction needs an SPI of its own")


class Sealer:
    """Puts packets into ESP, each under the next sequence number."""

    def __init__(self, association: Association) -> None:
        self._association = association
        self._sequence = 0

    def seal(self, packet: IPv6Packet) -> IPv6Packet:
        """As `seal`."""
        self._sequence += 1
        return seal(packet, self._association, self._sequence)


def seal(packet: IPv6Packet, association: Association, sequence: int) -> IPv6Packet:
    """The packet with its payload in ESP, behind the headers that name a home address.

    `sequence`: 1 for the first packet of a key, then one more each; ValueError when used up (RFC 4303 §3.3.3).
    """
    if not 1 <= sequence <= _LAST:
        raise ValueError("the sequence numbers of this key are used up")
    padding = bytes(range(1, 1 + -(len(packet.payload) + _TRAILER_LENGTH) % _ALIGNMENT))
    trailer = padding + bytes([len(padding), packet.next_header])
    sealed = _HEADER.pack(association.spi, sequence) + packet.payload + trailer
    return replace(packet, next_header=NextHeader.ESP, payload=sealed + _icv(association, sealed))


def spi_of(packet: IPv6Packet) -> int:
    """Which association an ESP packet names; DecodeError if it is none."""
    if packet.next_header != NextHeader.ESP or len(packet.payload) < _HEADER.size:
        raise DecodeError("not an ESP packet", packet.payload)
    spi, _ = _HEADER.unpack_from(packet.payload)
    return int(spi)


def unseal(packet: IPv6Packet, association: Association) -> IPv6Packet:
    """The packet as it was before `seal`; DecodeError if the association's peer did not make it.

    The sequence number is not looked at: with keys set by hand it begins again when the peer does, so replays are for
    the sequence numbers of Binding Updates to find (RFC 4303 §3.4.3, RFC 6275 §5.1). The ICV covers nothing outside
    ESP: whose address the other headers may name is for the caller to check.
    """
    if spi_of(packet) != association.spi:
        raise DecodeError("an ESP packet of another association", packet.payload)
    sealed, icv = packet.payload[:-_ICV_LENGTH], packet.payload[-_ICV_LENGTH:]
    if not hmac.compare_digest(icv, _icv(association, sealed)):
        raise DecodeError("an ESP packet with a wrong integrity check value", packet.payload)
    return _opened(packet, sealed[_HEADER.size :])


def _opened(packet: IPv6Packet, body: bytes) -> IPv6Packet:
    if len(body) < _TRAILER_LENGTH:
        raise DecodeError("an ESP packet without a trailer", packet.payload)
    end = len(body) - _TRAILER_LENGTH - body[-2]
    if end < 0 or body[end:-_TRAILER_LENGTH] != bytes(range(1, 1 + body[-2])):
        raise DecodeError("an ESP packet with wrong padding", packet.payload)
    return replace(packet, next_header=body[-1], payload=body[:end])


def _icv(association: Association, sealed: bytes) -> bytes:
    """RFC 2404 §2: the first 96 bits, over all from the SPI to the next header."""
    return hmac.digest(association.key.reveal(), sealed, "sha1")[:_ICV_LENGTH]
