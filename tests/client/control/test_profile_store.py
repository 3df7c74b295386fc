"""Profiles on disk: keys apart, newer replaces older, and no id names another file."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from client.control.profile_store import ProfileStore
from client.core.errors import ProfileError
from client.core.profile_summary import summarise

KEY = base64.b64encode(bytes(range(16))).decode()


def transport_file(profile_id: str = "bob@example.net", serial: int = 1, key: str = KEY) -> str:
    return f"""
format = 1
id = "{profile_id}"
serial = {serial}
name = "Bob"
[mipv4]
home_address = "198.51.100.23/24"
home_agents = ["203.0.113.80"]
[[mipv4.key]]
peer = "home-agent"
spi = 256
secret = "k"
[secrets]
k = "base64:{key}"
"""


@pytest.fixture
def store(tmp_path: Path) -> ProfileStore:
    return ProfileStore(tmp_path / "profiles.d", tmp_path / "state" / "secrets")


def test_a_stored_profile_is_found_again_with_its_key(store: ProfileStore) -> None:
    stored = store.add(transport_file())
    assert store.load("bob@example.net") == stored
    assert stored.secrets["k"].reveal() == bytes(range(16))
    assert store.list() == [stored]


def test_the_key_lies_apart_and_both_files_are_private(store: ProfileStore, tmp_path: Path) -> None:
    store.add(transport_file())
    profile, secrets = tmp_path / "profiles.d/bob@example.net.toml", tmp_path / "state/secrets/bob@example.net.toml"
    assert KEY not in profile.read_text()
    assert KEY in secrets.read_text()
    assert [path.stat().st_mode & 0o777 for path in (profile, secrets)] == [0o600, 0o600]


def test_a_higher_serial_replaces(store: ProfileStore) -> None:
    store.add(transport_file(serial=6))
    store.add(transport_file(serial=7, key=base64.b64encode(b"k" * 16).decode()))
    profile = store.load("bob@example.net")
    assert (profile.serial, profile.secrets["k"].reveal()) == (7, b"k" * 16)
    assert store.ids() == ["bob@example.net"]


@pytest.mark.parametrize("serial", [6, 5])
def test_the_same_or_a_lower_serial_is_refused_naming_both(store: ProfileStore, serial: int) -> None:
    store.add(transport_file(serial=6))
    with pytest.raises(ProfileError, match=rf"serial: {serial} does not replace serial 6"):
        store.add(transport_file(serial=serial, key=base64.b64encode(b"k" * 16).decode()))
    assert store.load("bob@example.net").secrets["k"].reveal() == bytes(range(16))


def test_a_bad_profile_changes_nothing(store: ProfileStore) -> None:
    store.add(transport_file())
    with pytest.raises(ProfileError):
        store.add(transport_file(serial=2).replace("home_agents", "home_agent"))
    assert [profile.serial for profile in store.list()] == [1]


def test_another_name_may_be_given(store: ProfileStore) -> None:
    assert store.add(transport_file(), "Travel").name == "Travel"
    assert store.load("bob@example.net").name == "Travel"
    with pytest.raises(ProfileError, match="name"):
        store.add(transport_file(serial=2), "\x1b[2J")


@pytest.mark.parametrize("profile_id", ["nobody", "../state/secrets/bob@example.net", "", ".", "bob@example.net.toml"])
def test_an_id_that_is_not_there_names_those_that_are(store: ProfileStore, profile_id: str) -> None:
    store.add(transport_file())
    with pytest.raises(ProfileError, match=r"there are: bob@example\.net"):
        store.load(profile_id)


def test_a_stored_file_that_others_can_read_is_refused_and_the_others_are_listed(
    store: ProfileStore, tmp_path: Path
) -> None:
    store.add(transport_file())
    store.add(transport_file("carol"))
    (tmp_path / "state/secrets/carol.toml").chmod(0o644)
    with pytest.raises(ProfileError, match="chmod 600"):
        store.load("carol")
    assert [profile.id for profile in store.list()] == ["bob@example.net"]
    assert store.ids() == ["bob@example.net", "carol"]


def test_lost_secrets_are_an_error_that_names_the_file(store: ProfileStore, tmp_path: Path) -> None:
    store.add(transport_file())
    (tmp_path / "state/secrets/bob@example.net.toml").unlink()
    with pytest.raises(ProfileError, match=r"secrets/bob@example\.net\.toml cannot be read"):
        store.load("bob@example.net")


def test_a_file_under_another_name_is_refused(store: ProfileStore, tmp_path: Path) -> None:
    store.add(transport_file())
    for directory in ("profiles.d", "state/secrets"):
        (tmp_path / directory / "bob@example.net.toml").rename(tmp_path / directory / "eve.toml")
    with pytest.raises(ProfileError, match=r"holds the profile 'bob@example\.net'"):
        store.load("eve")


def test_a_summary_has_no_key(store: ProfileStore) -> None:
    store.add(transport_file())
    summary = summarise(store.load("bob@example.net"))
    assert summary["home_address"] == "198.51.100.23/24"
    assert KEY not in str(summary)


def test_the_text_that_is_shown_holds_no_key(store: ProfileStore) -> None:
    store.add(transport_file())
    assert KEY not in store.text("bob@example.net")
    assert 'name = "Bob"' in store.text("bob@example.net")


def test_an_edited_profile_keeps_its_keys(store: ProfileStore) -> None:
    store.add(transport_file())
    store.edit("bob@example.net", store.text("bob@example.net").replace('"Bob"', '"Robert"'))
    profile = store.load("bob@example.net")
    assert (profile.name, profile.secrets["k"].reveal()) == ("Robert", bytes(range(16)))


def test_an_edited_profile_may_bring_a_new_key(store: ProfileStore) -> None:
    store.add(transport_file())
    new = base64.b64encode(b"n" * 16).decode()
    text = store.text("bob@example.net").replace('secret = "k"', 'secret = "n"')
    store.edit("bob@example.net", f'{text}\n[secrets]\nn = "base64:{new}"\n')
    assert {name: key.reveal() for name, key in store.load("bob@example.net").secrets.items()} == {"n": b"n" * 16}


def test_an_edit_that_is_wrong_changes_nothing(store: ProfileStore) -> None:
    before = store.add(transport_file())
    text = store.text("bob@example.net")
    for wrong in (text.replace("spi = 256", "spi = 255"), text.replace("bob@", "eve@"), text.replace('"k"', '"other"')):
        with pytest.raises(ProfileError):
            store.edit("bob@example.net", wrong)
    assert store.load("bob@example.net") == before


def test_a_removed_profile_leaves_nothing(store: ProfileStore, tmp_path: Path) -> None:
    store.add(transport_file())
    store.remove("bob@example.net")
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []
    with pytest.raises(ProfileError, match="no profile"):
        store.remove("../bob@example.net")
