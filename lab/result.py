"""What a scenario found out; its JSON is an interface: names are only ever added."""

from __future__ import annotations

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
    connection: ConnectionFigures | None = None
    toggles: list[ToggleFigures] = []
    figures: dict[str, float | None] = {}
    planes: list[PlaneFigures] = []
    problems: list[str] = []

    def judge(self) -> None:
        """Add the figures over all moves, and say whether all is well."""
        own = [move.own_ms for move in self.moves if move.own_ms is not None]
        if own:
            self.figures |= {"own_ms_median": round(median(own), 3), "own_ms_worst": round(max(own), 3)}
        self.ok = not self.problems


def rounded(value: float | None) -> float | None:
    """Microseconds are enough."""
    return None if value is None else round(value, 3)
