"""The advice fits what is: nobody is told to do what is done."""

from __future__ import annotations

import pytest

from client.core.advice import advice
from client.core.status import IPv4Status, State, Status
from client.core.words import ADVICE


def status(state: State, v4: IPv4Status | None = None, reason: str | None = None) -> Status:
    """Of a laptop that is away."""
    return Status(state=state, since="2026-11-24T10:00:00Z", v4=v4, reason=reason)


def away(path: str, encapsulation: str) -> IPv4Status:
    """An IPv4 path with this encapsulation."""
    return IPv4Status(place=None, home_address=None, path=path, encapsulation=encapsulation)


@pytest.mark.parametrize(
    ("v4", "said"),
    [
        (away("triangle", "ipip"), "check-tunnel"),
        (away("reverse", "ipip"), "check-encapsulation"),
        (away("reverse", "udp"), "another-network"),
        (away("triangle", "udp"), "another-network"),
        (None, "another-network"),
    ],
)
def test_a_silent_tunnel_is_not_to_be_turned_into_what_it_is(v4: IPv4Status | None, said: str) -> None:
    assert advice(status(State.STALLED, v4)) == said
    assert said in ADVICE


def test_a_silent_home_agent_is_looked_for_where_its_messages_go() -> None:
    assert advice(status(State.NO_ANSWER, away("reverse", "ipip"))) == "check-home-agent"
    assert advice(status(State.NO_ANSWER)) == "check-home-agent6"


def test_a_refusal_says_itself_what_would_help_and_what_works_needs_nothing() -> None:
    assert advice(status(State.REFUSED, reason="v4:131")) == "v4:131"
    assert advice(status(State.ONE_WAY)) == "one-way"
    assert advice(status(State.WORKING, reason="v4:1")) is None
