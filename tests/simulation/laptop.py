"""The laptop as a thing that is carried about: plugged in here and there, given addresses, its lid closed."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address, IPv4Interface

from tests.simulation.chance import Chance
from tests.simulation.journal import Journal
from tests.simulation.process import Process
from tests.simulation.timeline import Timeline
from tests.simulation.topology import ADDRESS_LANS, AGENT_LANS, NAT_LAN, Topology

PORTS = (2, 3)


class Laptop:
    """Moves the mobile node from link to link; it has two network cards, and uses the other one at each second link."""

    def __init__(
        self, process: Process, topology: Topology, timeline: Timeline, chance: Chance, journal: Journal
    ) -> None:
        self._process = process
        self._topology = topology
        self._timeline = timeline
        self._chance = chance
        self._journal = journal
        self._visit = 0
        self._hosts = 100
        self.moved: Callable[[], None] = lambda: None
        self.serving: Callable[[str], bool] = lambda place: True
        self.slow = False
        self.place: str | None = None
        self.port = PORTS[0]

    @property
    def addresses(self) -> list[IPv4Address]:
        """What address servers have given us."""
        return [address.ip for address in self._process.host.ports[self.port].addresses]

    def go(self, place: str) -> None:
        """Unplug, carry, plug in."""
        self.leave()
        self._timeline.after(self._chance.between(0.05, 1.5), lambda: self.arrive(place))

    def leave(self) -> None:
        """The link goes down, its addresses go with it."""
        self._visit += 1
        if self.place is not None:
            self._journal.note(f"laptop leaves {self.place}")
            self.place = None
            for port in PORTS:
                self._unplug(port)
            self._process.links_changed()

    def arrive(self, place: str) -> None:
        """The link comes up; an address follows where there is a server for it."""
        if self.place is not None:
            return
        self._journal.note(f"laptop arrives at {place}")
        self._plug(place)

    def shift(self, place: str) -> None:
        """Plug the other card in elsewhere, and pull the first one out a while after the new address has come."""
        if self.place is None:
            return self.go(place)
        self._journal.note(f"laptop goes on to {place} with its other card")
        self._visit += 1
        former = self.port
        self._unplug(other_than(former))
        self.port = other_than(former)
        self._plug(place)
        visit = self._visit
        return self._timeline.after(self._chance.between(0.2, 6.0), lambda: self._let_go(former, visit))

    def _let_go(self, former: int, visit: int) -> None:
        if visit == self._visit and self._process.host.ports[former].lan is not None:
            self._journal.note(f"laptop pulls eth{former} out")
            self._unplug(former)
            self.moved()
            self._process.links_changed()

    def _plug(self, place: str) -> None:
        self.place = place
        self._process.host.plug(self.port, self._topology.lans[place])
        self.moved()
        if not self.serving(place):
            self._process.host.preferred = self.port  # no better address will come: this card it is
        self._process.links_changed()
        if self.serving(place):
            visit = self._visit
            wait = self._chance.between(1.0, 20.0) if self.slow else self._chance.between(0.02, 0.6)
            self._timeline.after(wait, lambda: self._lease(place, visit))

    def flap(self) -> bool:
        """The link goes down and comes back; the address stays if nobody takes it away in time."""
        if self.place is None:
            return False
        place = self.place
        host = self._process.host
        self._journal.note("link flaps")
        host.unplug(self.port)
        self.moved()
        self._process.links_changed()
        host.plug(self.port, self._topology.lans[place])
        self.moved()
        self._process.links_changed()
        return True

    def change_lease(self) -> bool:
        """The address server gives another address."""
        if self.place is None or not self.addresses:
            return False
        self._lease(self.place, self._visit)
        return True

    def _lease(self, place: str, visit: int) -> None:
        if visit != self._visit or self.place != place:
            return
        network = lan_prefix(place)
        # Networks number their guests alike: the same host part elsewhere, and sometimes the same address again.
        self._hosts = 100 + self._chance.below(4)
        self._journal.note(f"laptop gets {network}.{self._hosts}")
        self._change([IPv4Interface(f"{network}.{self._hosts}/24")], IPv4Address(f"{network}.1"))

    def _unplug(self, index: int) -> None:
        host = self._process.host
        host.unplug(index)
        host.ports[index].addresses.clear()
        host.ports[index].gateway = None

    def _change(self, addresses: list[IPv4Interface], gateway: IPv4Address | None) -> None:
        port = self._process.host.ports[self.port]
        if self._process.host.preferred != self.port:
            self._process.host.preferred = self.port
            self.moved()  # only now do packets go by the new link
        port.addresses[:] = addresses
        port.gateway = gateway
        self._process.links_changed()


def other_than(port: int) -> int:
    """The other card."""
    return PORTS[1] if port == PORTS[0] else PORTS[0]


def lan_prefix(place: str) -> str:
    """The first three numbers of a link's addresses."""
    if place in AGENT_LANS:
        return f"10.2{AGENT_LANS.index(place) + 1}.0"
    if place in ADDRESS_LANS:
        return f"10.3{ADDRESS_LANS.index(place) + 1}.0"
    return "10.41.0" if place == NAT_LAN else "10.1.0"
