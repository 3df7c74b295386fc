from __future__ import annotations

import socket
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from gui.instance import Instance


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "mobilenode-gui.sock")


@pytest.mark.parametrize("file", ["", "/home/alice/käse.mobilenode"])
def test_the_second_is_not_the_first_and_tells_it_what_to_open(qtbot: QtBot, path: str, file: str) -> None:
    first = Instance(path)
    assert first.first()
    with qtbot.waitSignal(first.raised) as raised:
        assert not Instance(path).first(file)
    assert raised.args == [file]


def test_what_a_killed_program_left_is_in_nobodys_way(qtbot: QtBot, path: str) -> None:
    """A socket file that nobody listens at."""
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(path)
    del qtbot
    first = Instance(path)
    assert first.first()
    assert not Instance(path).first()


def test_the_socket_is_the_persons_own(qtbot: QtBot, path: str) -> None:
    del qtbot
    first = Instance(path)
    assert first.first()
    assert Path(path).stat().st_mode & 0o077 == 0
