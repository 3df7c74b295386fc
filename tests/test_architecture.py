"""Who may import whom (docs/ARCHITECTURE.md), read from the source: no module is run."""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("client", "mipv6", "agents", "gui", "lab", "tests")


def words(text: str) -> frozenset[str]:
    """The words of a text."""
    return frozenset(text.split())


# What a machine may use of the standard library: nothing that knows a clock, a socket, a file, a thread or chance.
PURE = words(
    """__future__ abc base64 binascii bisect collections contextlib dataclasses datetime difflib enum functools hashlib
    heapq hmac ipaddress itertools json math operator re statistics string struct textwrap tomllib types typing
    unicodedata"""
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Room:
    """What one part of the house may use besides itself and the standard library."""

    ours: frozenset[str] = frozenset()
    theirs: frozenset[str] = frozenset()
    late: frozenset[str] = frozenset()  # also, but only inside a function: the command line must start fast
    pure: bool = False


def room(ours: str = "", theirs: str = "", *, late: str = "", pure: bool = False) -> Room:
    """A room, from words."""
    return Room(ours=words(ours), theirs=words(theirs), late=words(late), pure=pure)


CLIENT = "client.core client.mipv4 client.linux client.control client.daemon client.cli"

# The longest name that fits is the room of a module.
ROOMS = {
    "client": room(),  # the package itself: a docstring
    "client.core": room("", "msgspec", pure=True),
    "client.mipv4": room("client.core", "cryptography", pure=True),
    "mipv6": room("client.core", "cryptography", pure=True),
    "client.linux": room("client.core"),
    "client.control": room("client.core", "msgspec"),
    "client.cli": room("client.core client.control", "click msgspec", late="rich netifaces cryptography scapy"),
    "client.daemon": room("client.core client.mipv4 client.linux client.control mipv6", "click msgspec"),
    "agents": room(
        "client.core client.mipv4 client.linux client.control mipv6",
        "click msgspec cryptography",
        late="rich",
    ),
    "gui": room("client.core client.control gui.view", "PySide6 jeepney msgspec"),
    "gui.view": room("client.core", "msgspec", pure=True),
    "lab": room(f"{CLIENT} mipv6 agents", "click msgspec cryptography rich scapy"),
    "tests": room(
        f"client {CLIENT} mipv6 agents gui gui.view lab",
        "click msgspec pyroute2 rich scapy cryptography pytest hypothesis PySide6 pytestqt dbus_fast",
    ),
}

# Ways to run strings or other people's bytes, and programs: only the lab and the tests start any.
DANGEROUS_MODULES = words("subprocess pickle marshal shelve yaml pty imp")
DANGEROUS_CALLS = words("eval exec compile __import__ os.system os.popen tempfile.mktemp")
IMPURE_CALLS = words("open input print datetime.now datetime.utcnow datetime.today date.today")
FREE = words("lab tests")


@dataclass(frozen=True)
class Module:
    """One source file, under its import name."""

    name: str
    tree: ast.Module

    @cached_property
    def room(self) -> str:
        """The longest room name that the module's name begins with."""
        return max((r for r in ROOMS if self.name == r or self.name.startswith(f"{r}.")), key=len)

    def imports(self) -> Iterator[tuple[str, bool]]:
        """Every module that it imports, and whether at once (not inside a function)."""
        late = {id(inner) for node in ast.walk(self.tree) if _is_function(node) for inner in ast.walk(node)}
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Import):
                yield from ((alias.name, id(node) not in late) for alias in node.names)
            elif isinstance(node, ast.ImportFrom):
                yield "." * node.level + (node.module or ""), id(node) not in late
                # `from package import module` names a module, too.
                yield from ((f"{node.module}.{alias.name}", id(node) not in late) for alias in node.names)

    def calls(self) -> Iterator[str]:
        """The dotted names of all that it calls."""
        return (ast.unparse(node.func) for node in ast.walk(self.tree) if isinstance(node, ast.Call))


def _is_function(node: ast.AST) -> bool:
    return isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)


def read_modules(root: Path) -> list[Module]:
    """All modules of the house under `root`."""
    return [
        Module(".".join(path.relative_to(root).with_suffix("").parts).removesuffix(".__init__"), _parse(path))
        for package in PACKAGES
        for path in sorted((root / package).rglob("*.py"))
    ]


def _parse(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), str(path))


def violations(modules: list[Module]) -> list[str]:
    """Each broken rule as a sentence."""
    names = {module.name for module in modules}
    found = [words for module in modules for words in (*_forbidden_imports(module, names), *_forbidden_words(module))]
    return found + _circles(modules, names)


def _forbidden_imports(module: Module, names: set[str]) -> Iterator[str]:
    for imported, at_once in module.imports():
        top = imported.split(".", maxsplit=1)[0]
        if not top:
            yield f"{module.name} imports {imported} by a relative name"
        elif top in PACKAGES:
            if imported in names and not _may_use_ours(module, imported):
                yield f"{module.name} imports {imported}"
        elif not _may_use_theirs(module, top, at_once=at_once):
            yield f"{module.name} imports {top}" + (" at once" if top in ROOMS[module.room].late else "")


