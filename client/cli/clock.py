"""Times and durations as people write and read them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import click

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 86400}


def read_duration(text: str) -> float:
    """Seconds of "90", "90s", "15m", "1h" or "2d"; a usage error for anything else."""
    found = re.fullmatch(r"([0-9]{1,6})([smhd]?)", text, re.ASCII)
    if not found or int(found[1]) == 0:
        raise click.BadParameter(f"{text!r} is no time like 90s, 15m or 1h")
    return float(int(found[1]) * _UNITS[found[2]])


def read_since(text: str) -> str:
    """ISO 8601 in UTC of a point in time, given so or as "15m" (ago)."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = datetime.now(UTC) - timedelta(seconds=read_duration(text))
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def clock_time(iso: str) -> str:
    """The local time of day; the text itself if it is no time."""
    try:
        return datetime.fromisoformat(iso).astimezone().strftime("%H:%M:%S")
    except ValueError:
        return iso


def age(milliseconds: float) -> str:
    """How long ago: "now", "4 s", "3 min", "2 h"."""
    seconds = int(milliseconds / 1000)
    if seconds < 1:
        return "just now"
    if seconds < 120:
        return f"{seconds} s ago"
    return f"{seconds // 60} min ago" if seconds < 7200 else f"{seconds // 3600} h ago"


def left(seconds: int) -> str:
    """How long still: "24:10"."""
    hours, rest = divmod(max(seconds, 0), 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"
