"""Whose home address is it, when the home link has got another prefix (RFC 6275 §10.6, §15.3)?"""

from __future__ import annotations

from ipaddress import IPv6Address, IPv6Network

import pytest

from agents.home6.prefixes import HomePrefixes
from agents.home6.residents import Residents
from agents.home6.settings import HomePrefix
from agents.nodes import Node, Nodes
from tests.agents.home6.by_hand import ALICE, BOB, ELSEWHERE, node

OLD = HomePrefix(prefix=IPv6Network("2001:db8:1::/64"))
NEW = HomePrefix(prefix=IPv6Network("2001:db8:7::/64"))


def living(address: str, *prefixes: HomePrefix, nodes: tuple[Node, ...] = (ALICE, BOB, ELSEWHERE)) -> Node | None:
    """Who lives there."""
    return Residents(Nodes(nodes), HomePrefixes(prefixes)).at(IPv6Address(address))


@pytest.mark.parametrize(
    ("address", "who"),
    [
        ("2001:db8:1::23", ALICE),
        ("2001:db8:7::23", ALICE),
        ("2001:db8:7::24", BOB),
        ("2001:db8:7::99", None),
        ("2001:db8:8::23", None),
    ],
)
def test_a_node_has_the_same_identifier_in_each_prefix_of_the_link(address: str, who: Node | None) -> None:
    assert living(address, OLD, NEW) is who


def test_an_entered_address_is_its_nodes_whatever_the_prefixes_are() -> None:
    assert living("2001:db8:1::23", NEW) is ALICE


def test_an_address_that_was_entered_for_another_is_not_taken_from_it() -> None:
    carl = node("carl@example.net", "2001:db8:7::23", b"C" * 16)
    assert living("2001:db8:7::23", OLD, NEW, nodes=(ALICE, carl)) is carl


def test_an_identifier_of_two_nodes_is_nobodys() -> None:
    twin = node("twin@example.net", "2001:db8:2::23", b"T" * 16)
    assert living("2001:db8:7::23", OLD, NEW, nodes=(ALICE, twin)) is None


@pytest.mark.parametrize(
    "prefix",
    [
        HomePrefix(prefix=IPv6Network("2001:db8:7::/64"), autonomous=False),
        HomePrefix(prefix=IPv6Network("2001:db8:7::/48")),
    ],
)
def test_in_a_prefix_where_hosts_form_no_addresses_nobody_does(prefix: HomePrefix) -> None:
    assert living("2001:db8:7::23", OLD, prefix) is None
