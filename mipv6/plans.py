"""What the kernel of a mobile node should hold, for where it is (RFC 6275 §11.3, §11.5.5)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Network

from client.core.ipv6 import NextHeader, solicited_node
from client.core.links import Links
from client.core.plan import (
    ANCHOR,
    Anchor,
    End,
    EspHeaders,
    Item,
    Membership,
    MobilityHeaders,
    OptimisticAddresses,
    Plan,
    Route,
    Rule,
    Table,
    Tunnel,
)
from mipv6.binding import Target
from mipv6.handover import Way

EVERYWHERE = IPv6Network("::/0")
LINK_LOCAL = IPv6Network("fe80::/10")
DEFAULT_MTU = 1500
LEAST_MTU = 1280
"""Bytes that every IPv6 link takes (RFC 8200 §5)."""

OUTER_HEADER = 40
DHCP_CLIENT, DHCP_SERVER = 546, 547


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan rests on."""

    home_address: IPv6Address
    home_prefix: IPv6Network
    links: Links
    home: Target | None = None  # where we are, if that is at home and the home agent was told
    sending: Way | None = None
    receiving: tuple[Way, ...] = ()
    direct: tuple[Tunnel, ...] = ()  # to correspondents
    on_link: tuple[IPv6Network, ...] = ()  # prefixes of the link that carries us
    esp: int | None = None  # the SPI under which home agents speak to us

    @property
    def mtu(self) -> int:
        """Bytes of the longest packet from the home address."""
        narrowest = min((link.mtu for link in self.links.up()), default=DEFAULT_MTU)
        return max(narrowest - OUTER_HEADER, LEAST_MTU)


def plan(situation: Situation) -> Plan:
    """The plan: the home address is on the anchor always, also at home."""
    optimistic = tuple(OptimisticAddresses(link.index) for link in situation.links.links)
    return (
        MobilityHeaders(),
        *(() if situation.esp is None else (EspHeaders(situation.esp, situation.esp),)),
        *optimistic,
        *_member(situation),
        Anchor(mtu=situation.mtu, address6=situation.home_address),
        *_ways_out(situation),
        *_tunnels(situation),
        *_routes(situation),
        *_rules(situation),
    )


def _member(situation: Situation) -> Iterator[Item]:
    """At home we answer neighbour solicitations for the home address ourselves: it is not on that link."""
    if situation.home:
        yield Membership(situation.home.hop.interface, solicited_node(situation.home_address))


def _ways_out(situation: Situation) -> Iterator[Item]:
    """The router in force takes outer packets: routes that the kernel keeps of former links would mislead them."""
    way = situation.sending
    remotes = dict.fromkeys((*([way.home_agent] if way else ()), *(tunnel.remote for tunnel in situation.direct)))
    hop = way.target.hop if way else None
    for remote in remotes:
        if hop and hop.router and isinstance(remote, IPv6Address):
            here = any(remote in prefix for prefix in situation.on_link)
            gateway = None if here else hop.router
            yield Route(destination=IPv6Network(remote), interface=hop.interface, gateway=gateway, table=Table.MAIN)


def _tunnels(situation: Situation) -> Iterator[Item]:
    """Packets come by all ways, and go by the one that is in force."""
    for way in situation.receiving:
        in_force = situation.sending is not None and situation.sending.key == way.key
        yield Tunnel(
            end=End.MOBILE,
            home_address=situation.home_address,
            local=way.target.care_of_address,
            remote=way.home_agent,
            sends=in_force and situation.home is None,
            interface=way.target.hop.interface,
            signalling=situation.esp is None,
        )
    yield from situation.direct


def _routes(situation: Situation) -> Iterator[Item]:
    home, source = situation.home, situation.home_address
    if home is None:
        # Into the tunnel; or, with no way yet, packets wait for retransmission, and nobody gets "unreachable".
        yield Route(destination=EVERYWHERE, interface=ANCHOR, source=source)
        return
    yield Route(destination=situation.home_prefix, interface=home.hop.interface, source=source)
    if home.hop.router:
        yield Route(destination=EVERYWHERE, interface=home.hop.interface, gateway=home.hop.router, source=source)


def _rules(situation: Situation) -> Iterator[Item]:
    """Signalling, DHCP, neighbours and whoever binds to a local address go past the home address; all others use it."""
    addresses = dict.fromkeys(address.ip for link in situation.links.links for address in link.addresses6)
    addresses.pop(situation.home_address, None)
    yield Rule(order=0, table=Table.MAIN, marked=True, version=6)
    yield Rule(order=0, table=Table.MAIN, destination=LINK_LOCAL, version=6)
    yield Rule(
        order=1,
        table=Table.MAIN,
        protocol=NextHeader.UDP,
        source_port=DHCP_CLIENT,
        destination_port=DHCP_SERVER,
        version=6,
    )
    yield from (Rule(order=2, table=Table.MAIN, bound_to=address, version=6) for address in addresses)
    yield Rule(order=3, table=Table.OURS, version=6)
