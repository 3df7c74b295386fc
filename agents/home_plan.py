"""What the kernel holds for a home agent: a route into the tunnel for each node that is away (RFC 5944 §4.2.3)."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from agents.bindings import Binding, Bindings
from agents.plan_book import PlanBook
from agents.priorities import HOME_ADDRESSES, SIGNALLING
from agents.settings import ANCHOR_MTU
from client.core.plan import ANCHOR, Anchor, End, Plan, Route, Rule, Table, Tunnel

FIXED: Plan = (
    Anchor(mtu=ANCHOR_MTU),
    Rule(order=SIGNALLING, table=Table.MAIN, marked=True),
    Rule(order=HOME_ADDRESSES, table=Table.OURS),
)
"""The anchor and rules stand from the start, so that a binding costs one tunnel and one route."""


class HomePlan:
    """Follows the bindings of a home agent."""

    def __init__(self, address: IPv4Address, bindings: Bindings) -> None:
        self._address = address
        self._bindings = bindings
        self._book = PlanBook()
        self._book.put("fixed", FIXED)

    def current(self) -> Plan:
        """The plan for the bindings of now."""
        for home_address in self._bindings.take_changes():
            self._book.put(home_address, self._items(home_address))
        return self._book.plan

    def _items(self, home_address: IPv4Address) -> Plan:
        binding = self._bindings.of(home_address)
        former = self._bindings.former_care_of_addresses(home_address)
        now = (
            self._bound(binding, receives=binding.reverse_tunnel or binding.care_of_address in former)
            if binding
            else ()
        )
        gone = [address for address in former if binding is None or address != binding.care_of_address]
        return (*now, *(self._tunnel(home_address, address, sends=False) for address in sorted(gone)))

    def _bound(self, binding: Binding, *, receives: bool) -> Plan:
        tunnel = self._tunnel(binding.home_address, binding.care_of_address, receives=receives)
        return tunnel, Route(destination=IPv4Network(binding.home_address), interface=ANCHOR)

    def _tunnel(
        self, home_address: IPv4Address, care_of_address: IPv4Address, *, sends: bool = True, receives: bool = True
    ) -> Tunnel:
        return Tunnel(
            end=End.HOME,
            home_address=home_address,
            local=self._address,
            remote=care_of_address,
            sends=sends,
            receives=receives,
        )
