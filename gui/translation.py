"""The person's language by Qt: every English source text is looked up in one context."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLocale, QTranslator

CONTEXT = "mobilenode"
_CATALOGUES = Path(__file__).parent / "translations"


class QtTranslate:
    """`Translate` for those who draw: what the catalogues do not know stays English."""

    def __call__(self, text: str, number: int | None = None) -> str:
        """The text in the program's language; %n is the number."""
        if number is None:
            return QCoreApplication.translate(CONTEXT, text)
        return QCoreApplication.translate(CONTEXT, text, "", number)


def install(application: QCoreApplication, locale: QLocale) -> bool:
    """Use the catalogue of this language, if there is one. The translator belongs to the application."""
    translator = QTranslator(application)
    if not translator.load(locale, "mobilenode", "_", str(_CATALOGUES)):
        return False
    return application.installTranslator(translator)
