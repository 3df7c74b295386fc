"""What a scenario found out; its JSON is an interface: names are only ever added."""

from __future__ import annotations

from collections.abc import Iterable
from statistics import median

import msgspec


class MoveFigures(msgspec.Struct, kw_only=True):
    """One move; what each figure is stands in docs/LAB.md. None: it did not happen."""

    to: str
    attachment: str
    registered_ms: float | None
    own_ms: float | None
    gap_ms: float
    packets_lost: int
    requests: int
    address_ms: float | None = None  # link up -> the trigger: the address, or the first advertisement
    bytes: int = 0  # of the download, while attached there


class PeerFigures(msgspec.Struct, kw_only=True):
    """What a move was for the packets with one IPv6 correspondent; docs/LAB.md. None: it did not happen."""

    name: str
    path: str  # where packets went at the end of the stay: direct, home-agent, or at home: plain
    tests_ms: float | None = None  # return routability: the first test sent -> the last one back
    direct_ms: float | None = None  # Binding Acknowledgement -> the first packets of both directions go directly
    home_tests: int = 0  # Home Test Inits sent; 0: the token was still valid
    care_of_tests: int = 0
    updates: int = 0
    status: int | None = None  # of its last acknowledgement
    packets_lost: int = 0
    gap_ms: float = 0.0
    hops_tunnelled: int | None = None  # routers between laptop and correspondent, through the home agent
    hops_direct: int | None = None  # and without it
    bytes: int = 0  # of the download from it, while attached there


class Move6Figures(msgspec.Struct, kw_only=True):
    """One move, for IPv6; docs/LAB.md."""

    to: str
    attachment: str
    first: bool  # the home agent had no binding: its first acknowledgement waits for a test of the home address
    address_ms: float | None = None  # link up -> a usable care-of address: the network's time
    own_ms: float | None = None  # that -> Binding Update on the wire: our time
    binding_ms: float | None = None  # that -> accepting Binding Acknowledgement
    registered_ms: float | None = None  # link up -> that
    updates: int = 0  # Binding Updates to the home agent
    peers: list[PeerFigures] = []


class ToggleFigures(msgspec.Struct, kw_only=True):
    """The reverse tunnel switched, by hand, without a move."""

    to: str  # on or off
    attachment: str
    registered_ms: float | None  # request -> reply
    gap_ms: float
    packets_lost: int
    requests: int
    path: str  # what the router saw afterwards: reverse or triangle


class ConnectionFigures(msgspec.Struct, kw_only=True):
    """The download."""

    survived: bool
    bytes: int
    checksum_ok: bool


class PlaneFigures(msgspec.Struct, kw_only=True):
    """What one daemon's data planes carried, as its status counts it: bytes of the packets inside the tunnels."""

    node: str
    dataplane: str | None
    ebpf_bytes: int
    tun_bytes: int


class Result(msgspec.Struct, kw_only=True):
    """One run of one scenario. It is `ok` when there are no problems."""

    scenario: str
    ok: bool = False
    dataplane: str | None = None
    moves: list[MoveFigures] = []
    moves6: list[Move6Figures] = []
    connection: ConnectionFigures | None = None
    toggles: list[ToggleFigures] = []
    figures: dict[str, float | None] = {}
    planes: list[PlaneFigures] = []
    problems: list[str] = []

    def judge(self) -> None:
        """Add the figures over all moves, and say whether all is well."""
        self._summarise("own_ms", [move.own_ms for move in self.moves])
        self._summarise("own6_ms", [move.own_ms for move in self.moves6])
        self._summarise("binding6_ms", [move.binding_ms for move in self.moves6 if not move.first])
        self._summarise("first_binding6_ms", [move.binding_ms for move in self.moves6 if move.first])
        self.ok = not self.problems

    def _summarise(self, name: str, values: Iterable[float | None]) -> None:
        known = [value for value in values if value is not None]
        if known:
            self.figures |= {f"{name}_median": round(median(known), 3), f"{name}_worst": round(max(known), 3)}


def rounded(value: float | None) -> float | None:
    """Microseconds are enough."""
    return None if value is None else round(value, 3)
