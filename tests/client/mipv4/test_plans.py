"""What the kernel should hold, for every attachment (RFC 5944 §4.2.1, §4.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from client.core.choice import Switch
from client.core.links import Link
from client.core.plan import (
    ANCHOR,
    Anchor,
    End,
    Item,
    Neighbour,
    Plan,
    QuietArp,
    Route,
    Rule,
    Table,
    Tunnel,
)
from client.mipv4.commands import SetReverseTunnel
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_MAC,
    CARE_OF,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    SETTINGS,
    WIRELESS,
    Asked,
    heard_advertisement,
    heard_home_agent,
    link,
    reply_bytes,
    requests_in,
)
from tests.client.mipv4.conversation import Conversation, at_home, registered_co_located, registered_through_agent

EVERYWHERE = IPv4Network("0.0.0.0/0")
HOME_ADDRESS = IPv4Address(HOME)
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
ANCHORED = Route(destination=EVERYWHERE, interface=ANCHOR, source=HOME_ADDRESS)
TUNNEL = Tunnel(
    end=End.MOBILE,
    home_address=HOME_ADDRESS,
    local=IPv4Address(CARE_OF),
    remote=IPv4Address(HOME_AGENT),
    broadcast=IPv4Address("198.51.100.255"),
    interface=ETHERNET,
)
WITHOUT_REVERSE_TUNNEL = replace(SETTINGS, reverse_tunnel=Switch.OFF)
ONE_WAY = replace(TUNNEL, sends=False, broadcast=None)


def of(plan: Plan, kind: type[Item]) -> list[Item]:
    """The items of one kind."""
    return [item for item in plan if isinstance(item, kind)]


def tables(plan: Plan) -> list[Rule]:
    """Its rules, in their order."""
    return sorted((item for item in plan if isinstance(item, Rule)), key=lambda rule: rule.order)


def test_before_anything_the_home_address_is_there_and_its_packets_wait() -> None:
    plan = Conversation().plan()
    assert of(plan, Anchor) == [Anchor(mtu=1480, address=HOME_ADDRESS)]
    assert of(plan, Route) == [ANCHORED]
    assert of(plan, Tunnel) == []


def test_our_sockets_dhcp_and_whoever_binds_a_local_address_pass_by_and_all_others_use_the_home_address() -> None:
    conversation, _ = registered_co_located()
    marked, dhcp, bound, ours = tables(conversation.plan())
    assert marked == Rule(order=0, table=Table.MAIN, marked=True)
    assert dhcp == Rule(order=1, table=Table.MAIN, protocol=17, source_port=68, destination_port=67)
    assert bound == Rule(order=2, table=Table.MAIN, bound_to=IPv4Address(CARE_OF))
    assert ours == Rule(order=3, table=Table.OURS)


def test_home_address_that_a_dhcp_server_gave_is_no_local_one() -> None:
    conversation, _ = at_home()
    conversation.plug(link(ETHERNET, f"{HOME}/24", gateway=HOME_AGENT))
    assert [rule.bound_to for rule in tables(conversation.plan())] == [None, None, None]


def test_rules_stand_home_and_away_and_nowhere() -> None:
    conversations = [at_home()[0], registered_through_agent()[0], Conversation()]
    assert {tuple(tables(conversation.plan())) for conversation in conversations} == {
        tuple(tables(Conversation().plan()))
    }


@pytest.mark.rfc("5944", "4.2.1")
def test_at_home_packets_go_as_any_hosts_do_with_the_home_address() -> None:
    plan = at_home()[0].plan()
    assert of(plan, Tunnel) == of(plan, Neighbour) == of(plan, QuietArp) == []
    assert of(plan, Route) == [
        Route(destination=IPv4Network("198.51.100.0/24"), interface=ETHERNET, source=HOME_ADDRESS),
        Route(destination=EVERYWHERE, interface=ETHERNET, gateway=IPv4Address(HOME_AGENT), source=HOME_ADDRESS),
    ]


@pytest.mark.rfc("5944", "4.6")
def test_at_home_every_other_link_is_quiet() -> None:
    conversation, _ = at_home()
    conversation.plug(link(), link(WIRELESS))
    assert of(conversation.plan(), QuietArp) == [QuietArp(WIRELESS)]


@pytest.mark.rfc("5944", "4.6")
@pytest.mark.parametrize("arrive", [registered_co_located, registered_through_agent])
def test_away_all_links_are_quiet_also_those_that_are_down(
    arrive: Callable[[], tuple[Conversation, Asked]],
) -> None:
    conversation, _ = arrive()
    cable = conversation.node.links.links[0]
    conversation.plug(cable, link(WIRELESS, up=False))
    assert of(conversation.plan(), QuietArp) == [QuietArp(ETHERNET), QuietArp(WIRELESS)]


@pytest.mark.rfc("5944", "4.6")
def test_links_are_quiet_before_the_home_address_could_be_heard_on_them() -> None:
    kinds = [type(item) for item in registered_co_located()[0].plan()]
    assert kinds.index(QuietArp) < kinds.index(Anchor) < kinds.index(Route)


@pytest.mark.rfc("5944", "4.2.1")
def test_through_an_agent_it_is_the_router_and_known_without_arp() -> None:
    plan = registered_through_agent()[0].plan()
    assert of(plan, Neighbour) == [
        Neighbour(interface=ETHERNET, address=IPv4Address(AGENT), link_layer_address=AGENT_MAC)
    ]
    assert of(plan, Route) == [
        Route(destination=EVERYWHERE, interface=ETHERNET, gateway=IPv4Address(AGENT), source=HOME_ADDRESS)
    ]
    assert of(plan, Tunnel) == []
    kinds = [type(item) for item in plan]
    assert kinds.index(Neighbour) < kinds.index(Route)


def test_co_located_with_the_reverse_tunnel_all_goes_into_the_tunnel() -> None:
    plan = registered_co_located()[0].plan()
    assert of(plan, Tunnel) == [TUNNEL]
    assert of(plan, Route) == [ANCHORED]


def test_without_the_reverse_tunnel_packets_leave_straight_and_only_come_by_the_tunnel() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(2)
    [asked] = requests_in(conversation.feed(SetReverseTunnel(Switch.OFF)))
    conversation.answer(asked)
    plan = conversation.plan()
    [tunnel] = of(plan, Tunnel)
    assert isinstance(tunnel, Tunnel)
    assert (tunnel.sends, tunnel.receives, tunnel.key) == (False, True, TUNNEL.key)
    assert of(plan, Route) == [
        Route(destination=EVERYWHERE, interface=ETHERNET, gateway=IPv4Address(GATEWAY), source=HOME_ADDRESS)
    ]


def test_nothing_is_tunnelled_before_the_home_agent_agrees() -> None:
    conversation = Conversation()
    conversation.plug(CABLE)
    assert of(conversation.plan(), Tunnel) == []
    assert of(conversation.plan(), Route) == [ANCHORED]


def test_binding_that_ended_is_not_in_force() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(601)
    assert of(conversation.plan(), Tunnel) == []


@pytest.mark.parametrize(
    "gone",
    [
        link(ETHERNET, f"{CARE_OF}/24", up=False),
        link(ETHERNET, f"{CARE_OF}/24", ups=2),
        link(ETHERNET, "203.0.113.99/24"),
        link(ETHERNET),
        link(WIRELESS, f"{CARE_OF}/24"),
    ],
    ids=["down", "came up again", "other address", "no address", "other link"],
)
def test_tunnel_never_outlives_its_link_or_its_address(gone: Link) -> None:
    conversation, _ = registered_co_located(WITHOUT_REVERSE_TUNNEL)
    conversation.plug(gone)
    assert of(conversation.plan(), Tunnel) == []
    assert of(conversation.plan(), Route) == [ANCHORED]


@pytest.mark.parametrize("gone", [link(up=False), link(ups=2), link(WIRELESS)])
def test_agent_is_no_router_any_more_once_its_link_is_gone(gone: Link) -> None:
    conversation, _ = registered_through_agent()
    conversation.plug(gone)
    assert of(conversation.plan(), Neighbour) == []
    assert of(conversation.plan(), Route) == [ANCHORED]


def test_old_way_stands_until_the_new_one_is_agreed_where_both_links_are_up() -> None:
    conversation, _ = registered_co_located(WITHOUT_REVERSE_TUNNEL)
    conversation.plug(link(WIRELESS, "192.0.2.44/24"), CABLE)
    assert of(conversation.plan(), Tunnel) == [ONE_WAY]
    assert len(conversation.requests()) == 2
    conversation.answer(conversation.requests()[-1])
    tunnel, former = of(conversation.plan(), Tunnel)
    assert isinstance(tunnel, Tunnel)
    assert (str(tunnel.local), tunnel.interface) == ("192.0.2.44", WIRELESS)
    assert former == ONE_WAY


def test_mtu_leaves_room_for_the_outer_header_on_the_narrowest_link() -> None:
    conversation, _ = registered_co_located()
    conversation.plug(CABLE, link(WIRELESS, mtu=1400))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=1380, address=HOME_ADDRESS)]


def test_link_that_only_looks_like_home_stays_quiet_and_carries_nothing() -> None:
    conversation = Conversation()
    conversation.plug(link(ETHERNET, "198.51.100.77/24", gateway="198.51.100.254"))
    plan = conversation.plan()
    assert of(plan, QuietArp) == [QuietArp(ETHERNET)]
    assert of(plan, Route) == [ANCHORED]
    [asked] = conversation.requests()
    conversation.answer(asked)
    assert of(conversation.plan(), QuietArp) == []
    assert len(of(conversation.plan(), Route)) == 2


def test_items_have_keys_of_their_own() -> None:
    for conversation in (at_home()[0], registered_co_located()[0], registered_through_agent()[0]):
        keys = [item.key for item in conversation.plan()]
        assert len(set(keys)) == len(keys)


def test_nobody_tunnels_to_a_binding_of_an_old_home_agent() -> None:
    conversation, _ = registered_co_located()
    conversation.wait(480)
    renewal = conversation.requests()[-1]
    conversation.answer(renewal, reply_bytes(renewal, code=136, home_agent="198.51.100.2"))
    conversation.wait(1)
    assert of(conversation.plan(), Tunnel) == [TUNNEL]
    conversation.answer(conversation.requests()[-1])
    tunnel, former = of(conversation.plan(), Tunnel)
    assert isinstance(tunnel, Tunnel)
    assert (str(tunnel.remote), tunnel.sends) == ("198.51.100.2", True)
    assert former == replace(TUNNEL, sends=False)
    conversation.wait(2)
    assert of(conversation.plan(), Tunnel) == [tunnel]


def test_home_agents_word_makes_a_plan_that_answers_arp_before_anything_is_sent() -> None:
    conversation, _ = registered_through_agent()
    conversation.plug(link(ups=2))
    assert of(conversation.plan(), QuietArp) == [QuietArp(ETHERNET)]
    conversation.feed(heard_advertisement(source="192.0.2.77"))
    conversation.feed(heard_home_agent())
    assert of(conversation.plan(), QuietArp) == []
