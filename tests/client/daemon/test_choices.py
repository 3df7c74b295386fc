"""What people chose outlives the daemon, and nothing else does."""

from __future__ import annotations

from pathlib import Path

import pytest

from client.core.choice import Switch
from client.daemon.choices import Choices


def test_choices_are_found_again(tmp_path: Path) -> None:
    file = tmp_path / "state" / "choices.json"
    before = Choices(file)
    assert (before.profile, before.pause, before.reverse_tunnel("alice")) == (None, (False, None), None)
    before.use_profile("alice")
    before.set_reverse_tunnel("alice", Switch.OFF)
    before.set_pause(True, 1_800_000_000.0)
    after = Choices(file)
    assert (after.profile, after.pause) == ("alice", (True, 1_800_000_000.0))
    assert (after.reverse_tunnel("alice"), after.reverse_tunnel("bob")) == (Switch.OFF, None)
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"{", b'{"profile": 7}', b"\xff\xfe", b"[]"])
def test_file_that_is_damaged_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "choices.json"
    file.write_bytes(damage)
    file.chmod(0o600)
    assert Choices(file).profile is None
