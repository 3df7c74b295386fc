"""Where things stand in a scenario: what every screen shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol, TypeAlias

from lab.result import Move6Figures, MoveFigures, ToggleFigures

Handover: TypeAlias = MoveFigures | Move6Figures | ToggleFigures


@dataclass(slots=True)
class Scene:
    """One picture."""

    network: str | None = None  # where the cable is
    state: str = ""  # the laptop's own word
    outward: str = ""  # path of packets to the correspondent
    inward: str = ""
    received: int = 0  # bytes of the download
    doing: str = ""
    handovers: list[Handover] = field(default_factory=list)
    peers: dict[str, str] = field(default_factory=dict)  # IPv6 correspondents: address, and path in the status's word


class Screen(Protocol):
    """Shows a scene."""

    def show(self, scene: Scene) -> None:
        """Draw it; called at every change and a few times a second."""

    def close(self) -> None:
        """Leave the terminal as it was."""


OUTWARD = {
    "direct": "laptop -> home router -> Internet -> correspondent",
    "triangle": "laptop -> Internet -> correspondent",
    "reverse": "laptop ==tunnel==> home agent -> Internet -> correspondent",
    "reverse by agent": "laptop -> foreign agent ==tunnel==> home agent -> Internet -> correspondent",
    "triangle by agent": "laptop -> foreign agent -> Internet -> correspondent",
}
INWARD = {
    "home": "correspondent -> Internet -> home router -> laptop",
    "co-located": "correspondent -> Internet -> home agent ==tunnel==> laptop",
    "foreign-agent": "correspondent -> Internet -> home agent ==tunnel==> foreign agent -> laptop",
}


def paths(place: str | None, path: str | None) -> tuple[str, str]:
    """Both directions in words, from what the laptop's status says."""
    key = f"{path} by agent" if place == "foreign-agent" else (path or "")
    return OUTWARD.get(key, ""), INWARD.get(place or "", "")


def describe(handover: Handover) -> str:
    """One handover in a line."""
    if isinstance(handover, Move6Figures):
        return _describe6(handover)
    if isinstance(handover, ToggleFigures):
        return (
            f"reverse tunnel {handover.to}: {milliseconds(handover.registered_ms)} request to reply, "
            f"longest silence {handover.gap_ms:.0f} ms, {handover.packets_lost} lost"
        )
    waited = "address" if handover.attachment == "co-located" else "advertisement"
    return (
        f"to {handover.to} ({handover.attachment}): {waited} after {milliseconds(handover.address_ms)}, "
        f"registered after {milliseconds(handover.registered_ms)}, own time {milliseconds(handover.own_ms)}, "
        f"longest silence {handover.gap_ms:.0f} ms, {handover.packets_lost} lost"
    )


def _describe6(move: Move6Figures) -> str:
    ways = ", ".join(f"{peer.name} {peer.path}, {peer.packets_lost} lost" for peer in move.peers)
    return (
        f"to {move.to} by IPv6 ({move.attachment}): address after {milliseconds(move.address_ms)}, "
        f"own time {milliseconds(move.own_ms)}, home binding {milliseconds(move.binding_ms)}; {ways}"
    )


def milliseconds(value: float | None) -> str:
    """A time for people."""
    return "never" if value is None else f"{value:.1f} ms"
