"""The catalogues hold every text of the program, translated, and what is loaded is what they say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from PySide6.QtCore import QTranslator

from gui.translation import CONTEXT
from gui.translations.catalogue import read, write
from gui.translations.collect import LANGUAGES, PLURAL_FORMS, file_of, merged, wanted
from gui.translations.sources import plural

AGAIN = "`make translations`, then translate what it names"


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_catalogue_has_the_texts_of_the_program_and_no_others(language: str) -> None:
    assert list(read(file_of(language))) == wanted(language), AGAIN


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_is_translated_with_its_placeholders(language: str) -> None:
    for source, forms in read(file_of(language)).items():
        assert len(forms) == (PLURAL_FORMS if plural(source) else 1)
        for form in forms:
            assert form, f"{source}: {AGAIN}"
            assert marks(form) == marks(source)
            assert edges(form) == edges(source)


def marks(text: str) -> list[str]:
    """What a translation must keep: placeholders, the number, lines, mnemonics, and commands to be typed."""
    return sorted(re.findall(r"\{\w*\}|%n|\n|&|`[^`]*`", text))


def edges(text: str) -> tuple[bool, bool, bool]:
    """How it ends: a sentence, something under way, or a word."""
    return text.endswith("..."), text.endswith("."), text.endswith(":")


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_compiled_is_what_is_written(language: str) -> None:
    file = file_of(language)
    translator = QTranslator()
    assert translator.load(str(file.with_suffix(".qm")))
    assert translator.language() == language
    for source, forms in read(file).items():
        numbers = (1, 2) if plural(source) else (-1,)
        asked = tuple(translator.translate(CONTEXT, source, "", number) for number in numbers)
        assert asked == forms, AGAIN


def test_translations_stay_and_what_the_program_no_longer_says_goes(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.ts"
    write(file, "de", merged(["Old", "<Yes> & %n(s)", "Kept"], {"Kept": ("Bleibt",), "Old": ("Alt",)}))
    found = merged(["Kept", "<Yes> & %n(s)", "New"], read(file))
    assert found == {"Kept": ("Bleibt",), "<Yes> & %n(s)": ("", ""), "New": ("",)}


def test_what_a_translator_has_not_finished_is_not_translated(tmp_path: Path) -> None:
    file = tmp_path / "catalogue.ts"
    write(file, "de", {"Yes": ("Ja",)})
    file.write_text(file.read_text("utf-8").replace("<translation>", '<translation type="unfinished">'), "utf-8")
    assert read(file) == {"Yes": ("",)}
