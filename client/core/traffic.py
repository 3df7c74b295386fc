"""How much goes through: totals as the service counts them, and what they make in a second."""

from __future__ import annotations

import msgspec


class Totals(msgspec.Struct, frozen=True, kw_only=True):
    """Packets and bytes by the path in force since the service began; only ever added to."""

    sent: int = 0
    received: int = 0
    sent_bytes: int = 0
    received_bytes: int = 0


def rates(before: Totals, after: Totals, seconds: float) -> tuple[float, float] | None:
    """Bytes a second in and out between two looks; None where the service began anew, or no time has passed."""
    received, sent = after.received_bytes - before.received_bytes, after.sent_bytes - before.sent_bytes
    if seconds <= 0 or received < 0 or sent < 0:
        return None
    return received / seconds, sent / seconds


def amount(number: float) -> str:
    """Bytes with the unit that leaves one to three digits before the point: "1.2 MB"."""
    for unit in ("B", "kB", "MB", "GB"):
        if number < 999.5:
            return f"{number:.0f} {unit}" if unit == "B" or number >= 99.5 else f"{number:.1f} {unit}"
        number /= 1000
    return f"{number:.1f} TB"
