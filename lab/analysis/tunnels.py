"""In which tunnels programs' packets went, whatever a status says."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from lab.analysis.frames import ICMP, UDP, Frame, Ip, address, innermost, udp
from lab.analysis.moves import is_of_program
from lab.topology import HOME_ADDRESS, HOME_AGENT

Nesting = tuple[str, ...]
_HOME = HOME_ADDRESS.packed
_SIGNALLING = 434
_ECHO, _ECHO_REPLY = 8, 0


def to_laptop(frames: Iterable[Frame]) -> Counter[Nesting]:
    """How many tunnelled packets for the home address, by their tunnels."""
    packets = [frame.ip for frame in frames if frame.ip and frame.ip.inner]
    return Counter(ip.nesting for ip in packets if innermost(ip).destination == _HOME and not _is_ours(innermost(ip)))


def from_laptop(frames: Iterable[Frame]) -> Counter[Nesting]:
    """How many tunnelled packets of programs from the home address, by their tunnels."""
    packets = [frame.ip for frame in frames if frame.ip and frame.ip.inner]
    return Counter(ip.nesting for ip in packets if is_of_program(innermost(ip)))


def _is_ours(packet: Ip) -> bool:
    """The daemon's own: signalling, and what its probes bring back."""
    content = udp(packet)
    return packet.protocol == ICMP or bool(content and _SIGNALLING in content[:2])


def outer_ports(frames: Iterable[Frame]) -> set[tuple[str, int, str, int]]:
    """Between which addresses and ports tunnel data messages went (RFC 3519 §3.3)."""
    found = set()
    for frame in frames:
        if frame.ip and frame.ip.inner and frame.ip.protocol == UDP and (content := udp(frame.ip)):
            found.add((address(frame.ip.source), content[0], address(frame.ip.destination), content[1]))
    return found


def keepalives(frames: Iterable[Frame]) -> tuple[list[int], list[int]]:
    """When echo requests to the home agent, and its replies, went through a UDP tunnel (RFC 3519 §4.9)."""
    asked, answered = [], []
    for frame in frames:
        inner = frame.ip.inner if frame.ip and frame.ip.protocol == UDP else None
        if inner and inner.protocol == ICMP and inner.body:
            if inner.body[0] == _ECHO and inner.destination == HOME_AGENT.packed:
                asked.append(frame.at)
            elif inner.body[0] == _ECHO_REPLY and inner.source == HOME_AGENT.packed:
                answered.append(frame.at)
    return asked, answered
