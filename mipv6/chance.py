"""Bytes that nobody can guess, drawn from a machine's source of chance."""

from __future__ import annotations

from client.core.machine import Random


def random_bytes(random: Random, size: int) -> bytes:
    """`size` bytes; each draw of [0, 1) is good for four of them."""
    words = (int(random() * 2**32) for _ in range(-(-size // 4)))
    return b"".join(word.to_bytes(4) for word in words)[:size]
