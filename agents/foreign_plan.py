"""What the kernel holds for a foreign agent: each visitor's tunnel (RFC 5944 §4.2.2, RFC 3024 §5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from ipaddress import IPv4Address, IPv4Network

from agents.priorities import HOME_ADDRESSES, REVERSE_TUNNEL, SIGNALLING
from agents.settings import ANCHOR_MTU
from agents.visitors import Visitor
from client.core.plan import ANCHOR, Anchor, Delivery, End, Item, Neighbour, Plan, Route, Rule, Table, Tunnel

EVERYWHERE = IPv4Network("0.0.0.0/0")


def foreign_agent_plan(visitors: Iterable[Visitor], own_addresses: Iterable[IPv4Address], *, direct: bool) -> Plan:
    """The plan for these visitors.

    `direct`: what we ourselves say to a visitor from an address of `own_addresses` goes straight to it. No other
    packet does: a visitor's word about its address must not draw other people's traffic to it.
    """
    fixed = (
        Anchor(mtu=ANCHOR_MTU),
        Rule(order=SIGNALLING, table=Table.MAIN, marked=True),
        Route(destination=EVERYWHERE, interface=ANCHOR, table=Table.REVERSE),
    )
    served = [visitor for visitor in visitors if not visitor.co_located]
    rules = [Rule(order=HOME_ADDRESSES, table=Table.OURS, bound_to=address) for address in own_addresses if direct]
    return (*fixed, *rules, *(item for visitor in served for item in _visitor_items(visitor, direct=direct)))


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
        sends=visitor.reverse_tunnel,
        delivery=Delivery(interface=interface, link_layer_address=visitor.link_layer_address),
    )
    if visitor.reverse_tunnel:
        yield Rule(order=REVERSE_TUNNEL, table=Table.REVERSE, bound_to=home_address, arriving_on=interface)
