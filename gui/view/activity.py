"""Handovers as bars by phase: what took the time."""

from __future__ import annotations

import statistics
from collections.abc import Sequence
from datetime import tzinfo

from client.core.status import Handover
from gui.view import phrases
from gui.view.model import Bar, Translate


def bars(handovers: Sequence[Handover], translate: Translate, zone: tzinfo | None) -> list[Bar]:
    """The newest first."""
    return [_bar(each, translate, zone) for each in reversed(handovers)]


def summary(handovers: Sequence[Handover], translate: Translate) -> str:
    """How many, how long in the middle and at worst."""
    if not handovers:
        return translate("No handovers yet.")
    times = [each.total_ms for each in handovers]
    counted = translate("%n handover(s)", len(times))
    return translate("{handovers}, median {median} ms, worst {worst} ms").format(
        handovers=counted, median=f"{statistics.median(times):.0f}", worst=f"{max(times):.0f}"
    )


def _bar(each: Handover, translate: Translate, zone: tzinfo | None) -> Bar:
    names = {
        "link": translate("link"),
        "address": translate("address"),
        "discovery": translate("discovery"),
        "registration": translate("registration"),
        "data": translate("data"),
    }
    parts = tuple((phase.name, names.get(phase.name, phase.name), phase.ms) for phase in each.phases)
    slowest = max(parts, key=lambda phase: phase[2], default=None)
    total = translate("{ms} ms").format(ms=f"{each.total_ms:.0f}")
    if slowest:
        total = translate("{total}, slowest: {phase}").format(total=total, phase=slowest[1])
    title = " → ".join(phrases.attachment(part, translate) for part in (each.origin, each.to) if part)
    return Bar(
        at=each.at,
        when=phrases.local_time(each.at, zone),
        title=title,
        phases=parts,
        total_ms=each.total_ms,
        summary=total,
    )
