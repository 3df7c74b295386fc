"""Without root the lab says what it needs, or runs in a user namespace."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from lab.nodes import environment

pytestmark = [pytest.mark.lab, pytest.mark.usefixtures("unchanged_kernel")]
NOBODY = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"]


def as_nobody(words: list[str], tun_mode: str, tmp_path: Path) -> subprocess.CompletedProcess[str]:
    """Run the lab as a user, on a machine whose /dev/net/tun has this mode (0666 is what udev makes of it)."""
    device = tmp_path / "tun"
    prepare = f"mknod -m {tun_mode} {device} c 10 200 && mount --bind {device} /dev/net/tun"
    script = f'{prepare} && cd / && exec "$@"'
    command = ["unshare", "--mount", "sh", "-c", script, "sh", *NOBODY, sys.executable, "-m", "lab.cli", *words]
    variables = environment({"HOME": "/"})
    return subprocess.run(command, capture_output=True, text=True, timeout=120, env=variables, check=False)


def test_a_user_who_may_not_open_the_tunnel_device_is_told_so(tmp_path: Path) -> None:
    done = as_nobody(["run", "roam"], "0600", tmp_path)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "/dev/net/tun" in line


def test_standing_labs_need_root(tmp_path: Path) -> None:
    done = as_nobody(["up"], "0666", tmp_path)
    assert done.returncode == 1
    [line] = done.stderr.strip().splitlines()
    assert "needs root" in line
