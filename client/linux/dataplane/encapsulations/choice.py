"""Which headers a tunnel's packets get."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from client.core.ipv4 import Protocol
from client.core.plan import Encapsulation, End, Tunnel
from client.linux.dataplane.encapsulations.direct import HomeAddressOption, TypeTwoRouting
from client.linux.dataplane.encapsulations.gre import gre_content, gre_headers
from client.linux.dataplane.encapsulations.headers import Headers
from client.linux.dataplane.encapsulations.ipip import ipip_content, ipip_headers
from client.linux.dataplane.encapsulations.ipip6 import Ipv6Headers
from client.linux.dataplane.encapsulations.minimal import MinimalHeaders, minimal_content
from client.linux.dataplane.encapsulations.udp import UdpHeaders

PORTS = (434, 434)
"""Of a UDP tunnel that names none (RFC 3519 §4.2)."""


def headers_of(tunnel: Tunnel) -> Headers:
    """Headers on."""
    local, remote = tunnel.local.packed, tunnel.remote.packed
    match tunnel.encapsulation:
        case Encapsulation.IPIP:
            return ipip_headers(local, remote) if isinstance(tunnel.local, IPv4Address) else Ipv6Headers(local, remote)
        case Encapsulation.GRE:
            return gre_headers(local, remote)
        case Encapsulation.MINIMAL:
            return MinimalHeaders(local, remote)
        case Encapsulation.UDP:
            return UdpHeaders(local, remote, tunnel.ports or PORTS)
        case Encapsulation.DIRECT:
            return HomeAddressOption(local) if tunnel.end is End.MOBILE else TypeTwoRouting(remote)


CONTENTS: dict[Protocol, tuple[Encapsulation, Callable[[bytes], bytes | None]]] = {
    Protocol.IPIP: (Encapsulation.IPIP, ipip_content),
    Protocol.GRE: (Encapsulation.GRE, gre_content),
    Protocol.MINIMAL: (Encapsulation.MINIMAL, minimal_content),
}
"""Headers off: what a whole IPv4 packet of each of these protocols is, and holds."""
