"""Two network namespaces with a cable between them, for tests against the real kernel."""

from __future__ import annotations

import json
import multiprocessing
import os
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address
from multiprocessing.connection import Connection
from typing import Any

from pyroute2 import netns

LINK = "lx0"
SPAWN = multiprocessing.get_context("spawn")


@dataclass(frozen=True, slots=True)
class Namespace:
    """One end of the cable."""

    name: str
    address: IPv4Address
    interface: int

    def ip(self, *arguments: str) -> str:
        """Run `ip` in it."""
        return run("ip", "-n", self.name, *arguments)

    def run(self, *command: str) -> str:
        """Run a program in it; raises CalledProcessError if it fails."""
        return run("ip", "netns", "exec", self.name, *command)

    @property
    def link_layer_address(self) -> bytes:
        """Of its end of the cable."""
        [link] = json.loads(self.ip("-j", "link", "show", "dev", LINK))
        return bytes.fromhex(link["address"].replace(":", ""))

    def neighbours(self) -> list[Any]:
        """Its permanent neighbour entries: the others come and go by themselves."""
        found: list[Any] = json.loads(self.ip("-j", "-4", "neigh", "show", "nud", "permanent"))
        return found

    def snapshot(self) -> dict[str, Any]:
        """All that a daemon could change."""
        settings = ("arp_ignore", "arp_announce", "rp_filter", "forwarding", "proxy_arp")
        return {
            "rules": json.loads(self.ip("-j", "-4", "rule")),
            "routes": json.loads(self.ip("-j", "-4", "route", "show", "table", "all")),
            "addresses": [
                (link["ifname"], link["flags"], link["mtu"], link.get("ifalias"), link["addr_info"])
                for link in json.loads(self.ip("-j", "-4", "addr"))
            ],
            "links": [link["ifname"] for link in json.loads(self.ip("-j", "link"))],
            "neighbours": self.neighbours(),
            "settings": self.run("sysctl", *(f"net.ipv4.conf.{LINK}.{name}" for name in settings)),
        }

    def snapshot6(self) -> dict[str, Any]:
        """All that a daemon could change of IPv6; that which comes and goes by itself is left out."""
        settings = ("optimistic_dad", "use_optimistic", "forwarding", "accept_ra")
        routes = json.loads(self.ip("-j", "-6", "route", "show", "table", "all"))
        return {
            "rules": sorted(json.loads(self.ip("-j", "-6", "rule")), key=json.dumps),
            "routes": sorted(([route.get(name) for name in _OF_A_ROUTE] for route in routes), key=json.dumps),
            "addresses": [
                (link["ifname"], [(each["local"], each["prefixlen"]) for each in link["addr_info"]])
                for link in json.loads(self.ip("-j", "-6", "addr"))
            ],
            "neighbours": json.loads(self.ip("-j", "-6", "neigh", "show", "nud", "permanent")),
            "settings": self.run("sysctl", *(f"net.ipv6.conf.{LINK}.{name}" for name in settings)),
            "groups": sorted(
                line.split()[2] for line in self.run("cat", "/proc/net/igmp6").splitlines() if LINK in line
            ),
            "anycast": sorted(line.split()[2] for line in self.run("cat", "/proc/net/anycast6").splitlines()),
        }

    def _table(self, name: str) -> list[tuple[str, str]]:
        """Links and addresses in /proc/net/igmp6 or anycast6."""
        lines = (line.split() for line in self.run("cat", f"/proc/net/{name}").splitlines())
        return [(line[1], line[2]) for line in lines]


_OF_A_ROUTE = ("type", "dst", "gateway", "dev", "table", "protocol", "prefsrc", "metrics")


@contextmanager
def cable(name: str = "mnt") -> Iterator[tuple[Namespace, Namespace]]:
    """Two namespaces, 10.7.0.1 and 10.7.0.2, gone afterwards; `name` tells cables apart that are there at once."""
    here = Namespace(f"{name}-{os.getpid()}-a", IPv4Address("10.7.0.1"), 11)
    there = Namespace(f"{name}-{os.getpid()}-b", IPv4Address("10.7.0.2"), 12)
    try:
        for namespace in (here, there):
            run("ip", "netns", "add", namespace.name)
        # Different indices: the kernel tells late of a link whose peer has the same one.
        ends = [("name", LINK, "netns", each.name, "index", str(each.interface)) for each in (here, there)]
        run("ip", "link", "add", *ends[0], "type", "veth", "peer", *ends[1])
        for namespace in (here, there):
            namespace.ip("link", "set", "lo", "up")
            namespace.ip("addr", "add", f"{namespace.address}/24", "dev", LINK)
            namespace.ip("link", "set", LINK, "up")
            namespace.run("ethtool", "-K", LINK, "tx", "off", "tso", "off", "gso", "off")
        yield here, there
    finally:
        for namespace in (here, there):
            subprocess.run(("ip", "netns", "del", namespace.name), check=False, capture_output=True)


def run(*command: str) -> str:
    """Run a program and return what it wrote; raises CalledProcessError if it fails."""
    return subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout


def inside(namespace: Namespace, function: Callable[..., Any], *arguments: object) -> Any:
    """What a module's function returns when it runs in a process of its own in that namespace."""
    ours, theirs = SPAWN.Pipe()
    process = SPAWN.Process(target=_inside, args=(theirs, namespace.name, function, arguments))
    process.start()
    theirs.close()
    try:
        return ours.recv()
    finally:
        process.join(20)
        process.kill()
        process.close()


def _inside(pipe: Connection, name: str, function: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    netns.setns(name)
    pipe.send(function(*arguments))
