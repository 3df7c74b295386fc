"""The IPv6 lab's agents: home agents on the home link, and correspondents that are able to have direct paths."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from ipaddress import IPv6Address
from pathlib import Path

from lab.daemons import HOME_AGENT_SETTINGS, LIFETIME, Agent
from lab.errors import LabError
from lab.nodes import python
from lab.profiles import Value, toml
from lab.site import Site
from lab.topology import NAI
from lab.topology6 import (
    HOME6,
    HOME_ADDRESS6,
    HOME_AGENT6,
    SECOND_AGENT,
    SECOND_AGENT_PORT,
    SECOND_HOME_AGENT6,
    router_port,
)

Settings = Mapping[str, Value]
_DEFAULT: Settings = {
    "max_lifetime": LIFETIME,
    "interval": 30,
    # The risk of RFC 4285 §2, that nothing protects home tests from whoever listens between the two, is known here.
    "accept_unprotected": True,
}


class Agent6(Agent):
    """mobilityagentd with its tables for IPv6."""

    def __init__(self, site: Site, node: str, tables: Mapping[str, Settings], before: str = "") -> None:
        self.tables = {name: dict(table) for name, table in tables.items()}
        self._before = before
        super().__init__(site, node, self._text())

    def _text(self) -> str:
        tables = (f"\n[{name}]\n{_lines(table)}" for name, table in self.tables.items())
        return self._before + "".join(tables)

    def configure(self, table: str, **settings: Value) -> None:
        """Change its configuration; it counts from the next start or reload on."""
        self.tables.setdefault(table, {}).update(settings)
        self._settings = self._text()

    def enrol(self, file: Path, *, ipv4: str, discover: bool, esp: bool) -> None:
        """Make the laptop's entry, and its profile, with the real command line. `ipv4`: its home address, or none."""
        words = ["add-node", NAI, "--home-address", ipv4, "--v6", str(HOME_ADDRESS6)]
        words += ["--discover"] if discover else []
        words += ["--protection", "esp"] if esp else []
        text = self.node.must(python("agents.cli", "--socket", self.socket, *words))
        file.touch(mode=0o600)
        file.write_text(text)

    def share_nodes(self, other: Agent6) -> None:
        """Another home agent of the same home gets the same nodes and keys, before it starts."""
        ours, theirs = self.node.directory / "state" / "nodes.d", other.node.directory / "state" / "nodes.d"
        if not ours.is_dir():
            raise LabError("the home agent has no nodes that it could share")
        theirs.parent.mkdir(mode=0o700, exist_ok=True)
        shutil.copytree(ours, theirs, dirs_exist_ok=True)


def _lines(table: Settings) -> str:
    return "".join(f"{name} = {toml(value)}\n" for name, value in table.items())


def home_agent6(site: Site, settings: Settings, *, ipv4: bool) -> Agent6:
    """The home router's agent: it is also the home link's default router. `ipv4`: for both families."""
    node, interface = router_port(HOME6)
    before = HOME_AGENT_SETTINGS.format(more=f"max_lifetime = {LIFETIME}") if ipv4 else ""
    table = {**_home6(HOME_AGENT6, interface), "router_lifetime": 1800, **settings}
    return Agent6(site, node, {"home6": table}, before)


def second_home_agent(site: Site, settings: Settings) -> Agent6:
    """Another one on the same link, which is no router."""
    tables = {"home6": {**_home6(SECOND_HOME_AGENT6, SECOND_AGENT_PORT.interface), **settings}}
    return Agent6(site, SECOND_AGENT, tables)


def _home6(address: IPv6Address, interface: str) -> dict[str, Value]:
    return {"address": str(address), "prefixes": [str(HOME6.prefix)], "interface": interface, **_DEFAULT}


def correspondent(site: Site, node: str, settings: Settings) -> Agent6:
    """A host that takes part in direct paths, and is no home agent."""
    return Agent6(site, node, {"correspondent": settings})
