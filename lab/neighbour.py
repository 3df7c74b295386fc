"""Another host on the home link, and packets to many that it and the laptop send and hear."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from ipaddress import IPv4Address
from pathlib import Path

from lab.errors import LabError
from lab.namespaces import ip_batch
from lab.nodes import Node, python
from lab.plug import plug
from lab.site import Site
from lab.topology import HOME, STRANGER, STRANGER_PORT

ADDRESS = IPv4Address("198.51.100.66")


@dataclass(frozen=True, slots=True)
class Heard:
    """One packet that a listener got. `at`: nanoseconds since 1970."""

    at: int
    sender: str
    number: int


def settle(site: Site) -> Node:
    """Plug the stranger into the home network, with an address of its own there."""
    ip_batch([f"address add {ADDRESS}/{HOME.prefix.prefixlen} dev {STRANGER_PORT.interface}"], site.namespace(STRANGER))
    plug(site, "home", STRANGER)
    return Node(site, STRANGER)


def send(node: Node, address: IPv4Address, port: int, via: IPv4Address) -> subprocess.Popen[bytes]:
    """Start sending to all or to a group, from the address `via`."""
    return node.start(f"send-{address}", python("lab.services.many", "send", str(address), str(port), str(via)))


class Listener:
    """A program that hears packets to many; with a group it joins it by the interface of the address `via`."""

    def __init__(self, node: Node, port: int, group: IPv4Address | None = None, via: IPv4Address | None = None) -> None:
        self._file = node.site.scratch / f"heard-{node.name}-{port}"
        words: list[str | Path] = [str(port), self._file]
        if group and via:
            words += [str(group), str(via)]
        self._process = node.start(f"listen-{port}", python("lab.services.many", "listen", *words))

    def heard(self, start: int = 0) -> list[Heard]:
        """What it has got since a time."""
        lines = self._file.read_text().splitlines(keepends=True) if self._file.exists() else []
        found = [line.split() for line in lines if line.endswith("\n")]
        return [Heard(int(at), sender, int(number)) for at, sender, number in found if int(at) >= start]

    def stop(self) -> None:
        """End it; the system then leaves the group."""
        self._process.terminate()
        try:
            self._process.wait(5)
        except subprocess.TimeoutExpired as error:
            raise LabError("a listener does not end") from error
