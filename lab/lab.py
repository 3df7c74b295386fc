"""A whole lab: making it, and removing all that it made, whoever was killed meanwhile."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence

import msgspec

from lab import captures, nat
from lab.build import build, far_end, near_end
from lab.build6 import build6
from lab.errors import LabError
from lab.identity import identify, inside, stop
from lab.impairment import Impairment
from lab.namespaces import DIRECTORY, remove
from lab.nodes import Node, python, reap
from lab.plug import plug
from lab.services import dhcp_server, laptop_network, router_advertisements
from lab.site import Manifest, Site
from lab.topology import LAPTOP, NETWORKS, NODES, SECOND_CABLE, TRUNKS, WIRE
from lab.topology6 import ALL_NODES, NETWORKS6


def up(
    site: Site,
    *,
    ours: bool,
    impairment: Impairment | None = None,
    on: Sequence[str] = (),
    ipv6: bool = False,
) -> None:
    """Make the namespaces, links, DHCP and relays. `ours`: it goes when this process does. `ipv6`: beside IPv4."""
    nodes = ALL_NODES if ipv6 else NODES
    make_room(site)
    relays = [trunk.network for trunk in TRUNKS if impairment and impairment.any and trunk.network in on]
    owner = identify(os.getpid()) if ours else None
    namespaces = [site.namespace(node) for node in nodes]
    site.write(Manifest(name=site.name, namespaces=namespaces, scratch=str(site.scratch), owner=owner, relays=relays))
    shutil.rmtree(site.scratch, ignore_errors=True)
    site.scratch.mkdir(mode=0o700)
    build(site, relays)
    if ipv6:
        build6(site)
    for node in nodes:
        Node(site, node).prepare()
    if impairment:
        _start_relays(site, impairment, relays)
    for network in NETWORKS.values():
        if network.hidden:
            nat.set_up(site, network)
        dhcp_server.start(Node(site, network.router.node), network)
    if ipv6:
        for network6 in NETWORKS6.values():
            router_advertisements.start(site, network6)
    laptop_network.start_watcher(Node(site, LAPTOP))


def is_ours(site: Site) -> bool:
    """Is there such a lab, and did this process make it?"""
    manifest = site.read()
    return manifest is not None and manifest.owner == identify(os.getpid())


def make_room(site: Site) -> None:
    """A lab of the same name that nobody owns any more is removed; a living one is not."""
    old = site.read()
    if old and (old.owner is None or old.owner.alive):
        raise LabError(f"the lab '{site.name}' is up already: take it down, or give another --name")
    if old:
        down(site)


def _start_relays(site: Site, impairment: Impairment, networks: Sequence[str]) -> None:
    settings = json.dumps(msgspec.to_builtins(impairment))
    for network in networks:
        arguments = python("lab.services.relay", network, near_end(network), far_end(network), settings)
        Node(site, WIRE).start(f"relay-{network}", arguments)


def start_laptop_network(site: Site, network: str) -> None:
    """Start the laptop's DHCP client, and plug its cable into `network`."""
    laptop_network.start_dhcp(Node(site, LAPTOP))
    plug(site, network)


def start_second_card(site: Site) -> None:
    """Start the DHCP client of the laptop's second network card, if none runs yet."""
    laptop = Node(site, LAPTOP)
    if not laptop_network.has_dhcp(laptop, SECOND_CABLE):
        laptop_network.start_dhcp(laptop, SECOND_CABLE)


def down(site: Site) -> bool:
    """Remove the lab: processes, namespaces with their links, files. Was there one?"""
    manifest = site.read()
    if manifest is None:
        return False
    paths = [DIRECTORY / name for name in manifest.namespaces]
    # First those that were written down, then whoever else is in there: started just before a kill -9, say.
    stop([*site.recorded(), *inside(paths)])
    stop(inside(paths), patience=0.5)
    reap()
    remove(manifest.namespaces)
    shutil.rmtree(manifest.scratch, ignore_errors=True)
    shutil.rmtree(site.directory, ignore_errors=True)
    _remove_empty(site)
    return True


def _remove_empty(site: Site) -> None:
    parent = site.directory.parent
    if parent.exists() and not any(parent.iterdir()):
        parent.rmdir()


def start_captures(site: Site, ipv6: bool = False) -> None:
    """Begin to capture on all links."""
    captures.start(site, site.scratch / "captures", ipv6)
