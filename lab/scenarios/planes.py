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
"""The part of all tunnelled bytes that must go through BPF where the daemon says that it runs on it."""

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
    found = [
        f"on {one.node} BPF carried {one.ebpf_bytes} of {one.ebpf_bytes + one.tun_bytes} bytes"
        for one in planes
        if one.dataplane == FAST and one.ebpf_bytes < LEAST_FAST * (one.ebpf_bytes + one.tun_bytes)
    ]
    if not planes or not all(one.ebpf_bytes + one.tun_bytes for one in planes):
        found.append("a daemon's status does not say what its data plane carried")
    return found
