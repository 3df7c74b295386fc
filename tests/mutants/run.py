"""Plants known faults, one at a time, and demands that a test or an invariant catches each.

`python -m tests.mutants.run [NAME ...]` works on a copy of the tree in a scratch directory. A mutant is a patch
(`*.patch` here) whose first lines say what rule it breaks and what should notice: `Tests:` (arguments of pytest) and
`Seeds:` (of the simulation, FIRST-LAST). It fails if a mutant survives, or if a patch no longer applies.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
MUTANTS = Path(__file__).parent
ROOMS = ("agents", "client", "mipv6", "lab", "tests", "pyproject.toml")
TESTS_FAILED = 1
"""The exit code of pytest for failed tests; others mean that they never ran, which catches nothing."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A planted fault."""

    name: str
    rule: str
    tests: str
    seeds: str
    patch: Path


def read_mutant(patch: Path) -> Mutant:
    """The headers of a patch, up to the first empty line."""
    lines = patch.read_text().split("\n\n", 1)[0].splitlines()
    headers = dict(line.split(": ", 1) for line in lines)
    return Mutant(patch.stem, headers["Rule"], headers.get("Tests", ""), headers.get("Seeds", ""), patch)


def mutants(names: list[str]) -> list[Mutant]:
    """All, or those named."""
    found = [read_mutant(patch) for patch in sorted(MUTANTS.glob("*.patch"))]
    return [mutant for mutant in found if not names or mutant.name in names]


def copy_tree(scratch: Path) -> None:
    """What tests need, and nothing that a mutant could spoil."""
    for room in ROOMS:
        source = ROOT / room
        if source.is_dir():
            shutil.copytree(source, scratch / room, ignore=shutil.ignore_patterns("__pycache__", "*.patch"))
        else:
            shutil.copy(source, scratch / room)


def run(scratch: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A Python module in the scratch tree, which must not find this one."""
    return subprocess.run(
        [sys.executable, "-B", "-m", *command], cwd=scratch, capture_output=True, text=True, check=False
    )


def apply(patch: Path, scratch: Path, *options: str) -> str | None:
    """None, or why the patch does not apply."""
    result = subprocess.run(
        ["git", "apply", *options, str(patch)], cwd=scratch, capture_output=True, text=True, check=False
    )
    return result.stderr.strip() or "git apply failed" if result.returncode else None


def caught(mutant: Mutant, scratch: Path) -> Iterator[str]:
    """Who notices: the first test that fails, the first invariant that breaks."""
    if mutant.tests:
        result = run(scratch, "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not lab", *mutant.tests.split())
        if result.returncode == TESTS_FAILED:
            yield next(line for line in result.stdout.splitlines() if line.startswith("FAILED")).split(" - ")[0]
    if mutant.seeds:
        result = run(scratch, "tests.simulation.brief", *mutant.seeds.split("-"))
        if result.returncode == TESTS_FAILED and result.stdout.startswith("invariant"):
            yield result.stdout.strip()


def healthy(chosen: list[Mutant], scratch: Path) -> bool:
    """Without a mutant nothing may fail, else it proves nothing that it does with one."""
    tests = sorted({test for mutant in chosen for test in mutant.tests.split()})
    result = run(scratch, "pytest", "-q", "-x", "-p", "no:cacheprovider", "-m", "not lab", *tests)
    if tests and result.returncode:
        print(f"the tests fail without any mutant:\n{result.stdout}")
        return False
    last = max((int(mutant.seeds.split("-")[1]) for mutant in chosen if mutant.seeds), default=0)
    result = run(scratch, "tests.simulation.brief", "0", str(last))
    if result.returncode:
        print(f"the simulation fails without any mutant:\n{result.stdout}{result.stderr}")
    return result.returncode == 0


def try_mutant(mutant: Mutant, scratch: Path) -> bool:
    """Plant it, look who notices, take it out again."""
    why = apply(mutant.patch, scratch)
    if why:
        print(f"STALE     {mutant.name}: {why}")
        return False
    catchers = list(caught(mutant, scratch))
    apply(mutant.patch, scratch, "--reverse")
    print(f"{'caught   ' if catchers else 'SURVIVED '} {mutant.name}: {mutant.rule}", flush=True)
    for catcher in catchers:
        print(f"            by {catcher}")
    return bool(catchers)


def main() -> None:
    """Try all mutants, or those named."""
    chosen = mutants(sys.argv[1:])
    with tempfile.TemporaryDirectory(prefix="mobilenode-mutants-") as directory:
        scratch = Path(directory)
        copy_tree(scratch)
        if not chosen or not healthy(chosen, scratch):
            sys.exit(2)
        results = [try_mutant(mutant, scratch) for mutant in chosen]
    print(f"{sum(results)} of {len(results)} mutants caught")
    sys.exit(0 if all(results) else 1)


if __name__ == "__main__":
    main()
