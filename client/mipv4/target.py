"""What to register where, and how the request gets there: an attachment as the registration sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from client.core.choice import Switch
from client.core.ipv4 import ANY
from client.core.plan import Encapsulation
from client.core.status import Place
from client.mipv4.advertisement import AgentFlags
from client.mipv4.discovery import Agent
from client.mipv4.messages import INFINITE_LIFETIME
from client.mipv4.movement import AtHome, Attachment, CoLocated, ViaAgent
from client.mipv4.settings import LONGEST_AGENT_LIFETIME
from client.mipv4.udp_tunnel import UdpTunnelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Wishes:
    """What is asked of every registration away from home; people may change their minds at any time."""

    reverse_tunnel: Switch = Switch.AUTO
    encapsulations: tuple[Encapsulation, ...] = (Encapsulation.IPIP,)  # the best first
    broadcasts: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Equal targets need no new registration; what does not compare is for the next request.

    `link` is (interface index, how often it came up): a change of it is a link-layer move. `agent`, with
    its link-layer address, is whom the request goes to; None for straight to the home agent.
    """

    place: Place
    link: tuple[int, int]
    source: IPv4Address = field(compare=False)  # an assigned home address follows from the reply
    care_of_address: IPv4Address  # the home address when at home
    agent: IPv4Address | None = None
    agent_link_layer_address: bytes | None = None
    agent_reboots: int = 0
    longest_lifetime: int = field(default=INFINITE_LIFETIME, compare=False)
    reverse_tunnel: bool = False
    encapsulation: Encapsulation = Encapsulation.IPIP  # what the G and M bits say: IPIP, GRE or MINIMAL
    next_encapsulations: tuple[Encapsulation, ...] = field(default=(), compare=False)  # when that one is refused
    udp_tunnel: UdpTunnelRequest | None = None
    broadcasts: bool = False
    simultaneous: bool = field(default=False, compare=False)  # shall the home agent keep the other bindings?
    unconfirmed: bool = field(
        default=False, compare=False
    )  # looks like home by its prefix alone: ask, but tell the link nothing yet

    @property
    def at_home(self) -> bool:
        """Is this a deregistration of everything, as at home?"""
        return self.place is Place.HOME

    @property
    def spot(self) -> tuple[object, ...]:
        """Where packets to us arrive: another one is a move, whatever else is asked."""
        return (self.place, self.link, self.care_of_address)


def target_of(attachment: Attachment, home_address: IPv4Address | None, wishes: Wishes) -> Target | None:
    """The target for an attachment, as wished; None for nowhere."""
    match attachment:
        case AtHome(link=link, certain=certain) if home_address:
            return Target(
                place=Place.HOME,
                link=(link.index, link.ups),
                source=home_address,
                care_of_address=home_address,
                unconfirmed=not certain,
            )
        case ViaAgent():
            return _through(attachment, home_address, wishes)
        case CoLocated():
            return _co_located(attachment, wishes)
    return None


def _through(attachment: ViaAgent, home_address: IPv4Address | None, wishes: Wishes) -> Target:
    agent = attachment.agent
    offered = agent.offers(AgentFlags.REVERSE_TUNNEL)
    encapsulation, *others = _plain(wishes, agent)
    return Target(
        place=Place.FOREIGN_AGENT,
        link=(attachment.link.index, attachment.link.ups),
        source=home_address or ANY,
        care_of_address=attachment.care_of_address,
        agent=agent.address,
        agent_link_layer_address=agent.link_layer_address,
        agent_reboots=agent.reboots,
        longest_lifetime=_longest_lifetime(agent),
        reverse_tunnel=wishes.reverse_tunnel is not Switch.OFF and offered,
        encapsulation=encapsulation,
        next_encapsulations=tuple(others),
        broadcasts=wishes.broadcasts,
    )


def _co_located(attachment: CoLocated, wishes: Wishes) -> Target:
    agent = attachment.agent
    encapsulation, *others = _plain(wishes, None)
    return Target(
        place=Place.CO_LOCATED,
        link=(attachment.link.index, attachment.link.ups),
        source=attachment.address.ip,
        care_of_address=attachment.address.ip,
        agent=agent.address if agent else None,
        agent_link_layer_address=agent.link_layer_address if agent else None,
        agent_reboots=agent.reboots if agent else 0,
        longest_lifetime=_longest_lifetime(agent) if agent else INFINITE_LIFETIME,
        reverse_tunnel=wishes.reverse_tunnel is not Switch.OFF,
        encapsulation=encapsulation,
        next_encapsulations=tuple(others),
        udp_tunnel=_udp_tunnel(wishes, agent),
        broadcasts=wishes.broadcasts,
    )


_OFFERS = {Encapsulation.GRE: AgentFlags.GRE, Encapsulation.MINIMAL: AgentFlags.MINIMAL}


def _plain(wishes: Wishes, agent: Agent | None) -> tuple[Encapsulation, ...]:
    """What may be asked for by the G and M bits, the best first; the last is IP-in-IP, which everybody has.

    An agent that decapsulates for us must offer it (RFC 5944 §3.6.1.2).
    """
    found: list[Encapsulation] = []
    for one in wishes.encapsulations:
        if one is Encapsulation.IPIP:
            break
        if one in _OFFERS and (agent is None or agent.offers(_OFFERS[one])):
            found.append(one)
    return (*found, Encapsulation.IPIP)


def _udp_tunnel(wishes: Wishes, agent: Agent | None) -> UdpTunnelRequest | None:
    """Only with an address of our own; and not through an agent that is not behind a NAT (RFC 3519 §4.4)."""
    wanted = Encapsulation.UDP in wishes.encapsulations
    if not wanted or (agent is not None and not agent.offers(AgentFlags.UDP_TUNNEL)):
        return None
    return UdpTunnelRequest(force=wishes.encapsulations[0] is Encapsulation.UDP, through_agent=agent is not None)


def _longest_lifetime(agent: Agent) -> int:
    return min(agent.advertisement.registration_lifetime, LONGEST_AGENT_LIFETIME)
