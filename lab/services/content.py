"""The bytes that the web server sends: the same in every run, and at every offset others."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

BLOCK = 8192


def blocks() -> Iterator[bytes]:
    """The content, block by block, without end."""
    number = 0
    while True:
        yield hashlib.shake_128(b"mobilenode lab" + number.to_bytes(8, "big")).digest(BLOCK)
        number += 1


def checksum(length: int) -> str:
    """The SHA-256 of the first `length` bytes."""
    digest = hashlib.sha256()
    for block in blocks():
        digest.update(block[:length])
        length -= len(block)
        if length <= 0:
            break
    return digest.hexdigest()
