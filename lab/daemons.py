"""The programs that the lab is there to try: the laptop's daemon and the two agents."""

from __future__ import annotations

import signal
import subprocess
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from client.control.client import Client
from client.control.errors import NotRunningError, RpcError, TimedOutError
from lab.errors import LabError
from lab.identity import identify, stop
from lab.nodes import Node, python
from lab.profiles import Value, toml
from lab.site import Site
from lab.topology import HOME, HOME_ADDRESS, HOME_AGENT, LAPTOP, NAI, OFFICE

START_TIME = 10.0
"""Seconds that a daemon may take until it answers."""

HOME_AGENT_SETTINGS = f"""
[[home_agent]]
address = "{HOME_AGENT}"
network = "{HOME.prefix}"
interface = "{HOME.router.interface}"
{{more}}
"""
FOREIGN_AGENT_SETTINGS = f"""
[[foreign_agent]]
interface = "{OFFICE.router.interface}"
care_of_address = "{OFFICE.router.address.ip if OFFICE.router.address else ""}"
"""
LIFETIME = 600
"""Seconds that a registration lasts in the lab, unless a scenario needs it shorter."""


class Daemon:
    """One of our daemons on a node: started, asked, killed."""

    def __init__(self, site: Site, node: str, module: str) -> None:
        self.node = Node(site, node)
        self.name = module.partition(".")[0]
        self._module = module
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def socket(self) -> Path:
        """Where it can be asked."""
        return self.node.directory / "control.sock"

    def directories(self) -> list[str | Path]:
        """The options that give it files of its own: namespaces share the file system."""
        base = self.node.directory
        return ["--state", base / "state", "--runtime", base / "runtime", "--socket", self.socket]

    def launch(self, arguments: Sequence[str | Path], **variables: str) -> None:
        """Start it and wait until it answers."""
        for name in ("state", "runtime", "profiles"):
            (self.node.directory / name).mkdir(mode=0o700, exist_ok=True)
        self._process = self.node.start(self.name, python(self._module, *arguments), **variables)
        end = time.monotonic() + START_TIME
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > end:
                raise LabError(f"the daemon on {self.node.name} does not start: {self.node.log(self.name)}")
            time.sleep(0.05)

    def _answers(self) -> bool:
        try:
            self.call("status")
        except (NotRunningError, TimedOutError):
            return False
        except RpcError:
            return True
        return True

    @property
    def running(self) -> bool:
        """Was it started, and does it run still?"""
        return self._process is not None and self._process.poll() is None

    def call(self, method: str, **parameters: Any) -> Any:
        """Ask it over its socket."""
        with Client(self.socket) as client:
            return client.call(method, **parameters)

    def kill(self) -> None:
        """Kill it as a power cut would: no last word."""
        self._end(signal.SIGKILL)

    def terminate(self) -> None:
        """Ask it to end."""
        self._end(signal.SIGTERM)

    def _end(self, number: signal.Signals) -> None:
        if self._process:
            self._process.send_signal(number)
            try:
                self._process.wait(5)
            except subprocess.TimeoutExpired:
                stop([identity] if (identity := identify(self._process.pid)) else [])
            self._process = None


class Agent(Daemon):
    """mobilityagentd on a router."""

    def __init__(self, site: Site, node: str, settings: str) -> None:
        super().__init__(site, node, "agents.daemon")
        self._settings = settings

    def start(self) -> None:
        """Start it with its settings."""
        self.launch(["--config", self._write(), *self.directories()])

    def reload(self) -> None:
        """Have it read its settings again, with the real command line."""
        self._write()
        self.node.must(python("agents.cli", "--socket", self.socket, "reload"))

    def _write(self) -> Path:
        file = self.node.directory / "mobilityagentd.toml"
        file.write_text(self._settings)
        file.chmod(0o600)
        return file

    def add_node(self, file: Path) -> None:
        """Make the laptop's entry, and its profile, with the real command line."""
        words = ["add-node", NAI, "--home-address", str(HOME_ADDRESS)]
        text = self.node.must(python("agents.cli", "--socket", self.socket, *words))
        file.touch(mode=0o600)
        file.write_text(text)


class Laptop(Daemon):
    """mobilenoded on the laptop."""

    def __init__(self, site: Site) -> None:
        super().__init__(site, LAPTOP, "client.daemon")

    def start(self, clock_offset: float = 0.0) -> None:
        """Start it; `clock_offset`: seconds that its clock is wrong."""
        profiles = self.node.directory / "profiles"
        self.launch(["--profiles", profiles, *self.directories()], MOBILENODE_CLOCK_OFFSET=str(clock_offset))

    def command(self, *words: str | Path) -> subprocess.CompletedProcess[str]:
        """Run the real command line; its exit code is the caller's business."""
        return self.node.run(python("client.cli", "--socket", self.socket, *words))

    def must(self, *words: str | Path) -> str:
        """Run the real command line, which must succeed."""
        return self.node.must(python("client.cli", "--socket", self.socket, *words))

    def status(self) -> dict[str, Any]:
        """The daemon's status, as its JSON."""
        return dict(self.call("status"))


def home_agent(site: Site, settings: Mapping[str, Value] | None = None) -> Agent:
    """The home router's agent; `settings`: more of its table in the configuration."""
    fields: dict[str, Value] = {"max_lifetime": LIFETIME, **(settings or {})}
    lines = [f"{name} = {toml(value)}" for name, value in fields.items()]
    return Agent(site, HOME.router.node, HOME_AGENT_SETTINGS.format(more="\n".join(lines)))


def foreign_agent(site: Site) -> Agent:
    """The office router's agent."""
    return Agent(site, OFFICE.router.node, FOREIGN_AGENT_SETTINGS)
