"""From an attachment to what is registered."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.choice import Switch
from client.core.status import Place
from client.mipv4.advertisement import AgentFlags
from client.mipv4.movement import AtHome, CoLocated, Nowhere, ViaAgent
from client.mipv4.target import Target, Wishes, target_of
from tests.client.mipv4.by_hand import AGENT, AGENT_CARE_OF, CARE_OF, ETHERNET, GATEWAY, HOME, link
from tests.client.mipv4.test_movement import FOREIGN, agent

HOME_ADDRESS = IPv4Address(HOME)
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY, ups=3)
OFFERING = agent(flags=FOREIGN | AgentFlags.REVERSE_TUNNEL)


def of_agent(one: object = OFFERING, wanted: Switch = Switch.AUTO, home: IPv4Address | None = HOME_ADDRESS) -> Target:
    """The target through an agent."""
    assert isinstance(one, type(OFFERING))
    found = target_of(
        ViaAgent(link=CABLE, agent=one, care_of_address=IPv4Address(AGENT_CARE_OF)), home, Wishes(reverse_tunnel=wanted)
    )
    assert found is not None
    return found


def of_address(requiring: bool = False, wanted: Switch = Switch.AUTO) -> Target:
    """The target with an address of our own."""
    attachment = CoLocated(link=CABLE, address=CABLE.addresses[0], agent=OFFERING if requiring else None)
    found = target_of(attachment, HOME_ADDRESS, Wishes(reverse_tunnel=wanted))
    assert found is not None
    return found


def test_nowhere_is_no_target() -> None:
    assert target_of(Nowhere(), HOME_ADDRESS, Wishes()) is None


@pytest.mark.rfc("5944", "3.1", "through-agent")
@pytest.mark.rfc("5944", "3.6.1.1", "home-source")
@pytest.mark.rfc("5944", "3.6.1.1", "agent-address")
def test_through_an_agent_the_request_comes_from_the_home_address_and_goes_to_the_agent() -> None:
    target = of_agent()
    assert (target.place, target.link) == (Place.FOREIGN_AGENT, (ETHERNET, 3))
    assert (str(target.source), str(target.care_of_address), str(target.agent)) == (HOME, AGENT_CARE_OF, AGENT)
    assert str(of_agent(home=None).source) == "0.0.0.0"


@pytest.mark.rfc("5944", "3.1", "r-bit")
@pytest.mark.rfc("5944", "2.4.1", "registers")
def test_with_the_r_bit_our_own_address_goes_through_the_agent() -> None:
    target = of_address(requiring=True)
    assert (target.place, str(target.agent), str(target.care_of_address)) == (Place.CO_LOCATED, AGENT, CARE_OF)
    assert target.longest_lifetime == 1800
    assert (of_address().agent, of_address().longest_lifetime) == (None, 0xFFFF)


def test_reverse_tunnel_is_asked_for_unless_it_is_not_wanted_or_the_agent_has_none() -> None:
    assert [of_address(wanted=switch).reverse_tunnel for switch in Switch] == [True, True, False]
    assert [of_agent(wanted=switch).reverse_tunnel for switch in Switch] == [True, True, False]
    assert not any(of_agent(agent(), switch).reverse_tunnel for switch in Switch)


def test_home_is_a_target_once_we_have_a_home_address() -> None:
    attachment = AtHome(link=CABLE, certain=True, gateway=None)
    target = target_of(attachment, HOME_ADDRESS, Wishes(reverse_tunnel=Switch.ON))
    assert target is not None
    assert (target.at_home, str(target.care_of_address), target.reverse_tunnel) == (True, HOME, False)
    assert target_of(attachment, None, Wishes()) is None


@pytest.mark.rfc("5944", "2.4.4")
def test_what_needs_a_new_registration_differs_and_what_does_not_is_equal() -> None:
    target = of_agent()
    rebooted = of_agent(replace(OFFERING, reboots=1))
    moved = of_agent(replace(OFFERING, link_layer_address=b"\x01" * 6))
    assert target not in (rebooted, moved, of_agent(wanted=Switch.OFF), of_address())
    later = replace(OFFERING, heard_at=50.0, advertisement=replace(OFFERING.advertisement, registration_lifetime=60))
    assert target == of_agent(later) == of_agent(home=None)
    home = (AtHome(link=CABLE, certain=certain, gateway=None) for certain in (True, False))
    assert len({target_of(attachment, HOME_ADDRESS, Wishes()) for attachment in home}) == 1
