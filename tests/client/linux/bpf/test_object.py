"""The compiled object is what its source says, and layout.py says what layout.h says."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from struct import Struct

import pytest

from client.core.plan import Encapsulation, End
from client.linux.bpf import layout
from client.linux.bpf.programs import OBJECT

ROOT = Path(__file__).parents[4]
SOURCE = ROOT / "client/linux/bpf"


def clang(*arguments: str, source: str) -> str:
    """What clang says of some C."""
    assert shutil.which("clang"), "clang is missing: apt-get install clang"
    command = ("clang", "-target", "bpf", "-fsyntax-only", "-I", str(SOURCE), *arguments, "-x", "c", "-")
    return subprocess.run(command, input=source, text=True, capture_output=True, check=False, timeout=60).stderr


def asserted(*claims: str) -> str:
    """What clang says of claims about layout.h; nothing if all are true."""
    machine = subprocess.run(("uname", "-m"), capture_output=True, text=True, check=True).stdout.strip()
    lines = [f'_Static_assert({claim}, "{claim}");' for claim in claims]
    return clang("-isystem", f"/usr/include/{machine}-linux-gnu", source='#include "layout.h"\n' + "\n".join(lines))


def test_committed_object_is_its_compiled_source(tmp_path: Path) -> None:
    assert shutil.which("clang"), "clang is missing: apt-get install clang"
    made = tmp_path / "dataplane.bpf.o"
    subprocess.run(
        ("make", "-s", "bpf", f"BPF_OBJECT={made}"), cwd=ROOT, check=True, timeout=120, stdin=subprocess.DEVNULL
    )
    assert made.read_bytes() == OBJECT.read_bytes(), "make bpf, and commit what it made"


@pytest.mark.parametrize(
    ("name", "layout"),
    [
        ("entrance4_key", layout.ENTRANCE4_KEY),
        ("entrance4", layout.ENTRANCE4),
        ("exit4_key", layout.EXIT4_KEY),
        ("exit", layout.EXIT),
        ("entrance6_key", layout.ENTRANCE6_KEY),
        ("entrance6", layout.ENTRANCE6),
        ("exit6_key", layout.EXIT6_KEY),
        ("peer6", layout.PEER6),
        ("correspondence", layout.CORRESPONDENCE),
        ("settings", layout.SETTINGS),
        ("counter", layout.COUNTER),
    ],
)
def test_struct_is_as_long_in_python_as_in_c(name: str, layout: Struct) -> None:
    assert asserted(f"sizeof(struct {name}) == {layout.size}") == ""
    assert "static_assert failed" in asserted(f"sizeof(struct {name}) == {layout.size + 4}")


def test_numbers_and_places_are_the_same_in_python_as_in_c() -> None:
    counters = [f"{name.upper()} == {number}" for number, name in enumerate(layout.COUNTERS)]
    assert (
        asserted(
            *counters,
            f"COUNTERS == {len(layout.COUNTERS)}",
            f"COUNTER_PLACES == {layout.COUNTER_PLACES} && COUNTERS <= COUNTER_PLACES",
            *(f"END_{end.name} == {layout.ENDS[end]}" for end in End),
            *(f"{kind.name} == {layout.ENCAPSULATIONS[kind]}" for kind in Encapsulation),
            f"__builtin_offsetof(struct entrance4_key, end) == {layout.ENTRANCE4_END}",
            f"__builtin_offsetof(struct exit4_key, end) == {layout.EXIT4_END}",
            f"__builtin_offsetof(struct entrance6_key, end) == {layout.ENTRANCE6_END}",
            f"__builtin_offsetof(struct exit6_key, end) == {layout.EXIT6_END}",
            "__builtin_offsetof(struct entrance4, mtu) == 12",
            "__builtin_offsetof(struct entrance4, encapsulation) == 14",
            "__builtin_offsetof(struct entrance4, copies) == 15",
            "__builtin_offsetof(struct entrance4, local_port) == 16",
            "__builtin_offsetof(struct exit4_key, source_port) == 12",
            "__builtin_offsetof(struct exit4_key, encapsulation) == 15",
            "__builtin_offsetof(struct exit, mtu) == 4",
            "__builtin_offsetof(struct exit, destination) == 6",
            "__builtin_offsetof(struct entrance6, interface) == 32",
            "__builtin_offsetof(struct entrance6, encapsulation) == 38",
            "__builtin_offsetof(struct exit6_key, encapsulation) == 50",
            "__builtin_offsetof(struct correspondence, direct) == 8",
            "__builtin_offsetof(struct settings, ends) == 12",
        )
        == ""
    )
