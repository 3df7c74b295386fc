"""Without root the lab says what it needs, or runs in a user namespace."""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from lab.nodes import PROJECT

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]
PREPARE = """
mount --bind "$1" project && mount --bind "$2" packages && mount --bind tun /dev/net/tun && shift 2 && exec "$@"
"""


@pytest.fixture
def place() -> Iterator[Path]:
    """A directory that everyone can read, with mount points in it."""
    with tempfile.TemporaryDirectory() as name:
        path = Path(name)
        path.chmod(0o755)
        (path / "project").mkdir()
        (path / "packages").mkdir()
        yield path


def as_nobody(words: list[str], tun_mode: str, place: Path) -> subprocess.CompletedProcess[str]:
    """Run the lab as a user, on a machine whose /dev/net/tun has this mode (0666 is what udev makes of it)."""
    subprocess.run(["mknod", "-m", tun_mode, place / "tun", "c", "10", "200"], check=True)
    packages = Path(click.__file__).parent.parent
    command = ["unshare", "--mount", "sh", "-c", PREPARE, "sh", str(PROJECT), str(packages), *NOBODY]
    command += ["env", "-i", f"PYTHONPATH={place}/project:{place}/packages", "PYTHONDONTWRITEBYTECODE=1"]
    command += ["/usr/bin/python3", "-m", "lab.cli", *words]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=place, check=False)


def users_may_make_namespaces() -> bool:
    """Does the kernel let them here? In a chroot it never does."""
    return subprocess.run([*NOBODY, "unshare", "--user", "true"], capture_output=True, check=False).returncode == 0


def test_a_user_who_may_not_open_the_tunnel_device_is_told_so(place: Path) -> None:
    done = as_nobody(["run", "roam"], "0600", place)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "/dev/net/tun" in line


def test_standing_labs_need_root(place: Path) -> None:
    done = as_nobody(["up"], "0666", place)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "needs root" in line


def test_a_directory_for_captures_that_cannot_be_made_is_told_at_once(place: Path) -> None:
    done = as_nobody(["run", "roam", "--pcap", str(place / "forbidden")], "0666", place)
    assert done.returncode == 1
    assert done.stderr == f"mobilenode-lab: {place}/forbidden cannot be made: Permission denied\n"
    assert not done.stdout


@pytest.mark.slow
def test_a_user_may_roam_in_a_user_namespace(place: Path) -> None:
    done = as_nobody(["run", "roam", "--json"], "0666", place)
    if not users_may_make_namespaces():
        assert done.returncode == 1
        [line] = done.stderr.strip().splitlines()
        assert "a kernel that lets users make namespaces" in line
        return
    assert done.stdout, done.stderr[-1500:]
    result = json.loads(done.stdout.splitlines()[-1])
    assert result["problems"] == []
    assert done.returncode == 0
    assert "user namespace, on TUN" in done.stderr
