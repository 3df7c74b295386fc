"""Whom to pass over, and where home really is."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

from client.core.machine import NEVER
from client.core.status import Place
from client.mipv4.target import Target
from client.mipv4.trust import Trust
from tests.client.mipv4.by_hand import link, links

AGENT = (2, IPv4Address("192.0.2.1"))


THROUGH_AGENT = Target(
    place=Place.FOREIGN_AGENT,
    link=(2, 1),
    source=IPv4Address("198.51.100.23"),
    care_of_address=IPv4Address("192.0.2.9"),
    agent=AGENT[1],
)
LIKE_HOME = replace(THROUGH_AGENT, place=Place.HOME, agent=None, unconfirmed=True)
NOBODY: frozenset[object] = frozenset()
HERE = frozenset({(2, 1)})


def test_agent_that_refused_is_passed_over_for_a_minute() -> None:
    trust = Trust()
    trust.doubt(THROUGH_AGENT, 10.0)
    assert (trust.refusing, trust.deadline) == (frozenset({AGENT}), 70.0)
    trust.expire(69.9)
    assert trust.refusing == {AGENT}
    trust.expire(70.0)
    assert (trust.refusing, trust.deadline) == (NOBODY, NEVER)


def test_link_that_only_looks_like_home_may_be_asked_again_after_a_minute_but_stays_doubtful() -> None:
    trust = Trust()
    trust.doubt(LIKE_HOME, 10.0)
    assert trust.overlaps == HERE
    assert (trust.fresh_overlaps, trust.deadline) == (HERE, 70.0)
    trust.expire(70.0)
    assert trust.overlaps == HERE
    assert (trust.fresh_overlaps, trust.deadline) == (NOBODY, NEVER)


def test_signature_ends_the_doubt() -> None:
    trust = Trust()
    trust.doubt(LIKE_HOME, 10.0)
    trust.confirm((2, 1))
    assert trust.confirmed == HERE
    assert not trust.overlaps
    assert (trust.fresh_overlaps, trust.deadline) == (NOBODY, NEVER)


def test_what_was_learnt_of_a_link_ends_with_the_visit() -> None:
    trust = Trust()
    trust.doubt(LIKE_HOME, 10.0)
    trust.confirm((3, 1))
    trust.keep(links(link(2), link(3)))
    assert trust.overlaps == HERE
    assert trust.confirmed == frozenset({(3, 1)})
    trust.keep(links(link(2, ups=2), link(3, up=False)))
    assert not trust.overlaps
    assert not trust.fresh_overlaps
    assert not trust.confirmed
