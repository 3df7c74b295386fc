"""Bring the catalogues in step with the texts of the program: `make translations`, which then compiles them."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path

from gui.translations.catalogue import Forms, read, write
from gui.translations.sources import plural, sources

FOLDER = Path(__file__).parent
LANGUAGES = ("de", "en")
PLURAL_FORMS = 2
"""For one, and for any other number: in English and in German."""


def file_of(language: str) -> Path:
    """The catalogue of a language."""
    return FOLDER / f"mobilenode_{language}.ts"


def wanted(language: str) -> list[str]:
    """The texts that a catalogue must have: the program speaks English but for its plurals."""
    return [source for source in sources() if language != "en" or plural(source)]


def merged(texts: list[str], known: Mapping[str, Forms]) -> dict[str, Forms]:
    """These texts with the forms that are known of them."""
    return {text: known.get(text, ("",) * (PLURAL_FORMS if plural(text) else 1)) for text in texts}


def main() -> None:
    """Write them, and say which translations are missing."""
    for language in LANGUAGES:
        file = file_of(language)
        messages = merged(wanted(language), read(file) if file.exists() else {})
        write(file, language, messages)
        for source in (source for source, forms in messages.items() if not all(forms)):
            sys.stderr.write(f"{file.name}: not translated: {source}\n")


if __name__ == "__main__":
    main()
