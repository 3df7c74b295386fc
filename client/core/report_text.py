"""A report to give away: what was checked, the status and what happened, without a key, a name or a place."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from ipaddress import ip_interface

import msgspec

from client.core import words
from client.core.checkup import Check
from client.core.explain import check_words
from client.core.marks import Marks
from client.core.profile import Profile
from client.core.status import Handover, LogEntry, Status

MOST = 100
"""Events and handovers, the newest."""


def report_text(
    version: str, checks: Iterable[Check], status: Status, profile: Profile | None, events: Sequence[LogEntry],
    handovers: Sequence[Handover],
) -> str:  # fmt: skip
    """The report; `version`: of all that runs. The same address or name is the same mark throughout."""
    parts = [
        version,
        "\n".join(f"{one.result:8} {words.CHECKS.get(one.id, one.id)}: {check_words(one)}" for one in checks),
        "status\n" + _json(status),
        "events\n" + "\n".join(map(_json, events[-MOST:])),
        "handovers\n" + "\n".join(map(_json, handovers[-MOST:])),
    ]
    return Marks(_names(status, profile)).hide("\n\n".join(parts)) + "\n"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _names(status: Status, profile: Profile | None) -> Iterator[str]:
    """All that names a person, a network or a machine of somebody's."""
    if status.network:
        yield status.network.name
    if profile:
        yield from (profile.id, profile.id.partition("@")[0], profile.id.partition("@")[2], profile.name)
        for family in (profile.mipv4, profile.mipv6):
            yield from (agent for agent in (family.home_agents if family else ()) if not _is_plain(agent))
        if profile.mipv4 and profile.mipv4.nai:
            yield from (profile.mipv4.nai, *profile.mipv4.nai.split("@"))


def _is_plain(agent: str) -> bool:
    """A word of the profile's own language, or an address, which has a mark of its own."""
    try:
        ip_interface(agent)
    except ValueError:
        return agent in ("discover", "dhaad")
    return True
