"""A network address translator, as hotels and home routers have one: nftables masquerades behind one address."""

from __future__ import annotations

import os
import socket
import struct

from lab.errors import LabError
from lab.namespaces import ip_batch, work_inside
from lab.nodes import Node
from lab.site import Site
from lab.topology import OTHER_HOTEL_ADDRESS, Network, trunk_of

_RULES = """
table ip lab_nat {{
    chain behind_one_address {{
        type nat hook postrouting priority srcnat
        oifname "{outside}" meta l4proto {{ tcp, udp }} masquerade to :20000-39999 fully-random
        oifname "{outside}" masquerade
    }}
    chain nobody_unasked {{
        type filter hook forward priority filter
        iifname "{outside}" ct state new,invalid drop
    }}
}}
"""
"""A new mapping never gets the port of the old one: a mapping that is lost is seen to be lost."""

_NETLINK_NETFILTER = 12
_CONNTRACK_DELETE = 1 << 8 | 2
_REQUEST_AND_ACKNOWLEDGE = 5
_HEADER = struct.Struct("=IHHII")
_FAMILY = struct.pack("=BBH", socket.AF_INET, 0, 0)


def set_up(site: Site, network: Network) -> None:
    """Let the network's router hide it."""
    Node(site, network.router.node).must(["nft", _RULES.format(outside=trunk_of(network).far.interface)])


def forget_mappings(site: Site, network: Network) -> None:
    """All mappings are lost, as when the router starts again or its patience ends."""
    work_inside(site.namespace(network.router.node), _flush_connections)


def change_address(site: Site, network: Network) -> None:
    """The provider gives the router another address; the kernel then forgets the mappings of the old one."""
    trunk = trunk_of(network)
    if trunk.far.address is None or trunk.near.address is None:
        raise LabError(f"the network '{network.name}' has no address towards the router")
    commands = [
        f"address add {OTHER_HOTEL_ADDRESS} dev {trunk.far.interface}",
        f"address delete {trunk.far.address} dev {trunk.far.interface}",
        f"address replace {OTHER_HOTEL_ADDRESS} dev {trunk.far.interface}",
        f"route replace default via {trunk.near.address.ip}",
    ]
    ip_batch(commands, site.namespace(trunk.far.node))


def _flush_connections() -> None:
    """What `conntrack -F` does."""
    message = _HEADER.pack(_HEADER.size + len(_FAMILY), _CONNTRACK_DELETE, _REQUEST_AND_ACKNOWLEDGE, 1, 0) + _FAMILY
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_NETFILTER) as netlink:
        netlink.send(message)
        answer = netlink.recv(4096)
    code = -int(struct.unpack_from("=i", answer, _HEADER.size)[0])
    if code:
        raise LabError(f"the kernel does not forget the mappings: {os.strerror(code)}")
