"""The status of both families as one: the headline is the worse of those that count."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from client.core.advice import advice
from client.core.history import iso
from client.core.profile import Profile
from client.core.status import Limit, Proof, State, Status
from client.daemon.machines import Machines
from client.mipv4 import report as report4
from mipv6 import report as report6

_SEVERITY = {state: number for number, state in enumerate(State)}
_FINE = (State.WORKING, State.LIMITED, State.HOME)


def headline(machines: Machines, profile: Profile, now: float) -> tuple[State, str | None]:
    """The state and its reason.

    Where the profile does not say what it requires, a network without one of the families is no failure of the
    other: all is well there, and limited.
    """
    v4 = report4.headline(machines.v4, now) if machines.v4 else None
    v6 = report6.headline(machines.v6, now) if machines.v6 else None
    required = profile.required.families if profile.required else ("ipv4", "ipv6")
    counting = [found for name, found in (("ipv4", v4), ("ipv6", v6)) if found and name in required]
    counting = counting or [found for found in (v4, v6) if found]
    worst = min(counting, key=lambda found: _SEVERITY[found[0]])
    best = max(counting, key=lambda found: _SEVERITY[found[0]])
    if profile.required is None and worst[0] is State.NO_NETWORK and best[0] in _FINE:
        return State.LIMITED, "no-ipv4" if worst is v4 else "no-ipv6"
    return worst


def report(machines: Machines, profile: Profile, now: float, wall_clock: float, counters: Mapping[str, int]) -> Status:
    """The snapshot, without what only the daemon knows (data plane, since when)."""
    state, reason = headline(machines, profile, now)
    if machines.v4:
        status = report4.report(machines.v4, now, wall_clock, counters)
    else:
        status = Status(state=state, since=iso(wall_clock))
    if machines.v6:
        status = _with_v6(status, machines, now, wall_clock, counters)
    limits = [*_missing(state, reason), *status.limits]
    whole = msgspec.structs.replace(status, state=state, reason=reason, profile=profile.id, limits=limits)
    return msgspec.structs.replace(whole, advice=advice(whole))


def _with_v6(status: Status, machines: Machines, now: float, wall_clock: float, counters: Mapping[str, int]) -> Status:
    node = machines.v6
    if node is None:
        return status
    v6 = report6.status(node, now)
    if machines.v4 is None:  # the data plane's counters are told once
        v6 = msgspec.structs.replace(v6, counters={**dict(sorted(counters.items())), **v6.counters})
    elif status.v4 is not None:
        state, reason = report4.headline(machines.v4, now)
        status = msgspec.structs.replace(status, v4=msgspec.structs.replace(status.v4, state=state, reason=reason))
    return msgspec.structs.replace(
        status,
        v6=v6,
        proof=_older(status.proof, v6.proof),
        network=status.network or report6.network(node),
        settings={**status.settings, **report6.settings(node)},
        limits=[*status.limits, *(limit for limit in report6.limits(node, now) if limit not in status.limits)],
        paused_until=status.paused_until or report6.paused_until(node, now, wall_clock),
    )


def _older(first: Proof | None, second: Proof | None) -> Proof | None:
    """What is proven of both; what only one of them can prove."""
    if first is None or second is None:
        return first or second
    return max(first, second, key=lambda proof: proof.age_ms)


def _missing(state: State, reason: str | None) -> list[Limit]:
    """A family that this network does not have."""
    return [Limit(id=reason, detail=reason)] if state is State.LIMITED and reason in ("no-ipv4", "no-ipv6") else []
