"""Run by tests in a process of its own: the whole program is shown ten thousand statuses, each really drawn.

Prints the private memory in KiB after 1,000 changes and after 10,000.
"""

from __future__ import annotations

import gc
import sys
from pathlib import Path

from PySide6.QtWidgets import QApplication

from gui.program import Program
from gui.service import Service
from tests.gui.english import english
from tests.gui.private_memory import private_memory
from tests.gui.statuses import STATES, V4, status

EARLY, LATE = 1_000, 10_000


def main() -> None:
    """Show them."""
    application = QApplication(sys.argv[:1])
    service = Service("/nonexistent/control.sock", application)
    program = Program(application, service, english, background=True)
    program.start(window=True)
    service._again.stop()
    for change in range(1, LATE + 1):
        service._show(status(STATES[change % len(STATES)], v4={**V4, "coa": f"10.0.{change >> 8}.{change & 255}"}))
        application.processEvents()
        if change in (EARLY, LATE):
            gc.collect()
            sys.stdout.write(f"{private_memory(Path('/proc/self'))}\n")
    service.stop()


if __name__ == "__main__":
    main()
