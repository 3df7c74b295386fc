"""The sequence numbers of our Binding Updates to the home agent, over restarts (RFC 6275 §11.7.1)."""

from __future__ import annotations

from dataclasses import dataclass

from mipv6.sequence import following, is_greater

RESERVED = 256
"""Numbers written to the disk ahead, so that no Binding Update has to wait for it."""

_MODULUS = 1 << 16


@dataclass(slots=True)
class HomeSequence:
    """The last number used, and the last one that may be used before more are written to the disk.

    What is reserved changes only with a number that is used: a change before the first one would never be stored.
    """

    last: int = 0
    reserved: int = 0

    def next(self) -> int:
        """The number of the next Binding Update."""
        if self.last == self.reserved:
            self.reserved = (self.last + RESERVED) % _MODULUS
        self.last = following(self.last)
        return self.last

    def take(self, last: int) -> bool:
        """The home agent's last one is this (status 135): the next one follows it.

        False if we are beyond it: that is an old answer, and to go back would be to use numbers twice under one key.
        """
        if is_greater(self.last, last):
            return False
        self.last = self.reserved = last
        return True

    def restore(self, reserved: object) -> None:
        """Go on behind what a former run may have used; anything but a number is ignored."""
        if isinstance(reserved, int) and 0 <= reserved < _MODULUS:
            self.last = self.reserved = reserved
