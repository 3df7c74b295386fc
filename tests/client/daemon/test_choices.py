"""What people chose outlives the daemon, and nothing else does."""

from __future__ import annotations

from ipaddress import IPv4Network
from pathlib import Path

import pytest

from client.core.choice import Switch
from client.daemon.choices import Choices, Chosen

WORK = IPv4Network("10.0.0.0/8")


def test_choices_are_found_again(tmp_path: Path) -> None:
    file = tmp_path / "state" / "choices.json"
    before = Choices(file)
    assert (before.profile, before.pause, before.chosen("alice")) == (None, (False, None), Chosen())
    before.use_profile("alice")
    before.set_reverse_tunnel("alice", Switch.OFF)
    before.set_broadcasts("alice", value=False)
    before.set_tunnelled("alice", [WORK])
    before.set_pause(True, 1_800_000_000.0)
    after = Choices(file)
    assert (after.profile, after.pause) == ("alice", (True, 1_800_000_000.0))
    assert after.chosen("alice") == Chosen(reverse_tunnel=Switch.OFF, broadcasts=False, tunnelled=(WORK,))
    assert after.chosen("bob") == Chosen()
    assert file.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize("damage", [b"", b"{", b'{"profile": 7}', b"\xff\xfe", b"[]"])
def test_file_that_is_damaged_counts_as_empty(tmp_path: Path, damage: bytes) -> None:
    file = tmp_path / "choices.json"
    file.write_bytes(damage)
    file.chmod(0o600)
    assert Choices(file).profile is None


def test_all_prefixes_is_a_choice_too(tmp_path: Path) -> None:
    Choices(tmp_path / "choices.json").set_tunnelled("alice", None)
    assert Choices(tmp_path / "choices.json").chosen("alice").tunnelled == ()


def test_choices_of_an_older_daemon_are_read(tmp_path: Path) -> None:
    file = tmp_path / "choices.json"
    file.write_text('{"profile": "alice", "reverse_tunnel": {"alice": "on"}}')
    file.chmod(0o600)
    assert Choices(file).chosen("alice") == Chosen(reverse_tunnel=Switch.ON)


def test_prefixes_that_are_damaged_count_as_not_chosen(tmp_path: Path) -> None:
    file = tmp_path / "choices.json"
    file.write_text('{"profile": "alice", "tunnelled": {"alice": ["10.0.0.1/8"]}}')
    file.chmod(0o600)
    assert (Choices(file).profile, Choices(file).chosen("alice").tunnelled) == ("alice", None)
