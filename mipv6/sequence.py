"""Sequence numbers of Binding Updates: 16 bits that wrap around (RFC 6275 §9.5.1)."""

from __future__ import annotations

_MODULUS = 1 << 16
_WINDOW = 1 << 15


def is_greater(sequence: int, last: int) -> bool:
    """Does it come after the last one? The last one and the 32768 before it do not."""
    return 0 < (sequence - last) % _MODULUS < _WINDOW


def following(sequence: int) -> int:
    """The next one."""
    return (sequence + 1) % _MODULUS
