"""Light or dark: as the desktop says, or as a person does.

Qt knows what GNOME's and KDE's own settings say. On other desktops there is the portal, which is asked once at the
start; and where nobody knows, it stays light.
"""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtDBus import QDBus, QDBusConnection, QDBusMessage
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication

AUTO, LIGHT, DARK = SCHEMES = ("auto", "light", "dark")

_PORTAL = "org.freedesktop.portal.Desktop"
_PATIENCE = 300
"""Milliseconds that the start waits for the portal at most."""

_PREFERS_DARK = 1

_ROLES = {
    QPalette.ColorRole.Window: "#2b2b2b",
    QPalette.ColorRole.WindowText: "#eeeeee",
    QPalette.ColorRole.Base: "#1e1e1e",
    QPalette.ColorRole.AlternateBase: "#262626",
    QPalette.ColorRole.ToolTipBase: "#1e1e1e",
    QPalette.ColorRole.ToolTipText: "#eeeeee",
    QPalette.ColorRole.PlaceholderText: "#9a9a9a",
    QPalette.ColorRole.Text: "#eeeeee",
    QPalette.ColorRole.Button: "#3a3a3a",
    QPalette.ColorRole.ButtonText: "#eeeeee",
    QPalette.ColorRole.BrightText: "#ffffff",
    QPalette.ColorRole.Link: "#6cb6ff",
    QPalette.ColorRole.Highlight: "#2f6fb3",
    QPalette.ColorRole.HighlightedText: "#ffffff",
}
_DISABLED = (QPalette.ColorRole.WindowText, QPalette.ColorRole.Text, QPalette.ColorRole.ButtonText)


def use(application: QApplication, scheme: str) -> None:
    """Give the program these colours: one of SCHEMES."""
    wanted = {LIGHT: Qt.ColorScheme.Light, DARK: Qt.ColorScheme.Dark}.get(scheme)
    hints = application.styleHints()
    if wanted is not None:
        hints.setColorScheme(wanted)
    known = hints.colorScheme()
    dark = scheme == DARK or (scheme == AUTO and known is Qt.ColorScheme.Unknown and _portal_prefers_dark())
    if dark and known is not Qt.ColorScheme.Dark:
        application.setStyle("fusion")
        application.setPalette(dark_palette())


def dark_palette() -> QPalette:
    """Light words on dark; what is disabled is grey."""
    palette = QPalette()
    for role, colour in _ROLES.items():
        palette.setColor(role, QColor(colour))
    for role in _DISABLED:
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor("#8a8a8a"))
    return palette


def _portal_prefers_dark() -> bool:
    path, interface = "/org/freedesktop/portal/desktop", "org.freedesktop.portal.Settings"
    question = QDBusMessage.createMethodCall(_PORTAL, path, interface, "ReadOne")
    question.setArguments(["org.freedesktop.appearance", "color-scheme"])
    answer = QDBusConnection.sessionBus().call(question, QDBus.CallMode.Block, _PATIENCE)
    found = answer.arguments() if answer.type() is QDBusMessage.MessageType.ReplyMessage else []
    value = found[0] if found else None
    return getattr(value, "variant", lambda: value)() == _PREFERS_DARK
