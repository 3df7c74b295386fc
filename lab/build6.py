"""Adds IPv6 to a lab that is built: the nodes that it alone has, addresses, routes, and how kernels treat both."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from lab.build import cable, trunk, turn_all_off
from lab.namespaces import create, ip_batch, work_inside
from lab.site import Site
from lab.topology import LAPTOP, WIRE
from lab.topology6 import (
    ADDRESSES,
    ALL_NODES,
    HOME6,
    NODES6,
    ROUTERS6,
    SECOND_AGENT_PORT,
    STOCK_TRUNK,
    static_routes6,
)

_CONF = Path("/proc/sys/net/ipv6/conf")
_ON_HOSTS = {"accept_ra": "0", "accept_dad": "0"}
_ON_LAPTOP = {"addr_gen_mode": "0"}
"""What the kernel does by itself, but that link-local addresses follow the card's (Debian's default)."""


def build6(site: Site) -> None:
    """Make all of it but the processes. The wire itself stays without IPv6: bridges have nothing to say."""
    create(site.namespace(node) for node in NODES6)
    ip_batch(_wiring(site), site.namespace(WIRE))
    for node in ALL_NODES:
        if node != WIRE:
            work_inside(site.namespace(node), partial(_switch_on, node))
            ip_batch(_addressing(node), site.namespace(node))
    for node in NODES6:
        work_inside(site.namespace(node), turn_all_off)


def _wiring(site: Site) -> list[str]:
    end = f"{HOME6.name}-second"
    plugged = [f"link set {end} master {HOME6.name}", f"link set {end} up"]
    return [*trunk(site, STOCK_TRUNK), *cable(site, end, SECOND_AGENT_PORT), *plugged]


def _switch_on(node: str) -> None:
    """Routers and servers use their addresses at once; the laptop tests its own, as kernels do."""
    settings = _ON_LAPTOP if node == LAPTOP else _ON_HOSTS
    for interface in sorted(path for path in _CONF.iterdir() if path.is_dir()):
        for name, value in settings.items():
            (interface / name).write_text(value)
    if node in ROUTERS6:
        (_CONF / "all" / "forwarding").write_text("1")
    for name in ("default", "all"):
        (_CONF / name / "disable_ipv6").write_text("0")


def _addressing(node: str) -> list[str]:
    ports = [port for port in (STOCK_TRUNK.near, STOCK_TRUNK.far, SECOND_AGENT_PORT) if port.node == node]
    addresses = [(interface, address) for (owner, interface), address in ADDRESSES.items() if owner == node]
    commands = ["link set lo up", *(f"link set {port.interface} up" for port in ports)]
    commands += [f"address add {address} dev {interface} nodad" for interface, address in addresses]
    routes = [route for route in static_routes6() if route.node == node]
    return commands + [f"route add {route.destination} via {route.gateway}" for route in routes]
