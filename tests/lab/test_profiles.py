from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from lab.errors import LabError
from lab.profiles import unchanged, with_mipv4

PROFILE = 'format = 1\n\n[mipv4]\nhome_address = "198.51.100.23/24"\nlifetime = 600\n\n[[mipv4.key]]\nlifetime = 5\n'


@pytest.fixture
def profile(tmp_path: Path) -> Path:
    path = tmp_path / "profile"
    path.write_text(PROFILE)
    return path


def test_keys_are_added_to_the_table_alone(profile: Path) -> None:
    with_mipv4(encapsulation=["gre", "ipip"], broadcasts=True)(profile)
    found = tomllib.loads(profile.read_text())
    assert found["mipv4"]["encapsulation"] == ["gre", "ipip"]
    assert found["mipv4"]["broadcasts"] is True
    assert found["mipv4"]["home_address"] == "198.51.100.23/24"


def test_a_key_that_is_there_is_replaced(profile: Path) -> None:
    with_mipv4(home_address="dynamic")(profile)
    assert tomllib.loads(profile.read_text())["mipv4"]["home_address"] == "dynamic"


def test_nothing_is_changed_unasked(profile: Path) -> None:
    unchanged(profile)
    assert profile.read_text() == PROFILE


def test_a_profile_without_the_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    with pytest.raises(LabError):
        with_mipv4(broadcasts=True)(tmp_path / "empty")
