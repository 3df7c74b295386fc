"""Two access networks, a router, a server and a correspondent; the laptop has two network cards."""

from __future__ import annotations

import json
import os
import shutil
from functools import partial
from ipaddress import IPv4Interface
from pathlib import Path

import msgspec

from lab.identity import identify
from lab.impairment import Impairment
from lab.lab import make_room
from lab.namespaces import create, ip_batch, work_inside
from lab.nodes import Node, python
from lab.offload import turn_off
from lab.site import Manifest, Site
from lab.topology import HOME, HOME_AGENT

LAPTOP, ROUTER, SERVER, CORRESPONDENT, WIRE = "mn", "router", "ha", "cn", "wire"
NODES = (LAPTOP, ROUTER, SERVER, CORRESPONDENT, WIRE)
CARDS = ("eth0", "eth1")
SERVER_ADDRESS = "203.0.113.2"
CORRESPONDENT_ADDRESS = "203.0.113.130"
CORRESPONDENT_PREFIX = "203.0.113.128/25"
_SYSCTLS = {
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "2",
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
}


class Access(msgspec.Struct, frozen=True):
    """An access network: its bridge, the router's port, the laptop's address there."""

    bridge: str
    router: str
    address: IPv4Interface
    gateway: str


ACCESSES = (
    Access("neta", "a0", IPv4Interface("192.0.2.70/26"), "192.0.2.65"),
    Access("netb", "b0", IPv4Interface("192.0.2.134/26"), "192.0.2.129"),
)


def build(site: Site, delay: float) -> None:
    """Make it; `delay` is added each way between router and server, in seconds."""
    make_room(site)
    namespaces = [site.namespace(node) for node in NODES]
    site.write(Manifest(name=site.name, namespaces=namespaces, scratch=str(site.scratch), owner=identify(os.getpid())))
    shutil.rmtree(site.scratch, ignore_errors=True)
    site.scratch.mkdir(mode=0o700)
    create(namespaces)
    for node in NODES:
        Node(site, node).prepare()
        work_inside(site.namespace(node), partial(_set_sysctls, node))
    ip_batch(_wiring(site), site.namespace(WIRE))
    for node in NODES:
        ip_batch(["link set lo up", *_addressing(node)], site.namespace(node))
        work_inside(site.namespace(node), _turn_all_off)
    if delay:
        settings = json.dumps(msgspec.to_builtins(Impairment(delay=delay)))
        Node(site, WIRE).start("relay", python("lab.services.relay", "trunk", "near", "far", settings))
    else:
        _bridge_the_trunk(site)


def _set_sysctls(node: str) -> None:
    forwarding = {"ipv4/ip_forward": "1"} if node in (ROUTER, SERVER) else {}
    for name, value in (_SYSCTLS | forwarding).items():
        path = Path("/proc/sys/net") / name
        if path.exists():
            path.write_text(value)


def _turn_all_off() -> None:
    for line in Path("/proc/thread-self/net/dev").read_text().splitlines()[2:]:
        interface = line.split(":")[0].strip()
        if interface != "lo":
            turn_off(interface)


def _wiring(site: Site) -> list[str]:
    commands = ["link set lo up", "link add home type bridge", "link set home up"]
    commands += _cable(site, "home0", SERVER, "home0", "home")
    for access in ACCESSES:
        commands += [
            f"link add {access.bridge} type bridge forward_delay 0 stp_state 0 mcast_snooping 0",
            f"link set {access.bridge} up",
            *_cable(site, f"{access.bridge}-r", ROUTER, access.router, access.bridge),
        ]
    for card in CARDS:
        commands += _cable(site, card, LAPTOP, card)
    commands += _cable(site, "near", ROUTER, "up0") + _cable(site, "far", SERVER, "up0")
    lan = f"link add lan0 netns {site.namespace(SERVER)} type veth peer name eth0 netns {site.namespace(CORRESPONDENT)}"
    return [*commands, "link set near up", "link set far up", lan]


def _bridge_the_trunk(site: Site) -> None:
    """Without a delay no program of ours is in the way."""
    made = "link add trunk type bridge forward_delay 0 stp_state 0 mcast_snooping 0"
    ip_batch(
        [made, "link set trunk up", "link set near master trunk", "link set far master trunk"], site.namespace(WIRE)
    )


def _cable(site: Site, end: str, node: str, interface: str, bridge: str | None = None) -> list[str]:
    made = f"link add {end} type veth peer name {interface} netns {site.namespace(node)}"
    return [made] + ([f"link set {end} master {bridge}", f"link set {end} up"] if bridge else [])


def _addressing(node: str) -> list[str]:
    match node:
        case "router":
            own = [("a0", "192.0.2.65/26"), ("b0", "192.0.2.129/26"), ("up0", "203.0.113.1/30")]
            routes = [f"{HOME.prefix} via {SERVER_ADDRESS}", f"{CORRESPONDENT_PREFIX} via {SERVER_ADDRESS}"]
        case "ha":
            own = [("home0", f"{HOME_AGENT}/24"), ("up0", f"{SERVER_ADDRESS}/30"), ("lan0", "203.0.113.129/25")]
            routes = ["default via 203.0.113.1"]
        case "cn":
            own, routes = [("eth0", f"{CORRESPONDENT_ADDRESS}/25")], ["default via 203.0.113.129"]
        case _:
            own, routes = [], []
    commands = [f"address add {address} dev {interface}" for interface, address in own]
    commands += [f"link set {interface} up" for interface, _ in own]
    if node == LAPTOP:
        commands += [f"link set {card} up" for card in CARDS]
    return commands + [f"route add {route}" for route in routes]
