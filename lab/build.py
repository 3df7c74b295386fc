"""Makes the lab's namespaces, links and routes from the topology."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path

from lab.namespaces import create, ip_batch, work_inside
from lab.offload import turn_off
from lab.site import Site
from lab.topology import (
    MOVING_PORTS,
    NETWORKS,
    NODES,
    ROUTERS,
    TRUNKS,
    WIRE,
    Port,
    StaticRoute,
    Trunk,
    all_ports,
    static_routes,
)

# rp_filter 2 on each interface is what a Debian with systemd sets. IPv6 would only add noise to the captures of a lab
# that does not ask for it; to one that does, build6 adds it.
_EVERYWHERE = {
    "ipv4/conf/all/rp_filter": "0",
    "ipv4/conf/default/rp_filter": "2",
    "ipv6/conf/all/disable_ipv6": "1",
    "ipv6/conf/default/disable_ipv6": "1",
}
_ON_ROUTERS = {"ipv4/ip_forward": "1"}


def build(site: Site, relays: Sequence[str] = ()) -> None:
    """Make everything but the processes. `relays`: the networks whose trunk goes through a relay."""
    create(site.namespace(node) for node in NODES)
    for node in NODES:
        work_inside(site.namespace(node), partial(_set_sysctls, node))
    ip_batch(_wiring(site, relays), site.namespace(WIRE))
    for node in NODES:
        ip_batch(_addressing(node), site.namespace(node))
        work_inside(site.namespace(node), turn_all_off)


def _set_sysctls(node: str) -> None:
    values = _EVERYWHERE | (_ON_ROUTERS if node in ROUTERS else {})
    for name, value in values.items():
        path = Path("/proc/sys/net") / name
        if path.exists():
            path.write_text(value)


def turn_all_off() -> None:
    """Switch the offloads of all cards off, in the namespace of the calling thread."""
    for path in Path("/proc/thread-self/net/dev").read_text().splitlines()[2:]:
        interface = path.split(":")[0].strip()
        if interface != "lo":
            turn_off(interface)


def _wiring(site: Site, relays: Sequence[str]) -> list[str]:
    commands = ["link set lo up"]
    for network in NETWORKS.values():
        commands.append(f"link add {network.name} type bridge forward_delay 0 stp_state 0 mcast_snooping 0")
        commands += cable(site, f"{network.name}-router", network.router)
        commands += [f"link set {network.name}-router master {network.name}", f"link set {network.name} up"]
        commands.append(f"link set {network.name}-router up")
    for end, port in MOVING_PORTS.items():
        commands += cable(site, end, port)
    for each in TRUNKS:
        commands += trunk(site, each, each.network in relays)
    return commands


def cable(site: Site, end: str, port: Port) -> list[str]:
    """A cable from the wire's end of it to a node's network card."""
    peer = f"peer name {port.interface} address {port.link_layer_address} netns {site.namespace(port.node)}"
    return [f"link add {end} type veth {peer}"]


def trunk(site: Site, between: Trunk, relayed: bool = False) -> list[str]:
    """A cable between the router in the middle and a node, with a relay in it or without."""
    near, far = between.near, between.far
    if relayed:
        ends = (near_end(between.network), far_end(between.network))
        commands = cable(site, ends[0], near) + cable(site, ends[1], far)
        return [*commands, *(f"link set {end} up" for end in ends)]
    command = (
        f"link add {near.interface} address {near.link_layer_address} netns {site.namespace(near.node)} type veth "
        f"peer name {far.interface} address {far.link_layer_address} netns {site.namespace(far.node)}"
    )
    return [command]


def near_end(network: str) -> str:
    """The relay's interface towards the router in the middle."""
    return f"{network}-near"


def far_end(network: str) -> str:
    """The relay's interface towards the network."""
    return f"{network}-far"


def _addressing(node: str) -> list[str]:
    commands = ["link set lo up"]
    for port in all_ports():
        if port.node == node:
            commands.append(f"link set {port.interface} up")
            commands += [f"address add {port.address} dev {port.interface}"] if port.address else []
    return commands + [_route(route) for route in static_routes() if route.node == node]


def _route(route: StaticRoute) -> str:
    return f"route add {route.destination} via {route.gateway}"
