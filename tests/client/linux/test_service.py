"""What both daemons do alike when they start."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from client.linux.dataplane.choice import VARIABLE

pytestmark = pytest.mark.lab


@pytest.mark.parametrize("module", ["client.daemon", "agents.daemon"])
def test_misspelt_data_plane_is_an_error_at_start(tmp_path: Path, module: str) -> None:
    options = [f"--{name}={tmp_path / name}" for name in ("state", "runtime")]
    done = subprocess.run(
        (sys.executable, "-m", module, *options),
        env={**os.environ, VARIABLE: "quick"},
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.endswith(": MOBILENODE_DATAPLANE is 'quick', which is none of: auto, ebpf, tun\n")
    assert done.stderr.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
