"""The table at the end of a scenario."""

from __future__ import annotations

from rich.console import Console
from rich.table import Table

from lab.result import PlaneFigures, Result
from lab.view.scene import milliseconds


def show(result: Result, console: Console) -> None:
    """Print the figures of every move, then what became of the connection."""
    if result.moves:
        console.print(_moves(result))
    if result.moves6:
        console.print(_moves6(result))
        console.print(_peers(result))
    if connection := result.connection:
        survived = "survived" if connection.survived else "did not survive"
        right = "right" if connection.checksum_ok else "wrong"
        console.print(f"The download {survived}: {connection.bytes / 1e6:.1f} MB by one connection, checksum {right}.")
    for name, value in result.figures.items():
        console.print(figure(name, value))
    for plane in result.planes:
        console.print(_plane(plane))
    for problem in result.problems:
        console.print(f"PROBLEM: {problem}", style="bold red", markup=False)
    console.print(f"{result.scenario}: {'ok' if result.ok else 'failed'}", style="green" if result.ok else "bold red")


_FIGURES = {
    "own_ms_median": ("own time, median", " ms"),
    "own_ms_worst": ("own time, worst", " ms"),
    "own6_ms_median": ("own time by IPv6, median", " ms"),
    "own6_ms_worst": ("own time by IPv6, worst", " ms"),
    "binding6_ms_median": ("home binding, median", " ms"),
    "binding6_ms_worst": ("home binding, worst", " ms"),
    "first_binding6_ms_median": ("first home binding, median", " ms"),
    "first_binding6_ms_worst": ("first home binding, worst", " ms"),
    "recovered_s": ("works again after", " s"),
}


def figure(name: str, value: float | None) -> str:
    """One figure of the JSON, in words and with its unit."""
    words, unit = _FIGURES.get(name) or _named(name)
    number = f"{value:.1f}" if unit and value is not None else value
    return f"{words}: never" if value is None else f"{words}: {number}{unit}"


def _named(name: str) -> tuple[str, str]:
    """A figure whose name ends with a unit."""
    for unit in ("ms", "s"):
        if name.endswith(f"_{unit}"):
            return name.removesuffix(f"_{unit}").replace("_", " "), f" {unit}"
    return name.replace("_", " "), ""


def _moves6(result: Result) -> Table:
    table = Table(title="IPv6 handovers, from the captures", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("handover", no_wrap=True)
    for heading in ("address", "own time", "binding", "updates"):
        table.add_column(heading, justify="right", no_wrap=True)
    for move in result.moves6:
        times = map(milliseconds, (move.address_ms, move.own_ms, move.binding_ms))
        first = ", first" if move.first and move.attachment != "home" else ""
        table.add_row(f"{move.to}{first}", *times, str(move.updates))
    return table


def _peers(result: Result) -> Table:
    """Each correspondent in each stay: the path, what the tests took, how long until it was direct, routers between."""
    table = Table(title="and with each correspondent", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("", no_wrap=True)
    for heading in ("path", "tests", "direct after", "lost", "hops by tunnel", "direct"):
        table.add_column(heading, justify="right", no_wrap=True)
    for move in result.moves6:
        for peer in move.peers:
            times = ["" if value is None else milliseconds(value) for value in (peer.tests_ms, peer.direct_ms)]
            hops = ["" if value is None else str(value) for value in (peer.hops_tunnelled, peer.hops_direct)]
            table.add_row(f"{move.to}: {peer.name}", peer.path, *times, str(peer.packets_lost), *hops)
    return table


def _plane(plane: PlaneFigures) -> str:
    slow, fast = plane.tun_bytes / 1e6, plane.ebpf_bytes / 1e6
    return f"{plane.node} on {plane.dataplane}: {fast:.1f} MB through BPF, {slow:.1f} MB through TUN"


def _moves(result: Result) -> Table:
    table = Table(title="Handovers, from the captures", title_justify="left", box=None, padding=(0, 2, 0, 0))
    table.add_column("handover", no_wrap=True)
    for heading in ("registered", "own time", "silence", "lost", "requests", "MB"):
        table.add_column(heading, justify="right", no_wrap=True)
    for move in result.moves:
        times = (milliseconds(move.registered_ms), milliseconds(move.own_ms), milliseconds(move.gap_ms))
        counts = (str(move.packets_lost), str(move.requests), f"{move.bytes / 1e6:.1f}")
        table.add_row(f"{move.to} ({move.attachment})", *times, *counts)
    for toggle in result.toggles:
        times = (milliseconds(toggle.registered_ms), "", milliseconds(toggle.gap_ms))
        table.add_row(f"reverse tunnel {toggle.to}", *times, str(toggle.packets_lost), str(toggle.requests), "")
    return table
