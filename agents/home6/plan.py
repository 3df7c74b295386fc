"""What the kernel holds for a home agent for IPv6: the tunnel of each node away, and what we listen to for it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

from agents.home6.bindings import Bindings6
from agents.home6.prefixes import HomePrefixes
from agents.home6.settings import Home6Settings
from agents.home6.trials import Trials
from agents.plan_book import PlanBook
from client.core.ipv6 import solicited_node
from client.core.plan import (
    ANCHOR,
    Anchor,
    Anycast,
    End,
    EspHeaders,
    Item,
    Membership,
    MobilityHeaders,
    Plan,
    Route,
    Table,
    Tunnel,
)
from mipv6.home_agent_discovery import home_agents_anycast

ANCHOR_MTU = 1460
"""What fits into a tunnel over Ethernet: 1500 less an outer IPv6 header."""


def fixed(*, shortcut: bool = False) -> Plan:
    """The anchor stands from the start, so that a binding costs one tunnel and one route."""
    return (MobilityHeaders(), Anchor(mtu=ANCHOR_MTU, shortcut=shortcut))


class HomePlan6:
    """Follows bindings and trials; a change costs the items of its own home address."""

    def __init__(self, settings: Home6Settings, prefixes: HomePrefixes, bindings: Bindings6, trials: Trials) -> None:
        self._settings = settings
        self._prefixes = prefixes
        self._bindings = bindings
        self._trials = trials
        self._link: int | None = None
        self._groups: Counter[IPv6Address] = Counter()  # how many of our addresses need a group
        self._joined: dict[IPv6Address, tuple[IPv6Address, ...]] = {}  # the groups of each home address
        self._book = PlanBook()
        self._book.put("fixed", fixed(shortcut=settings.shortcut))

    def expect_esp(self, spis: Collection[int]) -> None:
        """Under these nodes speak to us in ESP. They may be many; what others send through a router is not for us."""
        self._book.put("esp", (EspHeaders(min(spis), max(spis)),) if spis else ())

    def current(self, link: int | None) -> Plan:
        """The plan of now; `link` is the interface of the home link, if there is one."""
        changed = self._bindings.take_changes() | self._trials.take_changes()
        if link != self._link:
            self._link = link
            for group in list(self._groups):
                self._settle_group(group)
        for home_address in changed:
            self._settle(home_address)
        self._book.put("anycast", self._anycast())
        return self._book.plan

    def _settle(self, home_address: IPv6Address) -> None:
        self._book.put(home_address, tuple(self._items(home_address)))
        binding, trial = self._bindings.of(home_address), self._trials.of(home_address)
        addresses = (*(binding.defended if binding else ()), *(trial.addresses if trial else ()))
        groups = tuple(dict.fromkeys(map(solicited_node, addresses)))
        before = self._joined.pop(home_address, ())
        self._groups.update(groups)
        self._groups.subtract(before)
        if groups:
            self._joined[home_address] = groups
        for group in {*before, *groups}:
            self._settle_group(group)

    def _settle_group(self, group: IPv6Address) -> None:
        """Two home addresses may have the same group: it is joined once."""
        if not self._groups[group]:
            del self._groups[group]
        joined = self._link is not None and group in self._groups
        self._book.put(("group", group), (Membership(self._link, group),) if joined and self._link is not None else ())

    def _items(self, home_address: IPv6Address) -> Iterator[Item]:
        binding = self._bindings.of(home_address)
        if binding is not None:
            yield replace(
                _tunnel(home_address, binding.home_agent, binding.care_of_address, sends=True),
                signalling=not binding.protected,
            )
            yield Route(destination=IPv6Network(home_address), interface=ANCHOR, table=Table.MAIN)
        for former in self._bindings.formers(home_address):
            yield _tunnel(home_address, former.home_agent, former.care_of_address, sends=False)

    def _anycast(self) -> Plan:
        if self._link is None or not self._settings.discovery:
            return ()
        return tuple(Anycast(self._link, home_agents_anycast(home.prefix)) for home in self._prefixes.all)


def _tunnel(home_address: IPv6Address, local: IPv6Address, remote: IPv6Address, *, sends: bool) -> Tunnel:
    return Tunnel(end=End.HOME, home_address=home_address, local=local, remote=remote, sends=sends)
