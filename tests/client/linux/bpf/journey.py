"""A mobile node, its home agent and a correspondent in three namespaces, with tunnels of BPF alone.

    mobile 10.7.0.1 ---- 10.7.0.2 agent 10.8.0.2 ---- 10.8.0.9 correspondent
           fd00:7::1    fd00:7::2      fd00:8::2      fd00:8::9

The home addresses are 10.99.0.5 and fd00:99::5, on the mobile node's anchor.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from client.core.overhead import overhead
from client.core.plan import Address, Encapsulation, End
from client.linux.bpf import layout
from tests.client.linux.bpf.station import ANCHOR, MARK, Entries, Station
from tests.client.linux.namespaces import Namespace, run

HOME, HOME6 = IPv4Address("10.99.0.5"), IPv6Address("fd00:99::5")
MOBILE, AGENT = IPv4Address("10.7.0.1"), IPv4Address("10.7.0.2")
MOBILE6, AGENT6 = IPv6Address("fd00:7::1"), IPv6Address("fd00:7::2")
PEER, PEER6 = IPv4Address("10.8.0.9"), IPv6Address("fd00:8::9")
LINK, HOME_LINK = "lx0", "lx1"
PORTS = (434, 434)
TABLE = "77"


@dataclass(frozen=True, slots=True)
class Journey:
    """The three hosts, and what stands on two of them."""

    mobile: Namespace
    agent: Namespace
    correspondent: Namespace

    def stations(
        self, encapsulation: Encapsulation, *, segmenter: bool = False, by_table: bool = False
    ) -> tuple[Station, Station]:
        """Tunnels of this kind at both ends; `by_table`: the agent asks its routing table for the way."""
        here = station(self.mobile, entries4(End.MOBILE, MOBILE, AGENT, encapsulation, 11), segmenter=segmenter)
        way = 0 if by_table else 12
        there = station(self.agent, entries4(End.HOME, AGENT, MOBILE, encapsulation, way), segmenter=segmenter)
        self.routes()
        return here, there

    def routes(self) -> None:
        """What programs send goes into the anchors, what BPF sends by the main table."""
        lead(self.mobile, (PEER, HOME), (PEER6, HOME6))
        lead(self.agent, (HOME, None), (HOME6, None))

    def offloads(self, state: str) -> None:
        """Whether links take merged packets and unfinished checksums."""
        for each in (self.mobile, self.agent, self.correspondent):
            for link in (LINK, HOME_LINK):
                if link in each.ip("-br", "link"):
                    each.run("ethtool", "-K", link, "tso", state, "gso", state, "tx", state, "gro", state)


def lead(namespace: Namespace, *ways: tuple[Address, Address | None]) -> None:
    """Send packets to these destinations into the anchor, from these home addresses that it holds."""
    for destination, home in ways:
        version, size = f"-{destination.version}", destination.max_prefixlen
        if home is not None:
            namespace.ip("addr", "replace", f"{home}/{size}", "dev", ANCHOR, *_without_detection(str(home)))
        source = () if home is None else ("src", str(home))
        namespace.ip(version, "route", "replace", f"{destination}/{size}", "dev", ANCHOR, *source, "table", TABLE)
        if TABLE not in namespace.ip(version, "rule"):
            namespace.ip(version, "rule", "add", "pref", "10", "fwmark", hex(MARK), "lookup", "main")
            namespace.ip(version, "rule", "add", "pref", "20", "lookup", TABLE)


def station(namespace: Namespace, entries: Entries, *, segmenter: bool = False) -> Station:
    """BPF on an anchor and on all links."""
    links = tuple(link for link in (LINK, HOME_LINK) if f"{link}@" in namespace.ip("-br", "link"))
    return Station(namespace, links, entries, segmenter=segmenter)


def entries4(
    end: End,
    local: IPv4Address,
    remote: IPv4Address,
    kind: Encapsulation,
    interface: int,
    copy: int = 0,
    copies: int = 0,
    home: IPv4Address = HOME,
) -> Entries:
    """What a tunnel needs in the maps."""
    mtu = 1500 - overhead(kind)
    way = layout.entrance4(local, remote, mtu=mtu, encapsulation=kind, interface=interface, copies=copies, ports=PORTS)
    yield "entrances4", layout.entrance4_key(home, end, copy), way
    port = PORTS[1] if kind is Encapsulation.UDP else 0
    for as_arrived in {kind, Encapsulation.IPIP}:
        key = layout.exit4_key(remote, local, home, end, as_arrived, port if as_arrived is kind else 0)
        yield "exits4", key, layout.exit_value(mtu)


def entries6(end: End, local: IPv6Address, remote: IPv6Address, kind: Encapsulation, interface: int) -> Entries:
    """The same for IPv6; the correspondent of Encapsulation.DIRECT is the other end."""
    peer = IPv6Address("::")
    if kind is Encapsulation.DIRECT:
        peer = remote if end is End.MOBILE else local
    mtu = 1500 - overhead(kind, ipv6=True)
    way = layout.entrance6(local, remote, mtu=mtu, encapsulation=kind, interface=interface)
    yield "entrances6", layout.entrance6_key(HOME6, end, peer), way
    yield "exits6", layout.exit6_key(remote, local, HOME6, end, kind), layout.exit_value(mtu)


@contextmanager
def journey() -> Iterator[Journey]:
    """The three namespaces, gone afterwards."""
    names = [f"mnj-{os.getpid()}-{letter}" for letter in "abc"]
    mobile, agent, correspondent = (
        Namespace(name, address, index)
        for name, address, index in zip(names, (MOBILE, AGENT, PEER), (11, 12, 13), strict=True)
    )
    try:
        for name in names:
            run("ip", "netns", "add", name)
        _cable(mobile, LINK, 11, ("10.7.0.1/24", "fd00:7::1/64"), agent, LINK, 12, ("10.7.0.2/24", "fd00:7::2/64"))
        ours, theirs = ("10.8.0.2/24", "fd00:8::2/64"), ("10.8.0.9/24", "fd00:8::9/64")
        _cable(agent, HOME_LINK, 14, ours, correspondent, HOME_LINK, 13, theirs)
        agent.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        correspondent.ip("route", "add", "default", "via", "10.8.0.2")
        correspondent.ip("-6", "route", "add", "default", "via", "fd00:8::2")
        mobile.ip("route", "add", "default", "via", "10.7.0.2")
        mobile.ip("-6", "route", "add", "default", "via", "fd00:7::2")
        yield Journey(mobile, agent, correspondent)
    finally:
        for name in names:
            subprocess.run(("ip", "netns", "del", name), check=False, capture_output=True)


def _cable(
    one: Namespace, link: str, index: int, addresses: tuple[str, ...],
    other: Namespace, other_link: str, other_index: int, other_addresses: tuple[str, ...],
) -> None:  # fmt: skip
    near = ("name", link, "netns", one.name, "index", str(index))
    far = ("name", other_link, "netns", other.name, "index", str(other_index))
    run("ip", "link", "add", *near, "type", "veth", "peer", *far)
    for namespace, name, given in ((one, link, addresses), (other, other_link, other_addresses)):
        for address in given:
            namespace.ip("addr", "add", address, "dev", name, *_without_detection(address))
        namespace.ip("link", "set", "lo", "up")
        namespace.ip("link", "set", name, "up")


def _without_detection(address: str) -> tuple[str, ...]:
    return ("nodad",) if ":" in address else ()
