"""What is advertised on which link: a link may be home for some and foreign to others."""

from __future__ import annotations

from agents.advertiser import AdvertiserSettings
from agents.settings import AgentSettings, ForeignLinkSettings, HomeAgentSettings, ReverseTunnel
from client.core.plan import Encapsulation
from client.mipv4.advertisement import AgentFlags

_OFFERED = {
    Encapsulation.GRE: AgentFlags.GRE,
    Encapsulation.MINIMAL: AgentFlags.MINIMAL,
    Encapsulation.UDP: AgentFlags.UDP_TUNNEL,
}


def offers(settings: AgentSettings) -> tuple[AdvertiserSettings, ...]:
    """One advertiser for each link that has a role."""
    homes = {home.interface: home for home in settings.home_agents if home.interface is not None}
    links = {link.interface: link for link in (settings.foreign_agent.links if settings.foreign_agent else ())}
    names = dict.fromkeys([*homes, *links])
    return tuple(_offer(name, homes.get(name), links.get(name)) for name in names)


def _offer(interface: str, home: HomeAgentSettings | None, link: ForeignLinkSettings | None) -> AdvertiserSettings:
    roles = [role for role in (home, link) if role is not None]
    return AdvertiserSettings(
        interface=interface,
        lifetime=min(role.advertisement_lifetime for role in roles),
        registration_lifetime=link.registration_lifetime if link else home.max_lifetime if home else 0,
        flags=(AgentFlags.HOME_AGENT if home else AgentFlags(0)) | (_foreign_flags(link) if link else AgentFlags(0)),
        care_of_addresses=(link.care_of_address,) if link else (),
        address=home.address if home else None,
    )


def _foreign_flags(link: ForeignLinkSettings) -> AgentFlags:
    """The R and B bits go with the F bit alone (RFC 5944 §2.1.1); the U bit says that we are behind a NAT."""
    flags = AgentFlags.FOREIGN_AGENT
    if link.registration_required:
        flags |= AgentFlags.REGISTRATION_REQUIRED
    if link.reverse_tunnel is not ReverseTunnel.REFUSED:
        flags |= AgentFlags.REVERSE_TUNNEL
    for encapsulation in link.encapsulations & _OFFERED.keys():
        flags |= _OFFERED[encapsulation]
    return flags
