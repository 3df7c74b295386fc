"""The Router Advertisements of a visited network: Debian's dnsmasq, as many home routers run it."""

from __future__ import annotations

from lab.nodes import Node
from lab.site import Site
from lab.topology6 import Network6, router_port

INTERVAL, LIFETIME = 30, 1800
"""Seconds: between unasked advertisements; that one makes a default router. Solicitations are answered at once."""


def start(site: Site, network: Network6, lifetime: str = "1h") -> None:
    """Start it on the network's router. `lifetime`: how long addresses of the prefix are valid."""
    if not network.advertised:
        return
    node, interface = router_port(network)
    Node(site, node).start(
        "router-advertisements",
        [
            "dnsmasq",
            "--no-daemon",
            "--conf-file=/dev/null",
            "--port=0",  # no name service
            "--enable-ra",
            f"--ra-param={interface},{INTERVAL},{LIFETIME}",
            f"--interface={interface}",
            "--bind-interfaces",
            f"--dhcp-range={network.prefix.network_address},ra-only,{network.prefix.prefixlen},{lifetime}",
            f"--dhcp-leasefile={Node(site, node).directory / 'leases6'}",
            "--pid-file=",
        ],
    )
