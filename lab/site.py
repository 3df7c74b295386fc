"""One lab: its name, its directories, and what it has made, written down so that anyone can remove it."""

from __future__ import annotations

import json
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lab.errors import LabError
from lab.identity import ProcessIdentity

RUNTIME = Path("/run/mobilenode-lab")
LONGEST_NAME = 20


class Manifest(msgspec.Struct, kw_only=True):
    """What a lab makes in the kernel and on disk, written before it is made."""

    name: str
    namespaces: list[str]
    scratch: str
    owner: ProcessIdentity | None = None  # the process that will remove it; None: it stays until `down`
    relays: list[str] = []


@dataclass(frozen=True, slots=True)
class Site:
    """A lab's name and where its things are."""

    name: str

    @property
    def directory(self) -> Path:
        """Sockets, state, logs and the manifest."""
        return RUNTIME / self.name

    @property
    def scratch(self) -> Path:
        """Captures and downloads: large, so not in memory."""
        return Path(tempfile.gettempdir()) / f"mobilenode-lab-{self.name}"

    def namespace(self, node: str) -> str:
        """A node's namespace as `ip netns` names it."""
        return f"{self.name}-{node}"

    def write(self, manifest: Manifest) -> None:
        """Write down what will be made."""
        self.directory.mkdir(parents=True, exist_ok=True)
        new = self.directory / "manifest.new"
        new.write_bytes(msgspec.json.encode(manifest))
        new.replace(self.directory / "manifest.json")

    def read(self) -> Manifest | None:
        """What was made, or None if there is no such lab."""
        path = self.directory / "manifest.json"
        return msgspec.json.decode(path.read_bytes(), type=Manifest) if path.exists() else None

    def record(self, process: ProcessIdentity, what: str) -> None:
        """Write down a process that was started."""
        line = json.dumps({"pid": process.pid, "started": process.started, "what": what})
        with (self.directory / "processes.jsonl").open("a") as file:
            file.write(line + "\n")

    def recorded(self) -> list[ProcessIdentity]:
        """All processes that were written down."""
        path = self.directory / "processes.jsonl"
        lines = path.read_text().splitlines() if path.exists() else []
        # A lab that was killed while it wrote leaves half a last line.
        whole = [json.loads(line) for line in lines if line.endswith("}")]
        return [ProcessIdentity(pid=entry["pid"], started=entry["started"]) for entry in whole]


def named(name: str) -> Site:
    """The lab of this name, which must be fit for namespaces and paths."""
    if not re.fullmatch(rf"[a-z][a-z0-9-]{{0,{LONGEST_NAME - 1}}}", name):
        raise LabError(f"'{name}' is no name for a lab: small letters, digits and hyphens, at most {LONGEST_NAME}")
    return Site(name)


def all_sites() -> list[Site]:
    """Every lab that is there now."""
    return [Site(path.parent.name) for path in sorted(RUNTIME.glob("*/manifest.json"))]
