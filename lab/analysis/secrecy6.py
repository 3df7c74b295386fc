"""What a visited network may see of the IPv6 home address: within tunnels and extension headers (RFC 6275 §11.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lab.analysis.frames import Frame
from lab.analysis.frames6 import Ip6
from lab.analysis.mobility import Icmp, icmp
from lab.topology import LAPTOP_PORT
from lab.topology6 import HOME_ADDRESS6, Network6

_HOME = HOME_ADDRESS6.packed
_LAPTOP = bytes.fromhex(LAPTOP_PORT.link_layer_address.replace(":", ""))
_ABOUT_NEIGHBOURS = (Icmp.NEIGHBOUR_SOLICITATION, Icmp.NEIGHBOUR_ADVERTISEMENT)


def problems6(network: Network6, frames: Iterable[Frame]) -> list[str]:
    """All that must not pass between the laptop and this network, each with how often it was seen.

    What a correspondent that lives there sends to the home address goes by the home agent, and is not the laptop's.
    """
    ours = [frame.ip6 for frame in frames if frame.ip6 and (_LAPTOP in (frame.source, frame.destination))]
    found = Counter(map(_fault, ours))
    return [f"{network.name}: {fault} ({count} frames)" for fault, count in found.items() if fault]


def _fault(ip: Ip6) -> str | None:
    if ip.source == _HOME:
        return "a packet bears the home address as its source"
    if ip.destination == _HOME:
        return "a packet bears the home address as its destination"
    if icmp(ip) in _ABOUT_NEIGHBOURS and ip.body[8:24] == _HOME:
        return "neighbour discovery names the home address"
    return None
