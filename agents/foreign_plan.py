"""What the kernel holds for a foreign agent: each visitor's tunnel (RFC 5944 §4.2.2, RFC 3024 §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from agents.plan_book import PlanBook
from agents.priorities import HOME_ADDRESSES, REVERSE_TUNNEL, SIGNALLING
from agents.settings import ANCHOR_MTU
from agents.visitors import Visitor, Visitors
from client.core.plan import (
    ANCHOR,
    Anchor,
    Delivery,
    Encapsulation,
    End,
    Item,
    Neighbour,
    Plan,
    Route,
    Rule,
    Table,
    Tunnel,
)
from client.mipv4.messages import PORT

FIXED: Plan = (
    Anchor(mtu=ANCHOR_MTU),
    Rule(order=SIGNALLING, table=Table.MAIN, marked=True),
    Route(destination=IPv4Network("0.0.0.0/0"), interface=ANCHOR, table=Table.REVERSE),
)


class ForeignPlan:
    """Follows the visitor list of a foreign agent.

    `direct`: what we ourselves say to a visitor from an address of our own goes straight to it. No other
    packet does: a visitor's word about its address must not draw other people's traffic to it.
    """

    def __init__(self, visitors: Visitors, *, direct: bool) -> None:
        self._visitors = visitors
        self._direct = direct
        self._book = PlanBook()

    def current(self, own_addresses: Iterable[IPv4Address]) -> Plan:
        """The plan for the visitors of now."""
        self._book.put("fixed", (*FIXED, *self._rules(own_addresses)))
        for home_address in self._visitors.take_changes():
            visitor = self._visitors.at(home_address)
            served = visitor is not None and not visitor.co_located
            self._book.put(
                home_address, tuple(_visitor_items(visitor, direct=self._direct)) if visitor and served else ()
            )
        return self._book.plan

    def _rules(self, own_addresses: Iterable[IPv4Address]) -> Plan:
        if not self._direct:
            return ()
        return tuple(Rule(order=HOME_ADDRESSES, table=Table.OURS, bound_to=address) for address in own_addresses)


def _visitor_items(visitor: Visitor, *, direct: bool) -> Iterator[Item]:
    home_address, interface = visitor.home_address, visitor.interface
    yield Neighbour(interface=interface, address=home_address, link_layer_address=visitor.link_layer_address)
    if direct:
        yield Route(destination=IPv4Network(home_address), interface=interface)
    yield Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=visitor.care_of_address,
        remote=visitor.home_agent,
        encapsulation=visitor.encapsulation,
        ports=(PORT, PORT) if visitor.encapsulation is Encapsulation.UDP else None,
        sends=visitor.reverse_tunnel,
        delivery=Delivery(interface=interface, link_layer_address=visitor.link_layer_address),
    )
    if visitor.reverse_tunnel:
        yield Rule(order=REVERSE_TUNNEL, table=Table.REVERSE, bound_to=home_address, arriving_on=interface)
