"""The screen of a terminal: a picture of the networks that follows the laptop."""

from __future__ import annotations

import time

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from lab.result import Move6Figures, ToggleFigures
from lab.topology import HOME_ADDRESS, NETWORKS
from lab.view.scene import Handover, Scene, milliseconds

_ROUTERS = {
    "home": "home agent",
    "office": "foreign agent",
    "cafe": "DHCP only",
    "library": "DHCP only",
    "hotel": "behind a NAT",
}
_NOWHERE = " " * 8


class Picture:
    """Redraws itself in place."""

    def __init__(self, console: Console) -> None:
        self._start = time.monotonic()
        self._live = Live(console=console, refresh_per_second=8, transient=False)
        self._live.start()

    def show(self, scene: Scene) -> None:
        """Draw the scene."""
        self._live.update(Panel(_picture(scene), title=self._title(scene), border_style="cyan"))

    def _title(self, scene: Scene) -> str:
        return f"mobilenode  {time.monotonic() - self._start:5.1f} s  {scene.doing}"

    def close(self) -> None:
        """Leave the last picture standing."""
        self._live.stop()


def _picture(scene: Scene) -> RenderableType:
    facts = Table.grid(padding=(0, 2))
    facts.add_row("laptop", f"{HOME_ADDRESS}  {scene.state}")
    facts.add_row("packets out", Text(scene.outward, style="green"))
    facts.add_row("packets in", Text(scene.inward, style="green"))
    facts.add_row("download", f"{scene.received / 1e6:.1f} MB by one connection")
    return Group(_map(scene.network), Text(), facts, Text(), _handovers(scene))


def _handovers(scene: Scene) -> RenderableType:
    """Each handover's phases: what the network took, what we took."""
    if not scene.handovers:
        return Text()
    table = Table(box=None, padding=(0, 2, 0, 0), header_style="dim")
    for heading in ("handover", "network's time", "registered", "own time", "silence", "lost"):
        table.add_column(heading, justify="left" if heading == "handover" else "right")
    for handover in scene.handovers[-8:]:
        table.add_row(*_row(handover))
    return table


def _row(handover: Handover) -> list[str]:
    if isinstance(handover, Move6Figures):
        return _row6(handover)
    ends = [f"{handover.gap_ms:.0f} ms", str(handover.packets_lost)]
    registered = milliseconds(handover.registered_ms)
    if isinstance(handover, ToggleFigures):
        return [f"reverse tunnel {handover.to}", "", registered, "", *ends]
    return [f"to {handover.to}", milliseconds(handover.address_ms), registered, milliseconds(handover.own_ms), *ends]


def _row6(move: Move6Figures) -> list[str]:
    silence = f"{max((peer.gap_ms for peer in move.peers), default=0.0):.0f} ms"
    lost = str(sum(peer.packets_lost for peer in move.peers))
    times = map(milliseconds, (move.address_ms, move.registered_ms, move.own_ms))
    return [f"to {move.to}, IPv6", *times, silence, lost]


def _map(network: str | None) -> Text:
    """The networks on the left, the Internet in the middle, the correspondent on the right."""
    last = len(NETWORKS) - 1
    joints = {0: "----.  ", last // 2: "----+---- Internet ---- correspondent", last: "----'  "}
    text = Text()
    for row, name in enumerate(NETWORKS):
        here = name == network
        text.append("[laptop]" if here else _NOWHERE, style="bold green")
        text.append("=====" if here else "     ", style="green")
        text.append(f"{name:>7} ({_ROUTERS[name]})".ljust(24), style="bold" if here else "dim")
        text.append(joints.get(row, "----|  ") + "\n")
    return text