def _may_use_ours(module: Module, imported: str) -> bool:
    target = Module(imported, ast.Module([], [])).room
    return target == module.room or target in ROOMS[module.room].ours


def _may_use_theirs(module: Module, top: str, *, at_once: bool) -> bool:
    rules = ROOMS[module.room]
    if top in DANGEROUS_MODULES:
        return module.room in FREE
    if top in sys.stdlib_module_names:
        return top in PURE or not rules.pure
    return top in rules.theirs or (top in rules.late and not at_once)


def _forbidden_words(module: Module) -> Iterator[str]:
    if module.room not in FREE:
        yield from (f"{module.name} calls {call}" for call in module.calls() if call in DANGEROUS_CALLS)
    if ROOMS[module.room].pure:
        yield from (f"{module.name} calls {call}" for call in module.calls() if call in IMPURE_CALLS)
    if module.room != "tests" and any(isinstance(node, ast.Assert) for node in ast.walk(module.tree)):
        yield f"{module.name} asserts: python -O would skip it"


def _circles(modules: list[Module], names: set[str]) -> list[str]:
    graph = {module.name: {i for i, _ in module.imports() if i in names and i != module.name} for module in modules}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return ["a circle of imports: " + ", ".join(sorted(set(error.args[1])))]
    return []


def test_every_import_is_allowed() -> None:
    modules = read_modules(ROOT)
    assert len(modules) > 20
    assert violations(modules) == []


def test_every_package_says_what_it_is_and_holds_nothing_else() -> None:
    packages = [path for package in PACKAGES for path in (ROOT / package).rglob("__init__.py")]
    assert packages
    bodies = {path.relative_to(ROOT): _parse(path).body for path in packages}
    assert [path for path, body in bodies.items() if len(body) != 1 or not isinstance(body[0], ast.Expr)] == []


@pytest.mark.parametrize(
    ("file", "source", "sentence"),
    [
        ("client/core/bad.py", "import time", "client.core.bad imports time"),
        ("client/core/bad.py", "import click", "client.core.bad imports click"),
        ("client/mipv4/bad.py", "from random import random", "client.mipv4.bad imports random"),
        ("client/mipv4/bad.py", "def f():\n    import os", "client.mipv4.bad imports os"),
        ("client/mipv4/bad.py", "from client.linux.good import x", "client.mipv4.bad imports client.linux.good"),
        ("client/mipv4/bad.py", "from client.linux import good", "client.mipv4.bad imports client.linux"),
        ("client/mipv4/bad.py", "open('key')", "client.mipv4.bad calls open"),
        ("client/core/bad.py", "from datetime import datetime\ndatetime.now()", "client.core.bad calls datetime.now"),
        ("client/linux/bad.py", "import client.mipv4.good", "client.linux.bad imports client.mipv4.good"),
        ("client/linux/bad.py", "import subprocess", "client.linux.bad imports subprocess"),
        ("client/control/bad.py", "import pickle", "client.control.bad imports pickle"),
        ("client/control/bad.py", "import pyroute2", "client.control.bad imports pyroute2"),
        ("client/cli.py", "import rich.live", "client.cli imports rich at once"),
        ("client/cli.py", "import client.linux.good", "client.cli imports client.linux.good"),
        ("client/daemon.py", "import agents.good", "client.daemon imports agents.good"),
        ("agents/bad.py", "import lab.good", "agents.bad imports lab.good"),
        ("agents/bad.py", "import tests.good", "agents.bad imports tests.good"),
        ("agents/bad.py", "eval('1')", "agents.bad calls eval"),
        ("agents/bad.py", "assert True", "agents.bad asserts: python -O would skip it"),
        ("gui/bad.py", "import client.mipv4.good", "gui.bad imports client.mipv4.good"),
        ("lab/bad.py", "import gui.good", "lab.bad imports gui.good"),
        ("lab/bad.py", "from .good import x", "lab.bad imports .good by a relative name"),
        ("lab/good.py", "import lab.good2", "a circle of imports: lab.good, lab.good2"),
    ],
)
def test_forbidden_import_is_refused(tmp_path: Path, file: str, source: str, sentence: str) -> None:
    for good in ("client/linux", "client/mipv4", "agents", "gui", "lab", "tests"):
        (tmp_path / good).mkdir(parents=True)
        (tmp_path / good / "__init__.py").write_text('"""A room."""')
        (tmp_path / good / "good.py").write_text("x = 1")
    (tmp_path / "lab/good2.py").write_text("import lab.good")
    assert violations(read_modules(tmp_path)) == []
    (tmp_path / file).parent.mkdir(exist_ok=True)
    (tmp_path / file).write_text(source)
    assert sentence in violations(read_modules(tmp_path))
