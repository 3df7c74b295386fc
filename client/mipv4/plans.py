"""What the kernel of a mobile node should hold, for where it is (RFC 5944 §4.2.1, §4.6)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network

from client.core.ipv4 import BROADCAST, Protocol
from client.core.links import Link, Links
from client.core.overhead import overhead
from client.core.plan import (
    ANCHOR,
    Anchor,
    Encapsulation,
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
from client.mipv4.registration_state import Way

EVERYWHERE = IPv4Network("0.0.0.0/0")
DEFAULT_MTU = 1500
DHCP_CLIENT, DHCP_SERVER = 68, 67


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """All that a plan rests on."""

    home_address: IPv4Address | None
    home_network: IPv4Network | None
    home_agent: IPv4Address
    links: Links
    attachment: Attachment
    sending: tuple[Way, ...] = ()  # the first usable one is taken
    receiving: tuple[Way, ...] = ()
    broadcasts: bool = False
    tunnelled: tuple[IPv4Network, ...] | None = None
    path_mtu: int | None = None  # of inner packets, as probes have found it

    @property
    def broadcast(self) -> IPv4Address:
        """What is sent to all of the home network is sent to this."""
        return self.home_network.broadcast_address if self.home_network else BROADCAST

    @property
    def way(self) -> Way | None:
        """The one that packets take."""
        return next((way for way in self.sending if way.is_usable(self.links)), None)

    @property
    def mtu(self) -> int:
        """Bytes of the longest packet from the home address: what the links allow, or what is known to come through."""
        return min(self._limit, self.path_mtu or self._limit)

    @property
    def tunnel_mtu(self) -> int | None:
        """The same, if it is less than what the kernel knows by itself."""
        return self.path_mtu if self.path_mtu is not None and self.path_mtu < self._limit else None

    @property
    def _limit(self) -> int:
        return tunnel_mtu(self.links, self.way.encapsulation if self.way else Encapsulation.IPIP)


def plan(situation: Situation) -> Plan:
    """The plan; without a home address only silence."""
    home_address = situation.home_address
    home = _home_link(situation)
    quiet = tuple(QuietArp(link.index) for link in situation.links.links if link.index != home)
    if home_address is None:
        return quiet
    broadcast = situation.broadcast if situation.broadcasts and situation.home_network else None
    anchor = Anchor(mtu=situation.mtu, address=home_address, broadcast=broadcast)
    tunnels, routes = _tunnels(situation, home_address), _routes(situation, home_address)
    return (*quiet, anchor, *tunnels, *routes, *_rules(situation, home_address))


def _home_link(situation: Situation) -> int | None:
    attachment = situation.attachment
    return attachment.link.index if isinstance(attachment, AtHome) and attachment.certain else None


def tunnel_mtu(links: Links, encapsulation: Encapsulation = Encapsulation.IPIP) -> int:
    """Bytes that fit into the tunnel on the narrowest link that is up."""
    return min((link.mtu for link in links.up()), default=DEFAULT_MTU) - overhead(encapsulation)


def _rules(situation: Situation, home_address: IPv4Address) -> Iterator[Item]:
    """Signalling, DHCP and whoever binds to a local address go past the home address; all others use it."""
    # A DHCP server, at home or not, may give us our own home address: that is no local one.
    addresses = dict.fromkeys(address.ip for link in situation.links.links for address in link.addresses)
    addresses.pop(home_address, None)
    yield Rule(order=0, table=Table.MAIN, marked=True)
    yield Rule(order=1, table=Table.MAIN, protocol=Protocol.UDP, source_port=DHCP_CLIENT, destination_port=DHCP_SERVER)
    yield from (Rule(order=2, table=Table.MAIN, bound_to=address) for address in addresses)
    if situation.tunnelled is None:
        yield Rule(order=3, table=Table.OURS)
    else:
        yield from _selection(situation, situation.tunnelled, home_address)


def _selection(situation: Situation, prefixes: tuple[IPv4Network, ...], home_address: IPv4Address) -> Iterator[Item]:
    """Packets to these, and whoever binds to the home address, as connections that began before do."""
    yield Rule(order=4, table=Table.OURS, bound_to=home_address)
    # Probes go to the home agent as a program's packets would.
    for prefix in dict.fromkeys((*prefixes, IPv4Network(situation.home_agent))):
        yield Rule(order=4, table=Table.OURS, destination=prefix)


def _routes(situation: Situation, home_address: IPv4Address) -> Plan:
    attachment, way = situation.attachment, situation.way
    if isinstance(attachment, AtHome) and attachment.certain:
        return _at_home(attachment, home_address, situation.home_network)
    link = situation.links.get(way.target.link[0]) if way else None
    if way and link and way.target.place is Place.FOREIGN_AGENT:
        return _through_agent(way, link, home_address)
    if way and link and not way.target.reverse_tunnel:
        return (Route(destination=EVERYWHERE, interface=link.index, gateway=link.gateway, source=home_address),)
    # Into the tunnel; or, with no way yet, packets wait for retransmission, and nobody gets "network unreachable".
    return (Route(destination=EVERYWHERE, interface=ANCHOR, source=home_address),)


def _at_home(attachment: AtHome, home_address: IPv4Address, network: IPv4Network | None) -> Plan:
    index = attachment.link.index
    routes: list[Item] = []
    if network:
        routes.append(Route(destination=network, interface=index, source=home_address))
    routes.append(Route(destination=EVERYWHERE, interface=index, gateway=attachment.gateway, source=home_address))
    return tuple(routes)


def _through_agent(way: Way, link: Link, home_address: IPv4Address) -> Plan:
    """The agent is our router, known by the link-layer address of its advertisement: no ARP (§4.2.1)."""
    target = way.target
    if target.agent is None or target.agent_link_layer_address is None:
        return ()
    return (
        Neighbour(interface=link.index, address=target.agent, link_layer_address=target.agent_link_layer_address),
        Route(destination=EVERYWHERE, interface=link.index, gateway=target.agent, source=home_address),
    )


def _tunnels(situation: Situation, home_address: IPv4Address) -> Iterator[Item]:
    """Those of our own: packets come by all that are usable, and go by the one that is in force."""
    for way in situation.receiving:
        if way.target.place is Place.CO_LOCATED and way.is_usable(situation.links):
            yield tunnel_of(situation, way, home_address)
    agents = [way for way in situation.receiving if way.target.place is Place.FOREIGN_AGENT]
    if situation.broadcasts and agents:
        yield _nested(situation, agents[0], home_address)


def tunnel_of(situation: Situation, way: Way, home_address: IPv4Address) -> Tunnel:
    """Between an address of our own and the home agent."""
    in_force = situation.way is not None and situation.way.key == way.key
    to_many = way.target.reverse_tunnel or situation.broadcasts
    return Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=way.target.care_of_address,
        remote=way.home_agent,
        encapsulation=way.encapsulation,
        ports=way.ports,
        mtu=situation.tunnel_mtu if in_force else None,
        sends=in_force and way.target.reverse_tunnel and _home_link(situation) is None,
        broadcast=situation.broadcast if to_many else None,
        interface=way.target.link[0],
    )


def entrance(situation: Situation, home_address: IPv4Address) -> Tunnel | None:
    """The tunnel of our own into which packets go; None where they leave plainly."""
    way = situation.way
    if way is None or way.target.place is not Place.CO_LOCATED or not way.target.reverse_tunnel:
        return None
    return tunnel_of(situation, way, home_address)


def _nested(situation: Situation, way: Way, home_address: IPv4Address) -> Tunnel:
    """What a foreign agent decapsulates is again a packet in a packet, if it was sent to many (RFC 5944 §4.3)."""
    return Tunnel(
        end=End.MOBILE,
        home_address=home_address,
        local=home_address,
        remote=way.home_agent,
        sends=False,
        broadcast=situation.broadcast,
    )
