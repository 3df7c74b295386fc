"""A file with a key in it: nobody else could read it, and nobody could exchange it for another."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from client.control.private_file import read_private_file, write_private_file
from client.core.errors import ProfileError


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "alice.mobilenode"
    path.write_text("key")
    path.chmod(0o600)
    return path


def test_a_private_file_is_read(file: Path) -> None:
    assert read_private_file(file) == "key"


@pytest.mark.parametrize("mode", [0o640, 0o620, 0o610, 0o604, 0o602, 0o601, 0o644, 0o777])
def test_a_file_that_others_can_touch_is_refused_and_the_cure_is_named(file: Path, mode: int) -> None:
    file.chmod(mode)
    with pytest.raises(ProfileError, match=f"chmod 600 {file}"):
        read_private_file(file)


def test_a_file_that_only_its_owner_reads_is_read(file: Path) -> None:
    file.chmod(0o400)
    assert read_private_file(file) == "key"


def test_a_symbolic_link_is_not_followed(file: Path, tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(file)
    with pytest.raises(ProfileError, match="symbolic link"):
        read_private_file(link)


def test_a_named_pipe_does_not_hold_us_up(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe", 0o600)
    with pytest.raises(ProfileError, match="not a file"):
        read_private_file(tmp_path / "pipe")


def test_a_directory_or_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ProfileError, match="not a file"):
        read_private_file(tmp_path)
    with pytest.raises(ProfileError, match="No such file"):
        read_private_file(tmp_path / "nothing")


def test_a_file_of_somebody_else_is_refused_unless_expected(file: Path) -> None:
    if os.geteuid() != 0:
        pytest.skip("NOT PROVEN: files of other owners; only root can make them")
    os.chown(file, 65534, 65534)
    with pytest.raises(ProfileError, match="uid 65534"):
        read_private_file(file)
    assert read_private_file(file, owners=[65534]) == "key"


def test_a_long_file_and_one_that_is_no_text_are_refused(file: Path) -> None:
    file.write_bytes(b"x" * 65537)
    with pytest.raises(ProfileError, match="64 KiB"):
        read_private_file(file)
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(ProfileError, match="UTF-8"):
        read_private_file(file)


def test_what_is_written_is_private_whatever_the_umask(tmp_path: Path) -> None:
    path = tmp_path / "new"
    before = os.umask(0)
    try:
        write_private_file(path, "key")
    finally:
        os.umask(before)
    assert path.stat().st_mode & 0o777 == 0o600
    assert read_private_file(path) == "key"


def test_writing_replaces_the_whole_file_and_leaves_no_draft(file: Path) -> None:
    write_private_file(file, "new")
    assert read_private_file(file) == "new"
    assert list(file.parent.iterdir()) == [file]


def test_writing_does_not_follow_a_link_that_was_put_in_its_way(file: Path, tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    (tmp_path / f".{file.name}.new").symlink_to(victim)
    write_private_file(file, "new")
    assert victim.read_text() == "precious"
    assert read_private_file(file) == "new"
