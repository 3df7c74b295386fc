"""python -m lab.desktop [PICTURES]: the tray program on a real desktop, with pictures of every state and page."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import click

from lab import interruption, requirements
from lab.desktop.desktop import Desktop, Panel
from lab.desktop.tour import Tour, every_state, pages
from lab.errors import LabError
from lab.lab import make_room
from lab.site import named
from lab.world import World


@dataclass(frozen=True, slots=True)
class Trip:
    """A desktop, and what is done on it."""

    panel: Panel
    scale: int
    dark: bool
    walk: Callable[[Tour, str], None]
    german: bool = False

    @property
    def name(self) -> str:
        """Names its pictures."""
        german = "-german" if self.german else ""
        return f"{self.panel}-{'dark' if self.dark else 'light'}-{self.scale}x{german}"


TRIPS = (
    Trip("xfce4-panel", 1, False, lambda tour, _prefix: every_state(tour)),
    Trip("xfce4-panel", 1, True, pages),
    Trip("xfce4-panel", 2, False, pages),
    Trip("xfce4-panel", 2, True, pages),
    Trip("xfce4-panel", 1, False, pages, german=True),
    Trip("trayer", 1, False, pages),
    Trip("trayer", 1, True, pages),
)


@click.command()
@click.argument("pictures", type=click.Path(file_okay=False, path_type=Path), default=Path("build/screenshots"))
@click.option("--only", default="", help="Part of a desktop's name, as xfce4-panel-dark-2x.")
def main(pictures: Path, only: str) -> None:
    """Take all pictures; the exit code is 0 if everything came to pass."""
    interruption.listen()
    failed = False
    for trip in TRIPS:
        if only in trip.name:
            click.echo(trip.name)
            failed = not _go(trip, pictures) or failed
    raise SystemExit(1 if failed else 0)


def _go(trip: Trip, pictures: Path) -> bool:
    requirements.check()
    requirements.check_root()
    site = named(f"desk{os.getpid() % 10000}")
    make_room(site)
    directory = Path(tempfile.mkdtemp(prefix="mobilenode-desktop-"))
    desktop = Desktop(directory, trip.panel, trip.scale, trip.dark)
    locale = "de_DE.UTF-8" if trip.german else "en_GB.UTF-8"
    tour = Tour(World(site), desktop, pictures / trip.name, click.echo, locale)
    try:
        tour.begin()
        trip.walk(tour, trip.name)
    except LabError as error:
        click.echo(f"  failed: {error}", err=True)
        tour.picture("failed")
        return False
    finally:
        tour.end()
        shutil.rmtree(directory, ignore_errors=True)
    return True


if __name__ == "__main__":
    main()
