"""What the kernel of a mobile node should hold, for where it is (RFC 5944 §4.2.1, §4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from client.core.ipv4 import Protocol
from client.core.links import Link, Links
from client.core.plan import (
    ANCHOR,
    EMPTY,
    Anchor,
    End,
    Item,
    Neighbour,
    Plan,
    QuietArp,
    Route,
    Rule,
    Table,
    Tunnel,
)
from client.core.status import Place
from client.mipv4.movement import AtHome, Attachment
from client.mipv4.registration_state import Binding

EVERYWHERE = IPv4Network("0.0.0.0/0")
TUNNEL_OVERHEAD = 20  # an IPv4 header (RFC 2003)
DEFAULT_MTU = 1500
DHCP_CLIENT, DHCP_SERVER = 68, 67


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan rests on."""

    home_address: IPv4Address | None
    home_network: IPv4Network | None
    links: Links
    attachment: Attachment
    binding: Binding | None


def plan(situation: Situation) -> Plan:
    """The plan; without a home address only silence."""
    home_address = situation.home_address
    home = _home_link(situation)
    quiet = tuple(QuietArp(link.index) for link in situation.links.links if link.index != home)
    if home_address is None:
        return quiet
    way = _way(situation, home_address)
    anchor = Anchor(mtu=tunnel_mtu(situation.links), address=home_address)
    return (*quiet, anchor, *way.tunnel, *way.routes, *_rules(situation.links, home_address))


def _home_link(situation: Situation) -> int | None:
    attachment = situation.attachment
    return attachment.link.index if isinstance(attachment, AtHome) and attachment.certain else None


def tunnel_mtu(links: Links) -> int:
    """Bytes that fit into the tunnel on the narrowest link that is up."""
    return min((link.mtu for link in links.up()), default=DEFAULT_MTU) - TUNNEL_OVERHEAD


def _rules(links: Links, home_address: IPv4Address) -> Plan:
    """Signalling, DHCP and whoever binds to a local address go past the home address; all others use it."""
    # A DHCP server, at home or not, may give us our own home address: that is no local one.
    addresses = dict.fromkeys(address.ip for link in links.links for address in link.addresses)
    addresses.pop(home_address, None)
    return (
        Rule(order=0, table=Table.MAIN, marked=True),
        Rule(
            order=1,
            table=Table.MAIN,
            protocol=Protocol.UDP,
            source_port=DHCP_CLIENT,
            destination_port=DHCP_SERVER,
        ),
        *(Rule(order=2, table=Table.MAIN, bound_to=address) for address in addresses),
        Rule(order=3, table=Table.OURS),
    )


@dataclass(frozen=True, slots=True)
class _Way:
    """How packets with the home address go."""

    routes: Plan
    tunnel: Plan = EMPTY


def _way(situation: Situation, home_address: IPv4Address) -> _Way:
    attachment, binding = situation.attachment, situation.binding
    if isinstance(attachment, AtHome) and attachment.certain:
        return _Way(_at_home(attachment, home_address, situation.home_network))
    if binding and binding.lifetime:
        link = situation.links.get(binding.target.link[0])
        if link and link.up and link.ups == binding.target.link[1]:
            return _bound(binding, link, home_address)
    # No way yet: packets wait for retransmission, and nobody gets "network unreachable" while we move.
    return _Way((Route(destination=EVERYWHERE, interface=ANCHOR, source=home_address),))


def _at_home(attachment: AtHome, home_address: IPv4Address, network: IPv4Network | None) -> Plan:
    index = attachment.link.index
    routes: list[Item] = []
    if network:
        routes.append(Route(destination=network, interface=index, source=home_address))
    routes.append(Route(destination=EVERYWHERE, interface=index, gateway=attachment.gateway, source=home_address))
    return tuple(routes)


def _bound(binding: Binding, link: Link, home_address: IPv4Address) -> _Way:
    if binding.target.place is Place.FOREIGN_AGENT:
        return _through_agent(binding, link, home_address)
    if all(address.ip != binding.target.care_of_address for address in link.addresses):
        return _Way((Route(destination=EVERYWHERE, interface=ANCHOR, source=home_address),))
    return _co_located(binding, link, home_address)


def _through_agent(binding: Binding, link: Link, home_address: IPv4Address) -> _Way:
    """The agent is our router, known by the link-layer address of its advertisement: no ARP (§4.2.1)."""
    target = binding.target
    if target.agent is None or target.agent_link_layer_address is None:
        return _Way(EMPTY)
    return _Way(
        (
            Neighbour(interface=link.index, address=target.agent, link_layer_address=target.agent_link_layer_address),
            Route(destination=EVERYWHERE, interface=link.index, gateway=target.agent, source=home_address),
        )
    )


def _co_located(binding: Binding, link: Link, home_address: IPv4Address) -> _Way:
    target = binding.target
    tunnel = Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=target.care_of_address,
        remote=binding.home_agent,
        sends=target.reverse_tunnel,
        interface=link.index,
    )
    if target.reverse_tunnel:
        return _Way((Route(destination=EVERYWHERE, interface=ANCHOR, source=home_address),), (tunnel,))
    direct = Route(destination=EVERYWHERE, interface=link.index, gateway=link.gateway, source=home_address)
    return _Way((direct,), (tunnel,))
