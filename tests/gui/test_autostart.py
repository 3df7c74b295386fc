from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gui import autostart

DESKTOP_FILE = Path(__file__).parents[2] / "installers" / "desktop" / "mobilenode-gui.desktop"


@pytest.fixture(autouse=True)
def _config(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))


def test_it_is_switched_on_and_off_and_on() -> None:
    assert not autostart.is_on()
    for on in (True, True, False, False, True):
        autostart.switch(on=on)
        assert autostart.is_on() is on
    assert [each.name for each in autostart.path().parent.iterdir()] == ["mobilenode-gui.desktop"]


def test_the_entry_starts_the_tray_without_a_window() -> None:
    autostart.switch(on=True)
    assert "\nExec=mobilenode-gui --tray\n" in autostart.path().read_text()


def test_an_entry_that_the_desktop_has_switched_off_is_off() -> None:
    autostart.switch(on=True)
    autostart.path().write_text(autostart.ENTRY + "Hidden=true\n")
    assert not autostart.is_on()


def test_without_a_place_of_its_own_it_is_in_the_home_directory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("HOME", "/home/alice")
    assert autostart.path() == Path("/home/alice/.config/autostart/mobilenode-gui.desktop")


def test_a_place_that_cannot_be_written_is_told(tmp_path: Path) -> None:
    (tmp_path / "config").touch()
    with pytest.raises(OSError, match="config"):
        autostart.switch(on=True)


@pytest.mark.parametrize("what", ["autostart", "menu"])
def test_desktops_find_nothing_wrong_with_the_entries(tmp_path: Path, what: str) -> None:
    if shutil.which("desktop-file-validate") is None:
        pytest.skip("NOT PROVEN: desktop-file-validate (package desktop-file-utils) is missing")
    file = DESKTOP_FILE
    if what == "autostart":
        autostart.switch(on=True)
        file = autostart.path()
    done = subprocess.run(["desktop-file-validate", file], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")
    del tmp_path
