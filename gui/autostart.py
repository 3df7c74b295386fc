"""The entry that starts the tray at login (freedesktop.org's Desktop Application Autostart Specification)."""

from __future__ import annotations

import os
from pathlib import Path

NAME = "mobilenode-gui.desktop"
ENTRY = """\
[Desktop Entry]
Type=Application
Name=mobilenode
Comment=Where you are, and whether it works
Comment[de]=Wo Sie sind und ob es funktioniert
Icon=mobilenode
Exec=mobilenode-gui --tray
Terminal=false
NoDisplay=true
X-GNOME-Autostart-enabled=true
"""


def path() -> Path:
    """Where this person's desktop looks for it."""
    return Path(os.environ.get("XDG_CONFIG_HOME") or Path.home() / ".config") / "autostart" / NAME


def is_on() -> bool:
    """Does the tray start at login?"""
    try:
        return "\nHidden=true" not in path().read_text(encoding="utf-8")
    except OSError:
        return False


def switch(*, on: bool) -> None:
    """Have it start at login from now on, or not. Raises OSError."""
    entry = path()
    if not on:
        entry.unlink(missing_ok=True)
        return
    entry.parent.mkdir(parents=True, exist_ok=True)
    new = entry.with_suffix(".new")
    new.write_text(ENTRY, encoding="utf-8")
    new.replace(entry)
