"""Ctrl-C, SIGTERM and a closed terminal: each ends what is under way, and none ends the removing."""

from __future__ import annotations

import signal
from types import FrameType

_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def listen() -> None:
    """From now on SIGTERM and SIGHUP raise KeyboardInterrupt, as Ctrl-C does."""
    signal.signal(signal.SIGTERM, _interrupt)
    signal.signal(signal.SIGHUP, _interrupt)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def refuse() -> None:
    """From now on nothing but SIGKILL interrupts us."""
    for number in _ENDING:
        signal.signal(number, signal.SIG_IGN)
