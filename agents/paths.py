"""Where an agent's files are, unless someone says otherwise."""

from __future__ import annotations

from pathlib import Path

CONFIGURATION = Path("/etc/mobilityagent/mobilityagentd.toml")
STATE = Path("/var/lib/mobilityagent")
RUNTIME = Path("/run/mobilityagent")
SOCKET = RUNTIME / "control.sock"

MEMORY = "memory"
"""The file in the state directory for what must outlive a restart."""
