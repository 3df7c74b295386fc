"""What goes wrong in a seed: every seed switches on a subset of its own (swarm testing)."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import Enum
from typing import Any

from tests.simulation.chance import Chance


class Fault(Enum):
    """One kind of trouble; its value is what the coverage table counts."""

    LOSS = "loss"
    DUPLICATION = "duplication"
    REORDERING = "reordering"
    JITTER = "jitter"
    CORRUPTION = "corruption"
    PARTITION = "partition"
    HOME_AGENT_RESTART = "home-agent-restart"
    HOME_AGENT_AMNESIA = "home-agent-amnesia"
    FOREIGN_AGENT_REBOOT = "foreign-agent-reboot"
    CRASH = "crash"
    REBOOT = "reboot"
    MOBILE_CLOCK_STEP = "mobile-clock-step"
    HOME_CLOCK_STEP = "home-clock-step"
    LEASE_CHANGE = "lease-change"
    FLAP = "flap"
    TOGGLE = "toggle"
    EARLY_TIMEOUT = "early-timeout"
    KERNEL_REFUSES = "kernel-refuses"
    NAT_FORGETS = "nat-forgets"
    REPLAY = "replay"
    ALTER = "alter"
    DELAY = "delay"
    REFLECT = "reflect"
    FORGE_REQUEST = "forge-request"
    FORGE_REPLY = "forge-reply"
    FORGE_MISMATCH = "forge-133"
    FORGE_DENIAL = "forge-denial"
    FORGE_ADVERTISEMENT = "forge-advertisement"
    IMPOSTOR = "impostor"


ON_LINKS = (Fault.LOSS, Fault.DUPLICATION, Fault.REORDERING, Fault.JITTER, Fault.CORRUPTION, Fault.PARTITION)
ATTACKS = tuple(Fault)[tuple(Fault).index(Fault.REPLAY) :]
SHARE = 0.35
"""How likely a fault is in a seed: with fewer at a time, one does not hide what another would show."""


@dataclass(frozen=True, slots=True)
class Plot:
    """What a seed holds in store, apart from the moments at which it strikes."""

    faults: frozenset[Fault]
    loss: float
    jitter: float
    mobile_skew: float
    home_skew: float
    drift: float
    lifetime: int
    agents_require: bool
    addresses_everywhere: bool
    slow_addresses: bool
    home_has_addresses: bool
    overlap: bool = False
    wanted: tuple[str, ...] = ("ipip", "udp")  # the mobile node's encapsulations, the best first
    granted: tuple[str, ...] = ("ipip", "gre", "minimal", "udp")  # by the home agent
    offered: tuple[str, ...] = ("ipip",)  # by the foreign agents
    forced_udp: bool = True
    most_bindings: int = 3
    keepalive: int = 0

    def has(self, fault: Fault) -> bool:
        """Is it switched on?"""
        return fault in self.faults


WANTED = (("ipip", "udp"), ("ipip", "udp"), ("udp",), ("gre", "udp"), ("minimal", "gre", "udp"), ("udp", "gre"))
SKEWS = (0.0, 0.0, 1.0, -1.0, 6.9, -6.9, 8.0, -60.0, 60.0, 3600.0, -3600.0, 86400.0 * 30)


def plot(seed: int) -> Plot:
    """The plot of a seed."""
    chance = Chance(seed, "plot")
    chosen = {fault for fault in Fault if chance.happens(SHARE)}
    if Fault.HOME_CLOCK_STEP in chosen:
        # Today the home agent keeps no identification across a restart, only the rule that none may be older than
        # the start. With a clock that stepped back before the restart that rule is not enough.
        chosen -= {Fault.HOME_AGENT_RESTART, Fault.HOME_AGENT_AMNESIA}
    return Plot(
        faults=frozenset(chosen),
        loss=chance.pick((0.02, 0.1, 0.3, 0.6)),
        jitter=chance.pick((0.01, 0.2, 2.0)),
        mobile_skew=chance.pick(SKEWS),
        home_skew=chance.pick(SKEWS),
        drift=chance.between(-5e-4, 5e-4),
        lifetime=chance.pick((20, 45, 120, 600)),
        agents_require=chance.happens(0.3),
        addresses_everywhere=chance.happens(0.3),
        slow_addresses=chance.happens(0.3),
        home_has_addresses=chance.happens(0.5),
        overlap=chance.happens(0.5),
        wanted=chance.pick(WANTED),
        granted=chance.pick((("ipip", "gre", "minimal", "udp"), ("ipip", "udp"), ("ipip", "minimal", "udp"))),
        offered=chance.pick((("ipip",), ("ipip", "gre"), ("ipip", "gre", "minimal"))),
        forced_udp=chance.happens(0.7),
        most_bindings=chance.pick((1, 2, 3)),
        keepalive=chance.pick((0, 12, 30)),
    )


def to_json(plotted: Plot) -> dict[str, object]:
    """A plot that can be kept: what it means then no longer hangs on how plots are made."""
    return {**asdict(plotted), "faults": sorted(fault.value for fault in plotted.faults)}


def from_json(stored: dict[str, Any]) -> Plot:
    """The plot that was kept."""
    lists = {name: tuple(value) for name, value in stored.items() if isinstance(value, list)}
    return Plot(**{**stored, **lists, "faults": frozenset(Fault(value) for value in stored["faults"])})
