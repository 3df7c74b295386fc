"""mobilenode-gui: the tray program."""

from __future__ import annotations

import argparse
import os
import signal
import sys

from PySide6.QtCore import QLocale, QTimer
from PySide6.QtWidgets import QApplication

from gui import translation
from gui.instance import Instance, socket_path
from gui.program import Program
from gui.service import Service

SOCKET = "/run/mobilenode/control.sock"


def main() -> None:
    """Run until somebody quits it."""
    options = _options().parse_args()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mobilenode")
    application.setDesktopFileName("mobilenode-gui")
    translation.install(application, QLocale.system())
    instance = Instance(socket_path(), application)
    if not instance.first():
        return
    service = Service(options.socket, application)
    program = Program(application, service, translation.QtTranslate(), background=options.tray)
    instance.raised.connect(program.open_window)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: application.quit())
    awake = QTimer(application)  # Python hears of signals only between two lines of its own
    awake.timeout.connect(lambda: None)
    awake.start(500)
    program.start(window=options.window)
    code = application.exec()
    service.stop()
    raise SystemExit(code)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mobilenode-gui", description="Where you are, and whether it works.")
    default = os.environ.get("MOBILENODE_SOCKET", SOCKET)
    parser.add_argument("--socket", default=default, help="the service's control socket (default: %(default)s)")
    parser.add_argument("--tray", action="store_true", help="started at login: open no window")
    parser.add_argument("--window", action="store_true", help="open the window at once")
    return parser


if __name__ == "__main__":
    main()
