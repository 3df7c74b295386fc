"""Plans that use every kind of item."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network

from client.core.plan import ANCHOR, Anchor, End, Neighbour, Plan, QuietArp, Route, Rule, Table, Tunnel
from tests.client.linux.namespaces import Namespace

HOME = IPv4Address("10.99.0.5")


def mobile_plan(here: Namespace, there: Namespace, mtu: int = 1480) -> Plan:
    """What a mobile node away from home holds: co-located, reverse tunnel, one item of every kind."""
    return (
        Anchor(mtu, HOME),
        QuietArp(here.interface),
        Tunnel(end=End.MOBILE, home_address=HOME, local=here.address, remote=there.address, interface=here.interface),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=1, table=Table.MAIN, protocol=17, source_port=68, destination_port=67),
        Rule(order=2, table=Table.MAIN, bound_to=here.address),
        Rule(order=3, table=Table.OURS),
        Neighbour(
            interface=here.interface,
            address=IPv4Address("10.7.0.77"),
            link_layer_address=bytes.fromhex("020000000007"),
        ),
        Route(destination=IPv4Network("0.0.0.0/0"), interface=ANCHOR, source=HOME),
    )


def home_agent_plan(here: Namespace, there: Namespace) -> Plan:
    """What the home agent at the other end holds; `there` is the mobile node."""
    return (
        Anchor(1480),
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(order=1, table=Table.OURS),
        Tunnel(end=End.HOME, home_address=HOME, local=here.address, remote=there.address),
        Route(destination=IPv4Network(HOME), interface=ANCHOR),
    )
