"""Plans that use every kind of item."""

from __future__ import annotations

from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network

from client.core.plan import (
    ANCHOR,
    Anchor,
    Anycast,
    End,
    Membership,
    MobilityHeaders,
    Neighbour,
    OptimisticAddresses,
    Plan,
    QuietArp,
    Route,
    Rule,
    Table,
    Tunnel,
)
from tests.client.linux.holder import eventually
from tests.client.linux.namespaces import LINK, Namespace

HOME = IPv4Address("10.99.0.5")
HOME6 = IPv6Address("2001:db8:99::5")
HERE6, THERE6 = IPv6Address("2001:db8:7::1"), IPv6Address("2001:db8:7::2")
ANYCAST6 = IPv6Address("2001:db8:7:0:fdff:ffff:ffff:fffe")
GROUP6 = IPv6Address("ff02::1:ff00:5")


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


def give_addresses6(*ends: Namespace) -> None:
    """HERE6 and THERE6, to be used at once; after this no address is tentative any more."""
    for end, address in zip(ends, (HERE6, THERE6), strict=False):
        assert eventually(partial(_is_settled, end))
        end.ip("addr", "add", f"{address}/64", "dev", LINK, "nodad")


def _is_settled(end: Namespace) -> bool:
    return "tentative" not in end.ip("-6", "addr")


def mobile_plan6(here: Namespace, mtu: int = 1460) -> Plan:
    """What a mobile node away from home holds for IPv6; also one item of each other kind."""
    return (
        MobilityHeaders(),
        OptimisticAddresses(here.interface),
        Membership(here.interface, GROUP6),
        Anycast(here.interface, ANYCAST6),
        Anchor(mtu, None, address6=HOME6),
        Tunnel(end=End.MOBILE, home_address=HOME6, local=HERE6, remote=THERE6, interface=here.interface),
        Rule(order=0, table=Table.MAIN, marked=True, version=6),
        Rule(order=1, table=Table.MAIN, protocol=17, source_port=546, destination_port=547, version=6),
        Rule(order=2, table=Table.MAIN, bound_to=HERE6, version=6),
        Rule(order=3, table=Table.MAIN, destination=IPv6Network("fe80::/10"), version=6),
        Rule(order=4, table=Table.OURS, version=6),
        Neighbour(
            interface=here.interface,
            address=IPv6Address("2001:db8:7::77"),
            link_layer_address=bytes.fromhex("020000000007"),
        ),
        Route(
            destination=IPv6Network("2001:db8:88::/48"),
            interface=here.interface,
            gateway=IPv6Address("2001:db8:ffff::1"),
            source=HOME6,
            mtu=1400,
        ),
        Route(destination=IPv6Network("::/0"), interface=ANCHOR, source=HOME6),
    )


def home_agent_plan6(there: Namespace) -> Plan:
    """What the home agent at the other end holds for IPv6."""
    return (
        MobilityHeaders(),
        Anchor(1460),
        Rule(order=0, table=Table.MAIN, marked=True, version=6),
        Tunnel(end=End.HOME, home_address=HOME6, local=THERE6, remote=HERE6, interface=there.interface),
        Route(destination=IPv6Network(HOME6), interface=ANCHOR, table=Table.MAIN),
    )
