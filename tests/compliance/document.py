"""Writes docs/COMPLIANCE.md: each rule, and what proves it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum
from itertools import groupby

from tests.compliance.marks import Case, Mark
from tests.compliance.rules import Place, Rule

HEAD = """# Which rules of the RFCs are kept, and what proves it

Made by `make compliance` from the tables in `tests/compliance/rules/` and from the marks on the tests; do not edit it.
The rules are in our own words and leave much out: the RFC is the law.

What the last column says:

- **a test's name**: this test proves this rule (`@pytest.mark.rfc("6275", "11.7.1", "home-bit")`);
- **section**: tests are about this section (counted under its title), but none names this rule. Nobody has said that
  it is proven;
- **no: ...**: no test, and why;
- **open**: no test and no reason. It may work or not.

Where a rule is for several roles, a test of one of them is enough for its name to stand here.

"MUST" and the like are the RFC's word; "is" stands for what it says without one. A "MUST NOT" is told as what we do, or
leave.
"""


class Standing(Enum):
    """What is known about a rule; the values are the titles of the summary."""

    PROVEN = "proven by name"
    SECTION = "section tested"
    EXPLAINED = "not, with a reason"
    OPEN = "open"


@dataclass(slots=True)
class Proofs:
    """The tests by what they prove."""

    by_place: dict[Place, list[Case]] = field(default_factory=lambda: defaultdict(list))

    @classmethod
    def of(cls, marks: Iterable[Mark]) -> Proofs:
        """Each test once for each place."""
        proofs = cls()
        for mark in sorted(set(marks), key=lambda mark: mark.test):
            proofs.by_place[mark.place].append(mark.test)
        return proofs

    def rule(self, rule: Rule) -> list[Case]:
        """The tests that name it."""
        return self.by_place.get(rule.place, [])

    def section(self, place: Place) -> list[Case]:
        """The tests that name its section only."""
        return self.by_place.get(Place(place.rfc, place.section), [])

    def standing(self, rule: Rule) -> Standing:
        """What is known about it."""
        if self.rule(rule):
            return Standing.PROVEN
        if rule.why_not:
            return Standing.EXPLAINED
        return Standing.SECTION if self.section(rule.place) else Standing.OPEN


def link(test: Case) -> str:
    """A test's name, and where it stands."""
    return f"[{test.name.removeprefix('test_')}](../{test.path})"


def proof(rule: Rule, proofs: Proofs) -> str:
    """The last column."""
    match proofs.standing(rule):
        case Standing.PROVEN:
            return "<br>".join(map(link, proofs.rule(rule)))
        case Standing.EXPLAINED:
            return f"no: {rule.why_not}"
        case Standing.SECTION:
            return "section"
        case Standing.OPEN:
            return "**open**"


def row(rule: Rule, proofs: Proofs) -> str:
    """One rule."""
    return f"| `{rule.place.rule}` | {rule.level.value} | {rule.words} | {rule.role} | {proof(rule, proofs)} |"


def tests_of_section(place: Place, proofs: Proofs) -> list[str]:
    """How many tests are about the section, file by file."""
    files = groupby(proofs.section(place), key=lambda test: test.path)
    counts = [f"[{path.removeprefix('tests/')}](../{path}) {len(list(tests))}" for path, tests in files]
    return [f"Tests about this section: {', '.join(counts)}.", ""] if counts else []


def section(place: Place, title: str, rules: Sequence[Rule], proofs: Proofs) -> list[str]:
    """A section's rules."""
    return [
        f"### {place.section} {title}",
        "",
        *tests_of_section(place, proofs),
        "| rule | level | in our words | role | tests |",
        "|---|---|---|---|---|",
        *(row(rule, proofs) for rule in rules),
        "",
    ]


def chapter_of(rule: Rule) -> tuple[str, str]:
    """RFC and chapter."""
    return rule.place.rfc, rule.place.section.split(".")[0]


def summary(rules: Sequence[Rule], sections: dict[str, dict[str, str]], proofs: Proofs) -> list[str]:
    """How many rules of each chapter stand how."""
    titles = " | ".join(standing.value for standing in Standing)
    lines = [f"| chapter | rules | {titles} |", "|---|" + "---:|" * (len(Standing) + 1)]
    for (rfc, chapter), group in groupby(rules, key=chapter_of):
        standings = [proofs.standing(rule) for rule in group]
        counts = " | ".join(str(standings.count(standing)) for standing in Standing)
        lines.append(f"| RFC {rfc}, {chapter} {sections[rfc][chapter]} | {len(standings)} | {counts} |")
    return [*lines, ""]


def in_order(rules: Iterable[Rule], sections: dict[str, dict[str, str]]) -> list[Rule]:
    """As the RFCs have their sections; rules of one section as the files have them."""
    places = {(rfc, number): place for rfc in sections for place, number in enumerate(sections[rfc])}
    return sorted(rules, key=lambda rule: (rule.place.rfc, places[rule.place.rfc, rule.place.section]))


def document(rules: Iterable[Rule], sections: dict[str, dict[str, str]], marks: Iterable[Mark]) -> str:
    """The whole page."""
    ordered, proofs = in_order(rules, sections), Proofs.of(marks)
    lines = [HEAD, *summary(ordered, sections, proofs)]
    for rfc, of_rfc in groupby(ordered, key=lambda rule: rule.place.rfc):
        lines += [f"## RFC {rfc}", ""]
        for number, group in groupby(of_rfc, key=lambda rule: rule.place.section):
            lines += section(Place(rfc, number), sections[rfc][number], list(group), proofs)
    return "\n".join(lines).rstrip() + "\n"
