"""Did the connection survive? Judged from the correspondent's own capture."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from lab.analysis.frames import ACK, SYN, Frame, Segment, address, segment
from lab.analysis.frames6 import address6
from lab.topology import CORRESPONDENT, HOME_ADDRESS
from lab.topology6 import HOME_ADDRESS6

_HALF = 1 << 31
_WHOLE = 1 << 32


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """How far the laptop had acknowledged the download, as the correspondent heard it."""

    at: int  # nanoseconds since 1970
    total: int  # bytes


@dataclass(frozen=True, slots=True)
class Connection:
    """What the correspondent saw of the connections to its web server."""

    openings: int  # different SYN packets: one that is repeated because it was lost is the same
    peers: frozenset[tuple[str, int]]  # addresses and ports that talked to the server
    progress: tuple[Acknowledged, ...]
    home_address: str = str(HOME_ADDRESS)  # the only one that should

    def bytes_between(self, start: int, end: int) -> int:
        """New data that was acknowledged in [start, end)."""
        before = max((step.total for step in self.progress if step.at < start), default=0)
        after = max((step.total for step in self.progress if step.at < end), default=0)
        return after - before

    def problems(self) -> list[str]:
        """What is wrong with it: one opening, and one peer with the home address, is right."""
        found = []
        if self.openings != 1:
            found.append(f"the connection was opened {self.openings} times")
        if len(self.peers) != 1:
            found.append(f"the correspondent saw {len(self.peers)} pairs of address and port")
        strangers = sorted(peer for peer, _ in self.peers if peer != self.home_address)
        if strangers:
            found.append(f"the correspondent saw the address {', '.join(strangers)} in place of the home address")
        return found


def read(frames: Iterable[Frame], port: int) -> Connection:
    """The connections to `port` in the correspondent's capture."""

    def heard(frame: Frame) -> tuple[str, Segment] | None:
        ip = frame.ip
        tcp = segment(ip) if ip and ip.destination == CORRESPONDENT.packed else None
        return (address(ip.source), tcp) if ip and tcp and tcp.destination_port == port else None

    return _follow(frames, heard, str(HOME_ADDRESS))


def read6(frames: Iterable[Frame], correspondent: IPv6Address, port: int) -> Connection:
    """The same by IPv6: who talks is whom upper layers see, with a home address option as without."""

    def heard(frame: Frame) -> tuple[str, Segment] | None:
        ip = frame.ip6
        tcp = segment(ip) if ip and ip.destination == correspondent.packed else None
        return (address6(ip.sender), tcp) if ip and tcp and tcp.destination_port == port else None

    return _follow(frames, heard, str(HOME_ADDRESS6))


def _follow(
    frames: Iterable[Frame], heard: Callable[[Frame], tuple[str, Segment] | None], home_address: str
) -> Connection:
    openings, peers = set(), set()
    progress: list[Acknowledged] = []
    counter = _Counter()
    for frame in frames:
        if (found := heard(frame)) is None:
            continue
        source, tcp = found
        peers.add((source, tcp.source_port))
        if tcp.flags & SYN and not tcp.flags & ACK:
            openings.add((source, tcp.source_port, tcp.sequence))
        elif tcp.flags & ACK:
            progress.append(Acknowledged(frame.at, counter.add(tcp.acknowledgement)))
    return Connection(len(openings), frozenset(peers), tuple(progress), home_address)


class _Counter:
    """Turns acknowledgement numbers, which wrap around, into a growing count of bytes."""

    def __init__(self) -> None:
        self._last: int | None = None
        self._total = 0

    def add(self, number: int) -> int:
        if self._last is None:
            self._last = number
        step = (number - self._last) % _WHOLE
        if step < _HALF:
            self._total += step
            self._last = number
        return self._total


def strange_sources(frames: Sequence[Frame], ports: Iterable[int]) -> set[str]:
    """Addresses other than the home address from which packets for these UDP or TCP ports came."""
    wanted = {port.to_bytes(2, "big") for port in ports}
    found = set()
    for frame in frames:
        ip = frame.ip
        if ip and ip.destination == CORRESPONDENT.packed and ip.body[2:4] in wanted and ip.protocol in (6, 17):
            found.add(address(ip.source))
    return found - {str(HOME_ADDRESS)}
