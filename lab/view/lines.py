"""The screen of a pipe or a log: a line for each change."""

from __future__ import annotations

import time
from typing import TextIO

from lab.view.scene import Scene, describe


class Lines:
    """Writes what is new in a scene."""

    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._start = time.monotonic()
        self._last: tuple[object, ...] = ()
        self._handovers = 0

    def show(self, scene: Scene) -> None:
        """Write what changed since the last time."""
        for handover in scene.handovers[self._handovers :]:
            self._line(describe(handover))
        self._handovers = len(scene.handovers)
        now = (scene.doing,)
        if now != self._last:
            self._last = now
            self._line(scene.doing)

    def _line(self, text: str) -> None:
        print(f"{time.monotonic() - self._start:6.1f} s  {text}", file=self._out, flush=True)

    def close(self) -> None:
        """Nothing to restore."""
