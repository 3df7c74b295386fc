"""What stands in the way in some networks: short hops, silent routers, ingress filters."""

from __future__ import annotations

from pathlib import Path

from lab.namespaces import ip_batch, work_inside
from lab.nodes import Node
from lab.site import Site
from lab.topology import Network, trunk_of

_SILENCE = """
table ip lab_silence {
    chain output {
        type filter hook output priority filter
        icmp type destination-unreachable drop
    }
}
"""

_CUT = """
table ip lab_cut {
    chain forward {
        type filter hook forward priority filter
        ip protocol ipencap drop
    }
}
"""


def cut_tunnel(site: Site, network: Network) -> None:
    """The network's router forwards no IP-in-IP from now on; registration messages pass."""
    Node(site, network.router.node).must(["nft", _CUT])


def mend_tunnel(site: Site, network: Network) -> None:
    """It does again."""
    Node(site, network.router.node).must(["nft", "delete table ip lab_cut"])


def narrow(site: Site, network: Network, mtu: int) -> None:
    """The hop between the router in the middle and this network takes no longer packets; ICMP says so."""
    trunk = trunk_of(network)
    for port in (trunk.near, trunk.far):
        ip_batch([f"link set {port.interface} mtu {mtu}"], site.namespace(port.node))


def silence(site: Site, network: Network) -> None:
    """The routers at both ends of that hop tell nobody what they could not forward: an ICMP black hole."""
    trunk = trunk_of(network)
    for port in (trunk.near, trunk.far):
        Node(site, port.node).must(["nft", _SILENCE])


def filter_ingress(site: Site, network: Network) -> None:
    """The network's router lets out only packets whose source address belongs there (BCP 38, by strict rp_filter)."""
    path = Path(f"/proc/sys/net/ipv4/conf/{network.router.interface}/rp_filter")
    work_inside(site.namespace(network.router.node), lambda: _write(path, "1"))


def _write(path: Path, text: str) -> None:
    path.write_text(text)
