"""How much of what was tunnelled each data plane carried, by the counters in the daemons' status."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from client.control.errors import NotRunningError, RpcError, TimedOutError
from lab.daemons import Daemon
from lab.result import PlaneFigures
from lab.world import World

FAST = "ebpf"
LEAST_FAST = 0.99
"""The part of all tunnelled bytes that must go through BPF, of the daemons together that say that they run on it."""

LEAST_FAST_EACH = 0.95
"""The same of each: a burst that meets a tunnel half built goes through TUN, and a short visit has few bytes."""

_SLOW_BYTES = ("sent_bytes", "received_bytes")
_WORLDS = {"ebpf_bytes", *_SLOW_BYTES}


def carried(world: World) -> list[PlaneFigures]:
    """For each daemon that answers: its data plane, and the bytes of inner packets by plane."""
    daemons: tuple[Daemon, ...] = (world.laptop, world.home_agent, world.foreign_agent)
    return [_figures(daemon, status) for daemon in daemons if (status := _status(daemon))]


def _status(daemon: Daemon) -> Mapping[str, Any] | None:
    try:
        return dict(daemon.call("status"))
    except (NotRunningError, TimedOutError, RpcError):
        return None


def _figures(daemon: Daemon, status: Mapping[str, Any]) -> PlaneFigures:
    families = ((status.get(family) or {}).get("counters") or {} for family in ("v4", "v6"))
    told = (found for found in families if _WORLDS.intersection(found))  # the world's counters, the same in both
    counters = {**(status.get("counters") or {}), **next(told, {})}
    slow = sum(int(counters.get(name, 0)) for name in _SLOW_BYTES)
    plane = status.get("dataplane")
    return PlaneFigures(
        node=daemon.node.name, dataplane=plane, ebpf_bytes=int(counters.get("ebpf_bytes", 0)), tun_bytes=slow
    )


def problems(planes: list[PlaneFigures]) -> list[str]:
    """Where a daemon runs on BPF nearly all must have gone that way; and something must have."""
    on_bpf = [one for one in planes if one.dataplane == FAST]
    found = [_share(f"on {one.node}", [one]) for one in on_bpf if _part([one]) < LEAST_FAST_EACH]
    if on_bpf and _part(on_bpf) < LEAST_FAST:
        found.append(_share("in all", on_bpf))
    if not planes or not all(one.ebpf_bytes + one.tun_bytes for one in planes):
        found.append("a daemon's status does not say what its data plane carried")
    return found


def _part(planes: list[PlaneFigures]) -> float:
    """The part that went through BPF; 1 if nothing went at all."""
    fast, every = _bytes(planes)
    return fast / every if every else 1.0


def _share(where: str, planes: list[PlaneFigures]) -> str:
    fast, every = _bytes(planes)
    return f"{where} BPF carried {fast} of {every} bytes"


def _bytes(planes: list[PlaneFigures]) -> tuple[int, int]:
    fast = sum(one.ebpf_bytes for one in planes)
    return fast, fast + sum(one.tun_bytes for one in planes)
