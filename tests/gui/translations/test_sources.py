"""Nothing that the program says to a person is forgotten."""

from __future__ import annotations

import ast
from itertools import product

import pytest

from client.core import code_words, words
from client.core.checkup import Check
from client.core.status import LogEntry
from gui.translations.sources import GUI, asked_in, plural, sources, written_in
from gui.view import phrases
from gui.view.diagnosis import check_lines
from gui.view.events import lines
from gui.view.headline import headline
from gui.view.menu import REFUSALS, menu
from gui.view.path_picture import path_picture
from tests.gui.english import english
from tests.gui.statuses import STATES, V4, status

REASONS = (*words.REASONS, *words.WHYS, *REFUSALS, "v4:254")
CODES = [*(f"v4:{code}" for code in code_words.V4), *(f"v6:{code}" for code in code_words.V6), "v4:254"]


class Asked:
    """Speaks English, and remembers what it was asked."""

    def __init__(self) -> None:
        self.texts: set[str] = set()

    def __call__(self, text: str, number: int | None = None) -> str:
        assert plural(text) is (number is not None), text
        self.texts.add(text)
        return english(text, number)


def test_literals_are_found_wherever_they_stand() -> None:
    code = 'say = translate("one" if x else y)\nself._translate("two" " words", n)\ntranslate(z)\nother("three")\n'
    assert list(written_in(code)) == ["two words"]
    assert [ast.unparse(text) for text in asked_in(code)] == ["'one' if x else y", "'two words'", "z"]


@pytest.mark.parametrize("file", sorted(GUI.rglob("*.py")), ids=lambda file: str(file.relative_to(GUI)))
def test_texts_are_literals_or_from_tables(file: object) -> None:
    asked = asked_in((GUI / str(file)).read_text("utf-8"))
    assert [ast.unparse(text) for text in asked if isinstance(text, ast.JoinedStr | ast.BinOp | ast.IfExp)] == []


@pytest.mark.parametrize("state", STATES)
def test_what_is_said_of_a_status_is_gathered(state: str) -> None:
    asked = Asked()
    for reason, (place, path) in product(REASONS, (("home", "direct"), ("foreign-agent", "triangle"), (None, None))):
        setting = {"reverse_tunnel": {"wanted": "on", "applied": "off", "why": reason}}
        limits = [{"id": limit, "detail": reason} for limit in words.LIMITS]
        v4 = {**V4, "place": place, "path": path, "tries": 2}
        found = status(state, reason=reason, settings=setting, limits=limits, v4=v4)
        headline(found, 9e6, asked)
        menu(found, (), 0, asked)
        path_picture(found, asked)
        phrases.limit(found.limits[0], asked)
    assert asked.texts <= set(sources())


def test_what_is_said_of_codes_checks_events_and_errors_is_gathered() -> None:
    asked = Asked()
    for code in CODES:
        phrases.meaning(code, asked)
        phrases.action(code, asked)
    results = words.RESULTS
    findings = (*words.FINDINGS, *STATES)
    check_lines([Check(id=i, result=r, finding=f) for i, r, f in product(words.CHECKS, results, findings)], asked)
    given = {"place": "home", "encapsulation": "minimal", "to": "home eth0"}
    lines([LogEntry(at="", id=event, parameters=given) for event in words.EVENTS], asked, None)
    for error in phrases.ERRORS:
        phrases.error(error, "", asked)
    assert asked.texts <= set(sources())
