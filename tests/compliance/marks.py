"""Which tests prove what: the marks `@pytest.mark.rfc(...)`, read from the tests' source, without running them."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from tests.compliance.rules import Place

ROOT = Path(__file__).parents[2]
JUDGES = Path("tests/lab/analysis")


@dataclass(frozen=True, slots=True, order=True)
class Case:
    """A test, or a class of tests."""

    path: str
    name: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A test says that it proves this."""

    test: Case
    place: Place


def calls_in(nodes: Iterable[ast.AST]) -> Iterator[ast.Call]:
    """The calls of pytest.mark.rfc below these."""
    for node in chain.from_iterable(map(ast.walk, nodes)):
        if isinstance(node, ast.Call) and ast.unparse(node.func) == "pytest.mark.rfc":
            yield node


def calls_by_name(tree: ast.Module) -> dict[str, list[ast.Call]]:
    """The marks in what a module assigns to names: pytestmark, and lists of parameters."""
    assignments = [(node.targets[0], node.value) for node in tree.body if isinstance(node, ast.Assign)]
    return {ast.unparse(target): list(calls_in([value])) for target, value in assignments}


def calls_by_test(tree: ast.Module) -> Iterator[tuple[str, ast.Call]]:
    """The marks of each test. Those of its parameters count for the test, those of the module for each of its tests."""
    by_name = calls_by_name(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            used = names_in(node.decorator_list)
            inherited = {"pytestmark"} if node.name.startswith("test_") else set()
            calls = [by_name.get(name, []) for name in sorted(used | inherited)]
            yield from ((node.name, call) for call in chain(calls_in(node.decorator_list), *calls))


def names_in(nodes: Iterable[ast.AST]) -> set[str]:
    """The names below these."""
    return {node.id for node in chain.from_iterable(map(ast.walk, nodes)) if isinstance(node, ast.Name)}


def place_of(call: ast.Call, path: str) -> Place:
    """The arguments of a mark; ValueError if they are not two or three plain strings."""
    words = [argument.value for argument in call.args if isinstance(argument, ast.Constant)]
    texts = [word for word in words if isinstance(word, str)]
    if call.keywords or len(texts) != len(call.args) or len(texts) not in {2, 3}:
        raise ValueError(
            f"{path} line {call.lineno}: an rfc mark is a number, a section, and perhaps a rule, as strings"
        )
    return Place(*texts)


def marks_in(source: str, path: str) -> list[Mark]:
    """The marks of one file."""
    return [Mark(Case(path, name), place_of(call, path)) for name, call in calls_by_test(ast.parse(source))]


def lost_marks(source: str) -> int:
    """How many marks of a file are on no test, and so would not be seen."""
    tree = ast.parse(source)
    return len(set(calls_in([tree])) - {call for _, call in calls_by_test(tree)})


def files_of_tests(root: Path = ROOT) -> list[Path]:
    """Where tests are; those of the lab's judges prove nothing of what they judge."""
    found = sorted((root / "tests").rglob("test_*.py"))
    return [path for path in found if root / JUDGES not in path.parents]


def read_marks(root: Path = ROOT) -> list[Mark]:
    """All marks, in the order of the files."""
    return [
        mark for path in files_of_tests(root) for mark in marks_in(path.read_text(), path.relative_to(root).as_posix())
    ]
