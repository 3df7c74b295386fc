"""Memory survives, whole or not at all (F18)."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.linux import state_file


def test_what_was_stored_is_loaded(tmp_path: Path) -> None:
    state_file.store(tmp_path / "memory", b"first")
    state_file.store(tmp_path / "memory", b"second")
    assert state_file.load(tmp_path / "memory") == b"second"


def test_nothing_stored_is_nothing(tmp_path: Path) -> None:
    assert state_file.load(tmp_path / "memory") == b""


def test_only_its_owner_may_read_it(tmp_path: Path) -> None:
    state_file.store(tmp_path / "memory", b"x")
    assert (tmp_path / "memory").stat().st_mode & 0o777 == 0o600
    assert [file.name for file in tmp_path.iterdir()] == ["memory"]


@pytest.mark.parametrize("memory", [b"", b"some memory"])
def test_every_flipped_byte_and_every_cut_is_noticed(tmp_path: Path, memory: bytes) -> None:
    file = tmp_path / "memory"
    state_file.store(file, memory)
    right = file.read_bytes()
    flipped = [right[:at] + bytes([right[at] ^ 0x40]) + right[at + 1 :] for at in range(len(right))]
    cut = [right[:length] for length in range(len(right))]
    for wrong in [*flipped, *cut, right + b"x"]:
        file.write_bytes(wrong)
        assert state_file.load(file) == b""
        assert (tmp_path / "memory.bad").read_bytes() == wrong
        assert not file.exists()


def test_unfinished_write_does_no_harm(tmp_path: Path) -> None:
    state_file.store(tmp_path / "memory", b"good")
    (tmp_path / "memory.new").write_bytes(b"half")
    assert state_file.load(tmp_path / "memory") == b"good"
    state_file.store(tmp_path / "memory", b"better")
    assert state_file.load(tmp_path / "memory") == b"better"
