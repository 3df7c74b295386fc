"""Keys of plan items: what replaces what."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

from client.core.plan import Anchor, End, Neighbour, Plan, QuietArp, Route, Rule, Table, Tunnel

HOME = IPv4Address("198.51.100.23")
TUNNEL = Tunnel(end=End.MOBILE, home_address=HOME, local=IPv4Address("192.0.2.7"), remote=IPv4Address("198.51.100.1"))
ROUTE = Route(destination=IPv4Network("0.0.0.0/0"), interface=2)


def test_there_is_one_anchor() -> None:
    assert Anchor(1480).key == Anchor(1500, HOME).key


def test_tunnel_that_changes_its_direction_replaces_itself() -> None:
    assert replace(TUNNEL, sends=False).key == TUNNEL.key


def test_tunnels_of_an_old_and_a_new_care_of_address_stand_side_by_side() -> None:
    assert replace(TUNNEL, local=IPv4Address("203.0.113.7")).key != TUNNEL.key


def test_both_ends_of_one_tunnel_may_be_on_one_machine() -> None:
    assert replace(TUNNEL, end=End.HOME).key != TUNNEL.key


def test_route_that_moves_to_another_link_replaces_the_old_one() -> None:
    assert replace(ROUTE, interface=3, gateway=IPv4Address("192.0.2.1")).key == ROUTE.key


def test_routes_of_different_tables_are_different() -> None:
    assert replace(ROUTE, table=Table.REVERSE).key != ROUTE.key


def test_equal_rules_are_one_rule() -> None:
    assert Rule(order=1, table=Table.MAIN, marked=True).key == Rule(order=1, table=Table.MAIN, marked=True).key
    assert Rule(order=1, table=Table.MAIN).key != Rule(order=2, table=Table.MAIN).key


def test_neighbour_with_a_new_link_layer_address_replaces_the_old_one() -> None:
    old = Neighbour(interface=2, address=HOME, link_layer_address=bytes(6))
    assert replace(old, link_layer_address=b"\x02" * 6).key == old.key
    assert replace(old, interface=3).key != old.key


def test_each_link_is_quietened_once() -> None:
    assert QuietArp(2).key == QuietArp(2).key
    assert QuietArp(2).key != QuietArp(3).key


def test_keys_of_different_kinds_never_meet() -> None:
    items: Plan = (Anchor(1500), TUNNEL, ROUTE, Rule(order=1, table=Table.OURS), QuietArp(2))
    assert len({item.key for item in items}) == len(items)
