"""Where things stand in a scenario: what every screen shows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from lab.result import MoveFigures, ToggleFigures


@dataclass(slots=True)
class Scene:
    """One picture."""

    network: str | None = None  # where the cable is
    state: str = ""  # the laptop's own word
    outward: str = ""  # path of packets to the correspondent
    inward: str = ""
    received: int = 0  # bytes of the download
    doing: str = ""
    handovers: list[MoveFigures | ToggleFigures] = field(default_factory=list)


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


def describe(handover: MoveFigures | ToggleFigures) -> str:
    """One handover in a line."""
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


def milliseconds(value: float | None) -> str:
    """A time for people."""
    return "never" if value is None else f"{value:.1f} ms"
