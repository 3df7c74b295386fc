"""Does data flow, and how long may packets be? Proof, the search for the MTU, keepalives and recovery in one."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.machine import Heard, Random, Send, Traffic
from client.core.path_mtu import PathSearch
from client.core.proof import Proof
from client.core.recovery import Recovery
from client.mipv4 import plans
from client.mipv4.keepalive import Keepalive
from client.mipv4.probing import keepalives, sent_by
from client.mipv4.registration_state import Binding, Way, path_of


@dataclass(frozen=True, slots=True)
class Course:
    """What the home agent granted, and the way to it that packets do not take yet, if there is one."""

    binding: Binding | None
    unproven: Way | None


class PathWatch:
    """Watches the path of the binding; what it sends takes the way that is to be proven."""

    def __init__(self, random: Random, keepalive: float) -> None:
        self.proof: Proof[Send] = Proof(random, keepalive)
        self.search = PathSearch(random)
        self.recovery = Recovery()
        self._keepalive = Keepalive(keepalive)
        self._measured: object = None  # the way that the search is about

    @property
    def deadline(self) -> float:
        """The earliest of all parts."""
        return min(self.proof.deadline, self.search.deadline, self.recovery.deadline)

    def begin(self, binding: Binding, course: Course, now: float) -> list[Send]:
        """This binding is granted: prove its path."""
        self.proof.keepalive = self._keepalive.interval(binding)
        return self._probe(self.proof.begin(path_of(binding), now), course)

    def end(self) -> None:
        """No path to prove."""
        self.proof.end()
        self.search.end()
        self.recovery.end()

    def check(self, course: Course, now: float) -> list[Send]:
        """Prove it anew, now."""
        return self._probe(self.proof.check(now), course)

    def timeout(self, course: Course, now: float) -> list[Send]:
        """The deadline."""
        return [*self._probe(self.proof.timeout(now), course), *self.search.timeout(now)]

    def traffic(self, counted: Traffic, course: Course, now: float) -> list[Send]:
        """So much has gone and come."""
        suspicion = self.search.traffic(counted.sent_bytes, counted.received_bytes, now)
        return [*self._probe(self.proof.traffic(counted.sent, now), course), *suspicion]

    def hear(self, heard: Heard, now: float) -> bool:
        """An echo reply: is it proof?"""
        if self.proof.hear(heard.packet, heard.interface, heard.link_layer_source, now):
            self.recovery.end()
            return True
        self.search.hear(heard.packet, heard.interface, heard.link_layer_source, now)
        return False

    def lost(self, binding: Binding | None) -> None:
        """Nothing comes back any more."""
        if binding:
            self._keepalive.lost(binding)

    def follow(self, way: Way | None) -> None:
        """Packets take this way now: what was measured of another one counts no more."""
        key = way.key if way else None
        if key != self._measured:
            self._measured = key
            self.search.end()

    def measure(self, binding: Binding | None, situation: plans.Situation, now: float) -> list[Send]:
        """The path is proven, and packets take it: how long may they be?"""
        if binding is None or situation.way is None or situation.way.key != binding.way.key:
            return []
        self.follow(binding.way)
        limit = plans.tunnel_mtu(situation.links, binding.encapsulation)
        tunnel = plans.entrance(situation, binding.home_address)
        return self.search.begin(path_of(binding), limit, now, tunnel=tunnel, round_trip=self.proof.round_trip)

    def _probe(self, probes: list[Send], course: Course) -> list[Send]:
        way, binding = course.unproven, course.binding
        beside = keepalives(binding) if probes else []
        if way is None or binding is None:
            return [*probes, *beside]
        self.proof.passed_by(len(probes))
        return [*(sent_by(way, probe, binding.home_address) for probe in probes), *beside]
