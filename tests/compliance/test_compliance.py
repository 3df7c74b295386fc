"""The rules, the marks on the tests, and the page made from both agree."""

from __future__ import annotations

import re
from collections import Counter

import pytest

from tests.compliance.document import Proofs, Standing, document
from tests.compliance.marks import ROOT, Case, Mark, files_of_tests, lost_marks, marks_in, read_marks
from tests.compliance.rules import ROLES, Level, Place, Rule, read_rule, read_rules, read_sections
from tests.compliance.write import PAGE

HOME_BIT = Rule(Place("6275", "11.7.1", "home-bit"), Level.MUST, "The H bit is set.", "mobile node", "")
SECTIONS = {"6275": {"11": "Mobile Node Operation", "11.7.1": "Sending Binding Updates to the Home Agent"}}


def test_no_rule_is_told_twice() -> None:
    """A place names one rule, in all files."""
    counts = Counter(rule.place for rule in read_rules())
    assert [str(place) for place, count in counts.items() if count > 1] == []


def test_every_rule_stands_in_a_section_of_its_rfc() -> None:
    """Sections are those of the RFC's table of contents."""
    sections = read_sections()
    assert [str(rule.place) for rule in read_rules() if rule.place.section not in sections[rule.place.rfc]] == []


def test_every_rule_is_for_a_known_role() -> None:
    """One role, or several with commas between."""
    assert [str(rule.place) for rule in read_rules() if not set(rule.role.split(", ")) <= ROLES] == []


def test_every_mark_names_a_section_that_the_rfc_has() -> None:
    """Of the RFCs that have rules here."""
    sections = read_sections()
    places = {mark.place for mark in read_marks() if mark.place.rfc in sections}
    assert [str(place) for place in places if place.section not in sections[place.rfc]] == []


def test_every_mark_that_names_a_rule_names_one_of_the_tables() -> None:
    """Otherwise it would prove nothing that anyone can see."""
    known = {rule.place for rule in read_rules()}
    unknown = {mark for mark in read_marks() if mark.place.rule and mark.place not in known}
    assert [f"{mark.test.path} {mark.test.name}: {mark.place}" for mark in unknown] == []


def test_no_rule_is_both_proven_and_explained_away() -> None:
    """Whoever proves a rule takes its reason out of the table."""
    proofs = Proofs.of(read_marks())
    assert [str(rule.place) for rule in read_rules() if rule.why_not and proofs.rule(rule)] == []


def test_every_mark_is_seen() -> None:
    """Marks stand on functions and classes, or in a module's pytestmark, nowhere else."""
    assert [str(path) for path in files_of_tests() if lost_marks(path.read_text())] == []


def test_the_page_has_every_rule() -> None:
    """And in the words of the tables; `make compliance` writes it anew."""
    page = PAGE.read_text()
    assert [str(rule.place) for rule in read_rules() if f"| {rule.words} |" not in page] == []


def test_the_page_names_only_tests_that_exist() -> None:
    """A new test may be missing until the next `make compliance`; one that is gone proves nothing any more."""
    named = set(re.findall(r"\[(\w+)\]\(\.\./(tests/[\w/]+\.py)\)", PAGE.read_text()))
    there = {(mark.test.name.removeprefix("test_"), mark.test.path) for mark in read_marks()}
    assert sorted(named - there) == []
    assert all((ROOT / path).exists() for _, path in named)


def test_marks_are_found_on_tests_classes_and_parameters() -> None:
    """By reading the source."""
    source = """
@pytest.mark.rfc("6275", "11.7.1", "home-bit")
@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.rfc("6275", "9.5.1"))])
def test_one(): ...

@pytest.mark.rfc("2003", "3.1")
class TestTwo: ...
"""
    assert set(marks_in(source, "tests/test_x.py")) == {
        Mark(Case("tests/test_x.py", "test_one"), HOME_BIT.place),
        Mark(Case("tests/test_x.py", "test_one"), Place("6275", "9.5.1")),
        Mark(Case("tests/test_x.py", "TestTwo"), Place("2003", "3.1")),
    }


def test_a_mark_of_a_module_is_one_of_each_of_its_tests() -> None:
    """As pytest has it."""
    source = 'pytestmark = [pytest.mark.lab, pytest.mark.rfc("6275", "5")]\ndef helper(): ...\ndef test_one(): ...'
    assert marks_in(source, "tests/test_x.py") == [Mark(Case("tests/test_x.py", "test_one"), Place("6275", "5"))]
    assert lost_marks(source) == 0


def test_a_mark_in_a_named_list_of_parameters_is_one_of_the_tests_that_use_the_list() -> None:
    """Not of others."""
    source = """
LIST = [pytest.param(1, marks=pytest.mark.rfc("6275", "5"))]

@pytest.mark.parametrize("x", LIST)
def test_one(): ...

def test_two(): ...
"""
    assert marks_in(source, "tests/test_x.py") == [Mark(Case("tests/test_x.py", "test_one"), Place("6275", "5"))]
    assert lost_marks(source) == 0


def test_tests_of_judges_prove_no_rule() -> None:
    """They say that the lab can tell right from wrong, not that what it looks at is right."""
    assert not [path for path in files_of_tests() if "analysis" in path.parts]


def test_a_mark_that_decorates_nothing_is_counted_as_lost() -> None:
    """Nobody would see it."""
    assert lost_marks('marks = [pytest.mark.rfc("6275", "5")]') == 1


@pytest.mark.parametrize("arguments", ['"6275"', '"6275", 5', '"6275", "5", "a", "b"', 'NUMBER, "5"', 'number="6275"'])
def test_a_mark_with_other_arguments_is_an_error(arguments: str) -> None:
    """Two or three plain strings."""
    with pytest.raises(ValueError, match="line 1"):
        list(marks_in(f"@pytest.mark.rfc({arguments})\ndef test_one(): ...", "tests/test_x.py"))


@pytest.mark.parametrize("table", [{}, {"must": "a", "should": "b"}, {"must": "a", "why": "b"}])
def test_a_rule_has_one_level_and_nothing_unknown(table: dict[str, str]) -> None:
    """A misspelt key would be a rule without reason."""
    with pytest.raises(ValueError, match="one level"):
        read_rule(HOME_BIT.place, table, "mobile node")


@pytest.mark.parametrize(
    ("rule_mark", "section_mark", "why_not", "standing"),
    [
        (True, True, "", Standing.PROVEN),
        (False, True, "", Standing.SECTION),
        (False, True, "because", Standing.EXPLAINED),
        (False, False, "because", Standing.EXPLAINED),
        (False, False, "", Standing.OPEN),
    ],
)
def test_a_test_of_the_section_alone_proves_no_rule(
    rule_mark: bool, section_mark: bool, why_not: str, standing: Standing
) -> None:
    """Only a mark that names the rule does."""
    rule = Rule(HOME_BIT.place, Level.MUST, "The H bit is set.", "mobile node", why_not)
    test = Case("tests/test_x.py", "test_one")
    marks = [Mark(test, rule.place)] * rule_mark + [Mark(test, Place("6275", "11.7.1"))] * section_mark
    assert Proofs.of(marks).standing(rule) is standing


def test_the_page_shows_the_rule_with_its_tests() -> None:
    """Level, words, role, and where the test is."""
    page = document([HOME_BIT], SECTIONS, [Mark(Case("tests/test_x.py", "test_one"), HOME_BIT.place)])
    assert "| `home-bit` | MUST | The H bit is set. | mobile node | [one](../tests/test_x.py) |" in page
    assert "| RFC 6275, 11 Mobile Node Operation | 1 | 1 | 0 | 0 | 0 |" in page
