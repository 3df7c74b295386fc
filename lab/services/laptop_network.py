"""What a laptop has without Mobile IP: a DHCP client that follows its cable, and someone who takes notes."""

from __future__ import annotations

from pathlib import Path

from lab.nodes import Node, python
from lab.topology import CABLE


def start_watcher(node: Node) -> None:
    """Start writing down link and address news; read them with `news_file`."""
    node.start("watcher", python("lab.services.watcher", CABLE))


def news_file(node: Node) -> Path:
    """Where the watcher's lines go."""
    return node.directory / "watcher.log"


def has_dhcp(node: Node, card: str) -> bool:
    """Was a DHCP client started for this network card?"""
    return _leases(node, card).exists()


def _leases(node: Node, card: str) -> Path:
    return node.directory / ("dhcp" if card == CABLE else f"dhcp-{card}")


def start_dhcp(node: Node, card: str = CABLE) -> None:
    """Start the DHCP client of a network card.

    dhclient may be confined to Debian's paths (AppArmor), so our script and our leases lie over those.
    """
    leases = _leases(node, card)
    leases.mkdir(exist_ok=True)
    binds = {
        Path("/sbin/dhclient-script"): Path(__file__).with_name("dhclient-script"),
        Path("/var/lib/dhcp"): leases,
    }
    Node(node.site, node.name, binds).start(leases.name, python("lab.services.dhcp_client", card))
