"""What the kernel holds for a home agent: the tunnels of each node that is away (RFC 5944 §4.2.3, §4.3, §4.4)."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network

from agents.bindings import Bindings, Slots
from agents.memberships import Memberships
from agents.path import Path
from agents.plan_book import PlanBook
from agents.priorities import HOME_ADDRESSES, SIGNALLING
from agents.settings import ANCHOR_MTU, HomeAgentSettings
from client.core.plan import ANCHOR, Anchor, End, Item, Plan, Relay, Route, Rule, Table, Tunnel


def fixed(*, shortcut: bool = False) -> Plan:
    """The anchor and rules stand from the start, so that a binding costs one tunnel and one route."""
    return (
        Anchor(mtu=ANCHOR_MTU, shortcut=shortcut),
        Rule(order=SIGNALLING, table=Table.MAIN, marked=True),
        Rule(order=HOME_ADDRESSES, table=Table.OURS),
    )


class HomePlan:
    """Follows the bindings of a home agent, and the groups of its nodes."""

    def __init__(self, settings: HomeAgentSettings, bindings: Bindings, memberships: Memberships) -> None:
        self._settings = settings
        self._bindings = bindings
        self._memberships = memberships
        self._home_link: int | None = None
        self._book = PlanBook()
        self._book.put("fixed", fixed(shortcut=settings.shortcut))

    def current(self, home_link: int | None) -> Plan:
        """The plan for the bindings of now; `home_link` is the interface of the home network, if there is one."""
        changed = self._bindings.take_changes() | self._memberships.take_changes()
        if home_link != self._home_link:
            self._home_link = home_link
            changed |= {binding.home_address for binding in self._bindings}
        for home_address in changed:
            self._book.put(home_address, tuple(self._items(home_address)))
        return self._book.plan

    def _items(self, home_address: IPv4Address) -> Iterator[Item]:
        slots, former = self._bindings.of(home_address), self._bindings.former_paths(home_address)
        for copy, binding in enumerate(slots):
            receives = binding.reverse_tunnel or binding.path in former
            yield self._tunnel(home_address, binding.path, copy=copy, receives=receives)
        if slots:
            yield Route(destination=IPv4Network(home_address), interface=ANCHOR)
            yield from self._relay(home_address, slots)
        gone = former - {binding.path for binding in slots}
        for path in sorted(gone, key=lambda path: path.order):
            yield self._tunnel(home_address, path, sends=False)

    def _relay(self, home_address: IPv4Address, slots: Slots) -> Iterator[Relay]:
        """Packets to many, both ways.

        They are nested as soon as one of the bindings is a foreign agent's, which throws others away; what is
        plain would reach the co-located ones alone.
        """
        broadcasts = any(binding.broadcasts for binding in slots)
        speaks = self._settings.multicast and any(binding.speaks for binding in slots)
        if self._home_link is not None and (broadcasts or speaks):
            yield Relay(
                interface=self._home_link,
                home_address=home_address,
                broadcasts=broadcasts,
                groups=self._memberships.of(home_address),
                nested=not all(binding.co_located for binding in slots),
            )

    def _tunnel(
        self, home_address: IPv4Address, path: Path, *, copy: int = 0, sends: bool = True, receives: bool = True
    ) -> Tunnel:
        return Tunnel(
            end=End.HOME,
            home_address=home_address,
            local=self._settings.address,
            remote=path.remote,
            encapsulation=path.encapsulation,
            ports=path.ports,
            copy=copy,
            sends=sends,
            receives=receives,
        )
