"""When new data of a TCP connection arrived somewhere, and how long that took."""

from __future__ import annotations

from collections.abc import Iterable

from lab.analysis.frames import TCP, Frame, Ip, innermost, segment


def arrivals(frames: Iterable[Frame], destination: bytes, port: int) -> list[int]:
    """The times of segments that bear data, to an address, of the server's port; nanoseconds since 1970."""
    found = []
    for frame in frames:
        ip = innermost(frame.ip) if frame.ip else None
        tcp = segment(ip) if ip else None
        if ip is None or tcp is None or ip.destination != destination or not _bears_data(ip):
            continue
        if port in (tcp.source_port, tcp.destination_port):
            found.append(frame.at)
    return found


def _bears_data(ip: Ip) -> bool:
    """Behind an IP header without options."""
    return ip.length - 20 > (ip.body[12] >> 4) * 4


def longest(frames: Iterable[Frame], protocol: int = TCP) -> int:
    """The longest outer IP packet in bytes of those that hold a packet of this protocol."""
    packets = (frame.ip for frame in frames if frame.ip)
    return max((ip.length for ip in packets if innermost(ip).protocol == protocol), default=0)
