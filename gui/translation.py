"""The person's language by Qt: every English source text is looked up in one context."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QCoreApplication, QLibraryInfo, QLocale, QTranslator

CONTEXT = "mobilenode"
_CATALOGUES = Path(__file__).parent / "translations"
_ENGLISH = QLocale(QLocale.Language.English)


class QtTranslate:
    """`Translate` for those who draw: what the catalogues do not know stays English."""

    def __call__(self, text: str, number: int | None = None) -> str:
        """The text in the program's language; %n is the number."""
        if number is None:
            return QCoreApplication.translate(CONTEXT, text)
        return QCoreApplication.translate(CONTEXT, text, "", number)


def catalogues(locale: QLocale) -> list[QTranslator]:
    """Ours in the first of the person's languages that we speak, else in English; Qt's own in the same one."""
    ours, qts = QTranslator(), QTranslator()
    if not ours.load(locale, CONTEXT, "_", str(_CATALOGUES)):
        ours.load(_ENGLISH, CONTEXT, "_", str(_CATALOGUES))
    folder = QLibraryInfo.path(QLibraryInfo.LibraryPath.TranslationsPath)
    return [ours, qts] if qts.load(QLocale(ours.language()), "qtbase", "_", folder) else [ours]


def install(application: QCoreApplication, locale: QLocale) -> None:
    """Use the catalogues of this language. They belong to the application."""
    for translator in catalogues(locale):
        translator.setParent(application)
        application.installTranslator(translator)
