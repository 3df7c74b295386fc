"""The program speaks the first of the person's languages that it knows, and Qt's buttons the same one."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox
from pytestqt.qtbot import QtBot

from gui.translation import QtTranslate, catalogues

SAY = """
from PySide6.QtCore import QCoreApplication, QLocale
from gui import translation
application = QCoreApplication([])
translation.install(application, QLocale.system())
say = translation.QtTranslate()
print(say("Home agent"), say("%n handover(s)", 1), say("%n handover(s)", 2), sep="|")
"""
GERMAN, ENGLISH = "Heimatagent|1 Netzwechsel|2 Netzwechsel", "Home agent|1 handover|2 handovers"


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    translators = catalogues(QLocale("de_AT"))
    for each in translators:
        QCoreApplication.installTranslator(each)
    yield
    for each in translators:
        QCoreApplication.removeTranslator(each)


@pytest.mark.parametrize(
    ("languages", "said"),
    [
        ("de", GERMAN),
        ("de_CH", GERMAN),
        ("fr:de:en", GERMAN),
        ("en:de", ENGLISH),
        ("en_GB", ENGLISH),
        ("fr", ENGLISH),
    ],
)
def test_the_desktop_says_which_language(languages: str, said: str) -> None:
    environment = os.environ | {"LC_ALL": "C.UTF-8", "LANGUAGE": languages}
    command = [sys.executable, "-c", SAY]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True, encoding="utf-8")
    assert done.stdout.strip() == said


def test_qt_itself_speaks_the_same_language(german: None, qtbot: QtBot) -> None:
    buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    qtbot.addWidget(buttons)
    assert buttons.button(QDialogButtonBox.StandardButton.Cancel).text() == "Abbrechen"


def test_a_number_chooses_the_form(german: None) -> None:
    source = "{agent} said nothing to %n request(s)"
    said = [QtTranslate()(source, number).format(agent="x") for number in (1, 2)]
    assert said == ["x hat 1 Anfrage nicht beantwortet", "x hat 2 Anfragen nicht beantwortet"]


def test_what_is_in_no_catalogue_stays_as_it_is(german: None) -> None:
    assert QtTranslate()("Something new") == "Something new"
