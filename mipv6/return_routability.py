"""The arithmetic of return routability (RFC 6275 §5.2.5, §5.2.6, §6.2.7): tokens, the key from them, authenticators."""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import replace
from ipaddress import IPv6Address
from typing import TypeVar

from client.core.ipv6 import IPv6Packet
from mipv6.messages import BindingAcknowledgement, BindingUpdate, Message
from mipv6.mobility_header import mobility_header
from mipv6.options import BindingAuthorizationData

TOKEN_SIZE = 8
AUTHENTICATOR_SIZE = 12

M = TypeVar("M", BindingUpdate, BindingAcknowledgement)

_HOME = b"\0"
_CARE_OF = b"\1"


def keygen_token(node_key: bytes, address: IPv6Address, nonce: bytes, care_of: bool) -> bytes:
    """The 8 bytes that a correspondent tests an address with; `node_key` is its secret Kcn (§5.2.5)."""
    return hmac.digest(node_key, address.packed + nonce + (_CARE_OF if care_of else _HOME), "sha1")[:TOKEN_SIZE]


def binding_key(home_token: bytes, care_of_token: bytes | None) -> bytes:
    """The binding management key Kbm, 20 bytes; without a care-of token it is one for deletion (§5.2.5)."""
    return hashlib.sha1(home_token + (care_of_token or b""), usedforsecurity=True).digest()


def authenticator(
    kbm: bytes, care_of_address: IPv6Address, correspondent: IPv6Address, mobility_header_zeroed: bytes
) -> bytes:
    """The 12 bytes over a mobility header, its checksum zero, without the authenticator at its end (§6.2.7)."""
    covered = care_of_address.packed + correspondent.packed + mobility_header_zeroed
    return hmac.digest(kbm, covered, "sha1")[:AUTHENTICATOR_SIZE]


def authorised(message: M, kbm: bytes, care_of_address: IPv6Address, correspondent: IPv6Address) -> M:
    """The message with a binding authorization data option as its last one; it must have none yet.

    `care_of_address` is the one to be registered, or the home address in a deregistration (§6.2.7).
    """
    blank = _with(message, bytes(AUTHENTICATOR_SIZE)).pack_without_checksum()
    return _with(message, authenticator(kbm, care_of_address, correspondent, blank[:-AUTHENTICATOR_SIZE]))


def is_authorised(
    packet: IPv6Packet, message: Message, kbm: bytes, care_of_address: IPv6Address, correspondent: IPv6Address
) -> bool:
    """Does the option at the end of `packet`, which `message` was read from, prove that its sender has the key?"""
    header = mobility_header(packet)
    last = message.options[-1] if message.options else None
    if not isinstance(last, BindingAuthorizationData) or not header.endswith(_on_the_wire(last)):
        return False
    zeroed = header[:4] + bytes(2) + header[6:-AUTHENTICATOR_SIZE]
    expected = authenticator(kbm, care_of_address, correspondent, zeroed)
    return hmac.compare_digest(expected, last.authenticator)


def _with(message: M, value: bytes) -> M:
    return replace(message, options=(*message.options, BindingAuthorizationData(value)))


def _on_the_wire(option: BindingAuthorizationData) -> bytes:
    """What nothing may follow (§6.2)."""
    return bytes((option.kind, AUTHENTICATOR_SIZE)) + option.authenticator
