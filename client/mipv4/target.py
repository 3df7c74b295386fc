"""What to register where, and how the request gets there: an attachment as the registration sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from ipaddress import IPv4Address

from client.core.choice import Switch
from client.core.ipv4 import ANY
from client.core.status import Place
from client.mipv4.advertisement import AgentFlags
from client.mipv4.discovery import Agent
from client.mipv4.messages import INFINITE_LIFETIME
from client.mipv4.movement import AtHome, Attachment, CoLocated, ViaAgent
from client.mipv4.settings import LONGEST_AGENT_LIFETIME


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
    unconfirmed: bool = field(
        default=False, compare=False
    )  # looks like home by its prefix alone: ask, but tell the link nothing yet

    @property
    def at_home(self) -> bool:
        """Is this a deregistration of everything, as at home?"""
        return self.place is Place.HOME


def target_of(attachment: Attachment, home_address: IPv4Address | None, wanted: Switch) -> Target | None:
    """The target for an attachment, with the reverse tunnel as wanted; None for nowhere."""
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
            return _through(attachment, home_address, wanted)
        case CoLocated():
            return _co_located(attachment, wanted)
    return None


def _through(attachment: ViaAgent, home_address: IPv4Address | None, wanted: Switch) -> Target:
    agent = attachment.agent
    offered = agent.offers(AgentFlags.REVERSE_TUNNEL)
    return Target(
        place=Place.FOREIGN_AGENT,
        link=(attachment.link.index, attachment.link.ups),
        source=home_address or ANY,
        care_of_address=attachment.care_of_address,
        agent=agent.address,
        agent_link_layer_address=agent.link_layer_address,
        agent_reboots=agent.reboots,
        longest_lifetime=_longest_lifetime(agent),
        reverse_tunnel=wanted is not Switch.OFF and offered,
    )


def _co_located(attachment: CoLocated, wanted: Switch) -> Target:
    agent = attachment.agent
    return Target(
        place=Place.CO_LOCATED,
        link=(attachment.link.index, attachment.link.ups),
        source=attachment.address.ip,
        care_of_address=attachment.address.ip,
        agent=agent.address if agent else None,
        agent_link_layer_address=agent.link_layer_address if agent else None,
        agent_reboots=agent.reboots if agent else 0,
        longest_lifetime=_longest_lifetime(agent) if agent else INFINITE_LIFETIME,
        reverse_tunnel=wanted is not Switch.OFF,
    )


def _longest_lifetime(agent: Agent) -> int:
    return min(agent.advertisement.registration_lifetime, LONGEST_AGENT_LIFETIME)
