"""What goes in and out, second by second, as a curve and in words."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from client.core.traffic import Totals, amount, rates
from gui.view.model import Translate

LONGEST = 600
"""Samples that are kept: ten minutes at one a second."""

LEAST_SPAN = 60.0
"""Seconds from edge to edge at least."""

LEAST_SCALE = 10_000.0
"""Bytes a second at the top of the plot at least: nobody needs to see a keepalive as a mountain."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sample:
    """Bytes a second until `at`, in seconds since 1970."""

    at: float
    incoming: float
    outgoing: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Curves in a box of one by one: x from the oldest moment to now; in from the middle up, out from it down."""

    incoming: tuple[tuple[float, float], ...] = ()
    outgoing: tuple[tuple[float, float], ...] = ()
    ticks: tuple[float, ...] = ()  # handovers
    scale: float = LEAST_SCALE  # bytes a second at either edge


class TrafficHistory:
    """Takes totals as they are told, and remembers the rates between them."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=LONGEST)
        self._last: tuple[float, Totals] | None = None

    def add(self, totals: Totals, now: float) -> None:
        """These are the totals at this moment."""
        last, self._last = self._last, (now, totals)
        found = rates(last[1], totals, now - last[0]) if last else None
        if found:
            self.samples.append(Sample(at=now, incoming=found[0], outgoing=found[1]))

    def pause(self) -> None:
        """Nobody looks for a while: what passes then belongs to no second."""
        self._last = None


def words(samples: Sequence[Sample], translate: Translate) -> str:
    """The rates now: "In 1.2 MB/s, out 80 kB/s"."""
    if not samples:
        return ""
    latest = samples[-1]
    return translate("In {incoming}/s, out {outgoing}/s").format(
        incoming=amount(latest.incoming), outgoing=amount(latest.outgoing)
    )


def plot(samples: Sequence[Sample], handovers: Sequence[float], now: float) -> Plot:
    """All that is kept, and a minute at least; `handovers` are their moments, in seconds since 1970."""
    span = min(max([LEAST_SPAN, *(now - sample.at for sample in samples)]), float(LONGEST))
    begin = now - span
    seen = [sample for sample in samples if sample.at >= begin]
    scale = max([LEAST_SCALE, *(max(sample.incoming, sample.outgoing) for sample in seen)])
    xs = [(sample.at - begin) / span for sample in seen]
    return Plot(
        incoming=tuple((x, 0.5 - 0.5 * sample.incoming / scale) for x, sample in zip(xs, seen, strict=True)),
        outgoing=tuple((x, 0.5 + 0.5 * sample.outgoing / scale) for x, sample in zip(xs, seen, strict=True)),
        ticks=tuple((at - begin) / span for at in handovers if begin <= at <= now),
        scale=scale,
    )
