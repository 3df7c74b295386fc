"""How a scenario is to be run."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from lab.impairment import Impairment
from lab.result import Result
from lab.site import Site
from lab.view.scene import Screen


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What was asked for on the command line."""

    site: Site
    screen: Screen
    impairment: Impairment = field(default_factory=Impairment)
    impaired: tuple[str, ...] = ()  # the networks whose trunk is
    moves: int | None = None  # None: as the scenario likes it
    keep_captures: Path | None = None
    encapsulations: tuple[str, ...] = ()  # of the scenario of that name; none: each

    @property
    def lossless(self) -> bool:
        """Does everything that is sent arrive?"""
        return not (self.impaired and self.impairment.any)


Scenario: TypeAlias = Callable[[Options], Result]
