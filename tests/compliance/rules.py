"""The rules of the RFCs, in our own words: `rules/*.toml`.

A file is about one RFC (`rfc`) and one `role`, which a rule may change. A rule is a table, named by its section and by
a word of ours:

    ["11.7.1".home-bit]
    must = "The H bit is set."

The key says how strongly the RFC says it: `must`, `must_not`, `should`, `should_not` for its capital words (the
sentence then says what we do, or leave), `rule` where it has none. `why_not` is the reason why no test proves the
rule, written by someone who has thought about it; a rule without tests and without reason is open.

A test proves a rule by a mark: `@pytest.mark.rfc("6275", "11.7.1", "home-bit")`. Without the third word the mark only
says that the test is about the section.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

HERE = Path(__file__).parent
ROLES = frozenset({"all", "mobile node", "home agent", "foreign agent", "correspondent"})


class Level(Enum):
    """How strongly the RFC says it; the values are for readers."""

    MUST = "MUST"
    MUST_NOT = "MUST NOT"
    SHOULD = "SHOULD"
    SHOULD_NOT = "SHOULD NOT"
    RULE = "is"


@dataclass(frozen=True, slots=True)
class Place:
    """A section of an RFC, and the rule's name in it (empty: the section as such)."""

    rfc: str
    section: str
    rule: str = ""

    def __str__(self) -> str:
        return f"RFC {self.rfc} §{self.section} {self.rule}".rstrip()


@dataclass(frozen=True, slots=True)
class Rule:
    """What an RFC asks of a role."""

    place: Place
    level: Level
    words: str
    role: str
    why_not: str


def read_rule(place: Place, table: dict[str, str], role: str) -> Rule:
    """One table of a file; ValueError if it is none."""
    levels = [level for level in Level if level.name.lower() in table]
    unknown = table.keys() - {level.name.lower() for level in Level} - {"role", "why_not"}
    if len(levels) != 1 or unknown:
        raise ValueError(f"{place}: one level, and at most a role and a reason: {sorted(table)}")
    words = table[levels[0].name.lower()]
    return Rule(place, levels[0], words, table.get("role", role), table.get("why_not", ""))


def read_file(path: Path) -> list[Rule]:
    """The rules of a file, in its order."""
    table = tomllib.loads(path.read_text())
    rfc, role = str(table.pop("rfc")), str(table.pop("role"))
    return [
        read_rule(Place(rfc, section, name), rule, role)
        for section, rules in table.items()
        for name, rule in rules.items()
    ]


def read_rules(folder: Path = HERE / "rules") -> list[Rule]:
    """All rules, file by file."""
    return [rule for path in sorted(folder.glob("*.toml")) for rule in read_file(path)]


def read_sections(path: Path = HERE / "sections.toml") -> dict[str, dict[str, str]]:
    """The sections of each RFC that has rules here: number -> title, in the RFC's order."""
    return tomllib.loads(path.read_text())
