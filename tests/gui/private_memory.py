"""What a process uses of memory that it shares with nobody (USS)."""

from __future__ import annotations

from pathlib import Path


def private_memory(process: Path) -> int:
    """KiB, of a process's directory in /proc."""
    lines = (process / "smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith(("Private_Clean:", "Private_Dirty:")))
