"""The world of the benchmarks: a mobile node, a router, a home agent and a correspondent in a row, by cables.

    mn eth0 ---- left  router  right ---- up0  ha  home0 ---- eth0 cn

Every frame is at most 1,500 bytes and whole (offloads off), and both processors take part in receiving:
without the latter, what the peers' programs do would decide which processor gets the packets.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface
from pathlib import Path

from lab import lab
from lab.identity import identify
from lab.namespaces import create, ip_batch, work_inside
from lab.nodes import Node
from lab.offload import turn_off
from lab.site import Manifest, Site

MOBILE, ROUTER, HOME, CORRESPONDENT = "mn", "router", "ha", "cn"
NODES = (MOBILE, ROUTER, HOME, CORRESPONDENT)
_ALL_PROCESSORS = 3  # a bit each, of the two that the figures are made for
_QUEUES = "for queue in /sys/class/net/*/queues/rx-*/rps_cpus; do echo %x >$queue; done"

CARE_OF_ADDRESS = IPv4Address("192.0.2.2")
OTHER_CARE_OF_ADDRESS = IPv4Address("192.0.2.3")
HOME_AGENT = IPv4Address("192.0.2.66")
HOME_NETWORK = IPv4Network("198.51.100.0/24")
HOME_ADDRESS = IPv4Address("198.51.100.23")
PEER = IPv4Address("203.0.113.80")
CARE_OF_ADDRESS6 = IPv6Address("2001:db8:1::2")
HOME_AGENT6 = IPv6Address("2001:db8:2::2")
HOME_ADDRESS6 = IPv6Address("2001:db8:3::23")
PEER6 = IPv6Address("2001:db8:4::80")


@dataclass(frozen=True, slots=True)
class Card:
    """One end of a cable."""

    node: str
    interface: str
    addresses: tuple[IPv4Interface | IPv6Interface, ...]


def card(node: str, interface: str, *addresses: str) -> Card:
    """One with these addresses."""
    return Card(node, interface, tuple(IPv6Interface(a) if ":" in a else IPv4Interface(a) for a in addresses))


CABLES = (
    (
        card(MOBILE, "eth0", "192.0.2.2/26", "192.0.2.3/26", "2001:db8:1::2/64"),
        card(ROUTER, "left", "192.0.2.1/26", "2001:db8:1::1/64"),
    ),
    (
        card(ROUTER, "right", "192.0.2.65/26", "2001:db8:2::1/64"),
        card(HOME, "up0", "192.0.2.66/26", "2001:db8:2::2/64"),
    ),
    (
        card(HOME, "home0", "203.0.113.1/24", "2001:db8:4::1/64"),
        card(CORRESPONDENT, "eth0", "203.0.113.80/24", "2001:db8:4::80/64"),
    ),
)
ROUTES = (
    (MOBILE, "default", "192.0.2.1"),
    (MOBILE, "default", "2001:db8:1::1"),
    (ROUTER, "default", "192.0.2.66"),
    (ROUTER, "default", "2001:db8:2::2"),
    (HOME, "192.0.2.0/26", "192.0.2.65"),
    (HOME, "2001:db8:1::/64", "2001:db8:2::1"),
    (CORRESPONDENT, "default", "203.0.113.1"),
    (CORRESPONDENT, "default", "2001:db8:4::1"),
)
_EVERYWHERE = {
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "2",
    "ipv6/conf/all/accept_dad": "0",
    "ipv6/conf/default/accept_dad": "0",
    "ipv6/conf/default/router_solicitations": "0",
}
_ON_ROUTERS = {"ipv4/ip_forward": "1", "ipv6/conf/all/forwarding": "1"}


def build(site: Site, nodes: Sequence[str] = NODES) -> None:
    """Make the namespaces, cables and addresses; `lab.lab.down` removes them, and whoever finds this process dead."""
    lab.make_room(site)
    names = [site.namespace(node) for node in nodes]
    owner = identify(os.getpid())
    site.write(Manifest(name=site.name, namespaces=names, scratch=str(site.scratch), owner=owner))
    shutil.rmtree(site.scratch, ignore_errors=True)
    site.scratch.mkdir(mode=0o700)
    create(names)
    for node in nodes:
        Node(site, node).prepare()
        values = _EVERYWHERE | (_ON_ROUTERS if node not in (MOBILE, CORRESPONDENT) else {})
        work_inside(site.namespace(node), partial(_set_sysctls, values))
    for one, other in CABLES:
        connect(site, one, other)
    for node, destination, gateway in ROUTES:
        route(site, node, destination, gateway)


def connect(site: Site, one: Card, other: Card) -> None:
    """Lay a cable."""
    ends = [f"name {card.interface} netns {site.namespace(card.node)}" for card in (one, other)]
    ip_batch([f"link add {ends[0]} type veth peer {ends[1]}"])
    for card in (one, other):
        commands = [f"address add {a} dev {card.interface}" for a in card.addresses]
        ip_batch(["link set lo up", f"link set {card.interface} up", *commands], site.namespace(card.node))
        work_inside(site.namespace(card.node), partial(turn_off, card.interface))
        Node(site, card.node).must(["sh", "-c", _QUEUES % _ALL_PROCESSORS])


def route(site: Site, node: str, destination: str, gateway: str) -> None:
    """Add a route."""
    family = "-6" if ":" in gateway else "-4"
    Node(site, node).must(["ip", family, "route", "add", destination, "via", gateway])


def _set_sysctls(values: dict[str, str]) -> None:
    for name, value in values.items():
        path = Path("/proc/sys/net") / name
        if path.exists():
            path.write_text(value)
