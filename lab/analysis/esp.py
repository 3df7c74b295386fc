"""Looks into ESP by keys that were set by hand: HMAC-SHA1-96, and AES-CBC where a key has 16 more bytes (RFC 4303)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import CBC

from lab.analysis.frames import Frame
from lab.analysis.frames6 import ESP, Esp, out_of_esp

AUTHENTICATION_KEY = 20
_HEADER, _CHECK_VALUE, _BLOCK = 8, 12, 16


def opened(frame: Frame, keys: Mapping[int, bytes]) -> Frame:
    """The frame with what its ESP packet hides; as it is without ESP or key. Check values are not judged."""
    ip = frame.ip6
    if ip is None or ip.protocol != ESP or len(ip.body) < _HEADER + _CHECK_VALUE + 2:
        return frame
    esp = Esp(int.from_bytes(ip.body[:4], "big"), ip.body[:-_CHECK_VALUE], ip.body[-_CHECK_VALUE:])
    key = keys.get(esp.spi)
    if key is None:
        return frame
    clear = _deciphered(esp.covered[_HEADER:], key[AUTHENTICATION_KEY:])
    end = len(clear) - 2 - clear[-2]
    return replace(frame, ip6=out_of_esp(ip, clear[-1], clear[: max(end, 0)], esp))


def _deciphered(body: bytes, key: bytes) -> bytes:
    if not key:
        return body
    decryptor = Cipher(AES(key), CBC(body[:_BLOCK])).decryptor()
    return decryptor.update(body[_BLOCK:]) + decryptor.finalize()
