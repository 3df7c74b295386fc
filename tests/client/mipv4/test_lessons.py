"""What refusals teach (RFC 5944 §3.6.2.3)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from client.core.status import Place
from client.mipv4.lessons import MOST_LESSONS, Lessons
from client.mipv4.messages import RegistrationReply, RegistrationRequest, RequestFlags
from client.mipv4.requests import Pending
from client.mipv4.target import Target

HOME, HOME_AGENT = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.1")
AGENT, OTHER = IPv4Address("192.0.2.1"), IPv4Address("192.0.2.2")


def target(agent: IPv4Address | None = AGENT, *, reverse_tunnel: bool = True, place: Place | None = None) -> Target:
    """Through an agent, or without one."""
    return Target(
        place=place or (Place.FOREIGN_AGENT if agent else Place.CO_LOCATED),
        link=(2, 1),
        source=HOME,
        care_of_address=IPv4Address("192.0.2.9"),
        agent=agent,
        reverse_tunnel=reverse_tunnel,
    )


def pending(to: Target, lifetime: int = 600) -> Pending:
    """A request for this target."""
    request = RegistrationRequest(
        flags=RequestFlags(0),
        lifetime=lifetime,
        home_address=HOME,
        home_agent=HOME_AGENT,
        care_of_address=to.care_of_address,
        identification=1,
    )
    return Pending(request=request, target=to, home_agent=HOME_AGENT, sent_at=0.0)


def refusal(code: int, lifetime: int = 600, home_agent: IPv4Address = HOME_AGENT) -> RegistrationReply:
    """No."""
    return RegistrationReply(code=code, lifetime=lifetime, home_address=HOME, home_agent=home_agent, identification=1)


@pytest.mark.rfc("5944", "3.6.2.3")
def test_agent_that_wants_shorter_lifetimes_gets_them_and_others_do_not() -> None:
    lessons = Lessons()
    assert lessons.learn(pending(target()), refusal(69, 300), signed=False)
    assert lessons.allow(target()).longest_lifetime == 300
    assert lessons.allow(target(OTHER)).longest_lifetime == 0xFFFF


@pytest.mark.parametrize("lifetime", [0, 29, 600, 700])
def test_lifetime_that_is_no_shorter_or_far_too_short_is_no_lesson(lifetime: int) -> None:
    assert not Lessons().learn(pending(target()), refusal(69, lifetime), signed=False)


@pytest.mark.parametrize(("code", "before", "after"), [(74, True, False), (137, True, False), (75, False, True)])
def test_reverse_tunnel_is_turned_for_this_agent_and_the_code_remembered(code: int, before: bool, after: bool) -> None:
    lessons, asked = Lessons(), target(reverse_tunnel=before)
    assert lessons.learn(pending(asked), refusal(code), signed=True)
    assert lessons.allow(asked).reverse_tunnel is after
    assert lessons.allow(target(OTHER, reverse_tunnel=before)).reverse_tunnel is before
    assert (lessons.taught_by(AGENT), lessons.taught_by(OTHER)) == (code, None)
    lessons.forget_tunnels()
    assert lessons.allow(asked).reverse_tunnel is before
    assert lessons.taught_by(AGENT) is None


def test_refusal_of_what_we_did_not_do_is_no_lesson() -> None:
    assert not Lessons().learn(pending(target(reverse_tunnel=False)), refusal(74), signed=True)
    assert not Lessons().learn(pending(target(reverse_tunnel=True)), refusal(138), signed=True)


def test_at_home_there_is_no_reverse_tunnel_to_learn_about() -> None:
    at_home = target(None, reverse_tunnel=False, place=Place.HOME)
    lessons = Lessons()
    assert not lessons.learn(pending(at_home), refusal(138), signed=True)
    lessons.learn(pending(target(None, reverse_tunnel=False)), refusal(138), signed=True)
    assert not lessons.allow(at_home).reverse_tunnel


@pytest.mark.rfc("5944", "3.6.2.3", "unknown-home-agent")
def test_another_home_agent_is_only_taken_from_a_signed_refusal() -> None:
    elsewhere = refusal(136, home_agent=IPv4Address("198.51.100.2"))
    lessons = Lessons()
    assert not lessons.learn(pending(target()), elsewhere, signed=False)
    assert lessons.home_agent is None
    assert lessons.learn(pending(target()), elsewhere, signed=True)
    assert lessons.home_agent == IPv4Address("198.51.100.2")


@pytest.mark.parametrize("named", ["0.0.0.0", "224.0.0.11", "255.255.255.255", "127.0.0.1", str(HOME_AGENT)])
def test_address_that_is_no_other_home_agent_is_no_lesson(named: str) -> None:
    assert not Lessons().learn(pending(target()), refusal(136, home_agent=IPv4Address(named)), signed=True)


@pytest.mark.parametrize("code", [64, 66, 78, 128, 130, 131, 133, 135, 150])
def test_other_refusals_teach_nothing(code: int) -> None:
    assert not Lessons().learn(pending(target()), refusal(code), signed=True)


def test_oldest_lesson_makes_room_for_the_newest() -> None:
    lessons = Lessons()
    agents = [IPv4Address(f"10.0.{number // 200}.{number % 200}") for number in range(MOST_LESSONS + 1)]
    for agent in agents:
        lessons.learn(pending(target(agent)), refusal(74), signed=False)
    assert lessons.allow(target(agents[0])).reverse_tunnel
    assert not any(lessons.allow(target(agent)).reverse_tunnel for agent in agents[1:])
