"""Requests on their way."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Interface

import pytest

from client.core.secret import Secret
from client.core.status import Place
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.requests import Ask, Pending, build, send
from client.mipv4.settings import Settings
from client.mipv4.target import Target

HOME_AGENT = IPv4Address("10.1.0.2")
AGENT = IPv4Address("10.21.0.1")
SETTINGS = Settings(
    home_address=IPv4Interface("10.1.0.50/24"),
    home_agents=(HOME_AGENT,),
    associations=(SecurityAssociation(spi=256, key=Secret(b"sixteen bytes or more")),),
)


def pending(agent: IPv4Address | None) -> Pending:
    """A request for a reverse tunnel, through an agent or straight."""
    target = Target(
        place=Place.FOREIGN_AGENT if agent else Place.CO_LOCATED,
        link=(2, 1),
        source=IPv4Address("10.1.0.50"),
        care_of_address=IPv4Address("10.20.1.2"),
        agent=agent,
        reverse_tunnel=True,
    )
    ask = Ask(target=target, home_address=target.source, home_agent=HOME_AGENT, lifetime=60, identification=7)
    return Pending(request=build(SETTINGS, ask), target=target, home_agent=HOME_AGENT, sent_at=0.0)


@pytest.mark.rfc("3024", "4.1.1")
def test_a_request_to_an_agent_has_ttl_255_since_the_agent_refuses_the_reverse_tunnel_otherwise() -> None:
    """Code 76 is what a foreign agent says to anything less."""
    assert send(SETTINGS, pending(AGENT)).packet.ttl == 255


def test_a_request_goes_to_the_agent_or_else_to_the_home_agent() -> None:
    """The destination tells who relays."""
    assert send(SETTINGS, pending(AGENT)).packet.destination == AGENT
    assert send(SETTINGS, pending(None)).packet.destination == HOME_AGENT
