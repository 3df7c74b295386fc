"""mobilenode-gui: the tray program."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication

from gui import colours, translation
from gui.instance import Instance, socket_path
from gui.program import Program
from gui.service import Service
from gui.signals import Signals

SOCKET = "/run/mobilenode/control.sock"


def main() -> None:
    """Run until somebody quits it."""
    options = _options().parse_args()
    application = QApplication(sys.argv[:1])
    application.setApplicationName("mobilenode")
    application.setDesktopFileName("mobilenode-gui")
    translation.install(application, QLocale.system())
    colours.use(application, options.scheme)
    instance = Instance(socket_path(), application)
    file = str(Path(options.file).absolute()) if options.file else ""
    if not instance.first(file):
        return
    service = Service(options.socket, application)
    program = Program(application, service, translation.QtTranslate(), background=options.tray)
    instance.raised.connect(program.bring)
    Signals(application.quit, application)
    program.start(window=options.window)
    if file:
        program.bring(file)
    code = application.exec()
    service.stop()
    raise SystemExit(code)


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="mobilenode-gui", description="Where you are, and whether it works.")
    default = os.environ.get("MOBILENODE_SOCKET", SOCKET)
    parser.add_argument("file", nargs="?", default="", help="a profile to be imported")
    parser.add_argument("--socket", default=default, help="the service's control socket (default: %(default)s)")
    parser.add_argument("--scheme", choices=colours.SCHEMES, default=colours.AUTO, help="light or dark")
    parser.add_argument("--tray", action="store_true", help="started at login: open no window")
    parser.add_argument("--window", action="store_true", help="open the window at once")
    return parser


if __name__ == "__main__":
    main()
