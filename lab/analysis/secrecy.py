"""What a foreign network may see of the home address (RFC 5944 §4.6): judged from a capture of the whole network."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lab.analysis.frames import Frame, address
from lab.topology import HOME_ADDRESS, LAPTOP_PORT, Network

_HOME = HOME_ADDRESS.packed
_LAPTOP = bytes.fromhex(LAPTOP_PORT.link_layer_address.replace(":", ""))
_ARP_REPLY = 2


def problems(network: Network, frames: Iterable[Frame]) -> list[str]:
    """All that must not be on this foreign network, each with how often it was seen."""
    router = bytes.fromhex(network.router.link_layer_address.replace(":", ""))
    agent = router if network.attachment == "foreign-agent" else None
    found = Counter(_fault(frame, agent) for frame in frames)
    return [f"{network.name}: {fault} ({count} frames)" for fault, count in found.items() if fault]


def _fault(frame: Frame, agent: bytes | None) -> str | None:
    if frame.arp and _HOME in (frame.arp.sender, frame.arp.target) and not _is_reply_to_agent(frame, agent):
        return f"an ARP frame from {frame.source.hex(':')} names the home address"
    if frame.ip and frame.ip.destination == _HOME:
        if agent is None:
            return f"a packet from {address(frame.ip.source)} to the home address came without a tunnel"
        if frame.source != agent or frame.destination != _LAPTOP:
            return "a packet to the home address that is not a frame from the foreign agent to the laptop"
    return None


def _is_reply_to_agent(frame: Frame, agent: bytes | None) -> bool:
    """The one thing that is allowed: a unicast answer to the foreign agent."""
    arp = frame.arp
    return arp is not None and arp.operation == _ARP_REPLY and arp.sender == _HOME and frame.destination == agent


def inbound(network: Network, frames: Iterable[Frame]) -> int:
    """How many programs' packets came in as they should: in a tunnel, or as frames from the foreign agent."""
    count = 0
    for frame in frames:
        if frame.ip and frame.destination == _LAPTOP:
            outer, inner = frame.ip, frame.ip.inner
            by_tunnel = network.attachment == "co-located" and inner is not None and inner.destination == _HOME
            by_agent = network.attachment == "foreign-agent" and outer.destination == _HOME
            count += by_tunnel or by_agent
    return count
