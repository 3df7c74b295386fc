"""The DHCP server of a network: Debian's dnsmasq."""

from __future__ import annotations

from lab.nodes import Node
from lab.topology import Network


def start(node: Node, network: Network) -> None:
    """Start it on the network's router."""
    if network.leases is None or network.router.address is None:
        return
    first, last = network.leases
    node.start(
        "dnsmasq",
        [
            "dnsmasq",
            "--no-daemon",  # stays in the foreground, and needs no other user
            "--conf-file=/dev/null",
            "--port=0",  # no name service
            "--no-ping",  # offers at once, as most home routers do
            "--dhcp-authoritative",
            f"--interface={network.router.interface}",
            "--bind-interfaces",
            f"--dhcp-range={first},{last},{network.prefix.netmask},1h",
            f"--dhcp-option=option:router,{network.router.address.ip}",
            f"--dhcp-option=option:dns-server,{network.router.address.ip}",
            f"--dhcp-leasefile={node.directory / 'leases'}",
            "--pid-file=",
        ],
    )
