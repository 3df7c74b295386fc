"""ESP with keys set by hand: HMAC-SHA1-96, and AES-CBC or the null cipher (RFC 4303, RFC 2404, RFC 3602, RFC 2410).

For home signalling (RFC 3776 §3): IPv6 | home address option or type 2 routing header | ESP | mobility header, and in a
tunnel IPv6 | ESP | IPv6 | mobility header. It is done here and not by the kernel, since a kernel without
CONFIG_IPV6_MIP6 refuses the header before the ESP header and never gets to it. The null cipher proves who sent a
packet; it hides nothing.
"""

from __future__ import annotations

import hmac
import struct
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from client.core.errors import DecodeError
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.machine import Random
from client.core.secret import Secret
from mipv6.chance import random_bytes

KEY_LENGTH = 20  # bytes (RFC 2404 §3)
CIPHER_KEY_LENGTH = 16  # bytes (RFC 3602 §2.1)
FIRST_SPI = 256  # lower ones are reserved (RFC 4303 §2.1)

_HEADER = struct.Struct("!II")  # SPI, sequence number
_ICV_LENGTH = 12
_ALIGNMENT = 4
_BLOCK = 16  # bytes, of AES, and of its initialization vector (RFC 3602 §2.4)
_TRAILER_LENGTH = 2  # pad length, next header
_LAST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Association:
    """One direction with one peer: what is agreed by hand. Raises ValueError for what RFC 2404 or 4303 forbids."""

    spi: int
    key: Secret
    cipher_key: Secret | None = None  # of AES-CBC; None: the null cipher

    def __post_init__(self) -> None:
        if not FIRST_SPI <= self.spi <= _LAST:
            raise ValueError(f"an SPI is from {FIRST_SPI} to {_LAST}")
        if len(self.key) != KEY_LENGTH:
            raise ValueError(f"a key for HMAC-SHA1-96 has {KEY_LENGTH} bytes")
        if self.cipher_key is not None and len(self.cipher_key) != CIPHER_KEY_LENGTH:
            raise ValueError(f"a key for AES-CBC has {CIPHER_KEY_LENGTH} bytes here")


@dataclass(frozen=True, slots=True, kw_only=True)
class Associations:
    """Both directions with one peer, as this side sees them. One key may serve both: the SPI is under it, too."""

    inbound: Association
    outbound: Association

    def __post_init__(self) -> None:
        if self.inbound.spi == self.outbound.spi:
            raise ValueError("each direction needs an SPI of its own")

    @property
    def hides(self) -> bool:
        """Can nobody else read what is said?"""
        return self.inbound.cipher_key is not None and self.outbound.cipher_key is not None


def associations(spi_in: int, spi_out: int, secret: Secret) -> Associations:
    """Of one secret for both directions: 20 bytes for HMAC-SHA1-96, and 16 more for AES-CBC if there are more."""
    key, rest = Secret(secret.reveal()[:KEY_LENGTH]), secret.reveal()[KEY_LENGTH:]
    cipher_key = Secret(rest) if rest else None
    return Associations(inbound=Association(spi_in, key, cipher_key), outbound=Association(spi_out, key, cipher_key))


def secret_of(association: Association) -> Secret:
    """What `associations` makes one of: the key, and the cipher's key behind it."""
    cipher_key = association.cipher_key.reveal() if association.cipher_key else b""
    return Secret(association.key.reveal() + cipher_key)


class Sealer:
    """Puts packets into ESP, each under the next sequence number, with an initialization vector by chance."""

    def __init__(self, association: Association, random: Random) -> None:
        self._association = association
        self._random = random
        self._sequence = 0

    def seal(self, packet: IPv6Packet) -> IPv6Packet:
        """As `seal`."""
        self._sequence = self._sequence % _LAST + 1  # nobody looks at it with keys set by hand, so it may go round
        return seal(packet, self._association, self._sequence, random_bytes(self._random, _BLOCK))

    def tunnel(self, packet: IPv6Packet, local: IPv6Address, remote: IPv6Address) -> IPv6Packet:
        """The whole packet in ESP in another one: tunnel mode (RFC 4303 §3.1.2)."""
        outer = IPv6Packet(
            source=local,
            destination=remote,
            next_header=NextHeader.IPV6,
            payload=packet.pack(),
            traffic_class=packet.traffic_class,
        )
        return self.seal(outer)


def seal(packet: IPv6Packet, association: Association, sequence: int, vector: bytes = bytes(_BLOCK)) -> IPv6Packet:
    """The packet with its payload in ESP, behind the headers that name a home address.

    `sequence`: 1 for the first packet of a key, then one more each; ValueError when used up (RFC 4303 §3.3.3).
    `vector`: 16 bytes that nobody can foretell; the null cipher needs none.
    """
    if not 1 <= sequence <= _LAST:
        raise ValueError("the sequence numbers of this key are used up")
    unit = _ALIGNMENT if association.cipher_key is None else _BLOCK
    padding = bytes(range(1, 1 + -(len(packet.payload) + _TRAILER_LENGTH) % unit))
    body = packet.payload + padding + bytes([len(padding), packet.next_header])
    sealed = _HEADER.pack(association.spi, sequence) + _enciphered(body, association, vector)
    return replace(packet, next_header=NextHeader.ESP, payload=sealed + _icv(association, sealed))


def _enciphered(body: bytes, association: Association, vector: bytes) -> bytes:
    if association.cipher_key is None:
        return body
    encryptor = Cipher(AES(association.cipher_key.reveal()), CBC(vector)).encryptor()
    return vector + encryptor.update(body) + encryptor.finalize()


def _deciphered(body: bytes, association: Association) -> bytes:
    if association.cipher_key is None:
        return body
    if len(body) % _BLOCK or len(body) < 2 * _BLOCK:
        raise DecodeError("an ESP packet that is not whole blocks", body)
    decryptor = Cipher(AES(association.cipher_key.reveal()), CBC(body[:_BLOCK])).decryptor()
    return decryptor.update(body[_BLOCK:]) + decryptor.finalize()


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
    return _opened(packet, _deciphered(sealed[_HEADER.size :], association))


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
