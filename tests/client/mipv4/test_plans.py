"""What the kernel should hold, for every attachment (RFC 5944 §4.2.1, §4.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address, IPv4Network

import pytest

from client.core.choice import Switch
from client.core.ipv4 import IPv4Packet
from client.core.links import Link
from client.core.machine import PathMtuLearnt, Send
from client.core.plan import (
    ANCHOR,
    Anchor,
    Encapsulation,
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
from client.mipv4.commands import SetReverseTunnel, SetTunnelled
from client.mipv4.settings import Settings
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
    heard_echo,
    heard_home_agent,
    link,
    reply_bytes,
    requests_in,
)
from tests.client.mipv4.conversation import (
    THROUGH_OUR_TUNNEL,
    Conversation,
    at_home,
    registered_co_located,
    registered_through_agent,
)

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


@pytest.mark.rfc("5944", "4.2.1", "router")
@pytest.mark.rfc("5944", "4.2.1", "no-arp")
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


# --- selected prefixes -------------------------------------------------------------------------------

PREFIXES = (IPv4Network("10.0.0.0/8"), IPv4Network("172.16.4.0/24"))
SELECTED = [
    Rule(order=4, table=Table.OURS, bound_to=HOME_ADDRESS),
    Rule(order=4, table=Table.OURS, destination=PREFIXES[0]),
    Rule(order=4, table=Table.OURS, destination=PREFIXES[1]),
    Rule(order=4, table=Table.OURS, destination=IPv4Network(f"{HOME_AGENT}/32")),
]


@pytest.mark.parametrize("arrive", [registered_co_located, registered_through_agent, at_home])
def test_selected_prefixes_and_who_binds_the_home_address_use_it_and_nothing_else(
    arrive: Callable[[Settings], tuple[Conversation, Asked]],
) -> None:
    conversation, _ = arrive(replace(SETTINGS, tunnelled=PREFIXES))
    rules = tables(conversation.plan())
    assert [rule for rule in rules if rule.table is Table.OURS] == SELECTED
    everything, _ = arrive(SETTINGS)
    assert of(conversation.plan(), Route) == of(everything.plan(), Route)


def test_prefixes_are_switched_at_run_time_without_a_word_to_the_home_agent() -> None:
    conversation, _ = registered_co_located()
    before = conversation.plan()
    assert conversation.feed(SetTunnelled(PREFIXES)) == []
    kept = [item for item in before if item in conversation.plan()]
    assert [item for item in before if item not in kept] == [Rule(order=3, table=Table.OURS)]
    assert [item for item in conversation.plan() if item not in kept] == SELECTED
    assert conversation.feed(SetTunnelled(None)) == []
    assert conversation.plan() == before


def test_no_prefix_at_all_leaves_only_who_binds_the_home_address() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, tunnelled=()))
    rules = [rule for rule in tables(conversation.plan()) if rule.table is Table.OURS]
    assert rules == [SELECTED[0], SELECTED[-1]]


def test_prefix_that_holds_the_home_agent_alone_makes_one_rule() -> None:
    conversation, _ = registered_co_located(replace(SETTINGS, tunnelled=(IPv4Network(f"{HOME_AGENT}/32"),)))
    assert len([rule for rule in tables(conversation.plan()) if rule.destination]) == 1


# --- packets to many ---------------------------------------------------------------------------------

TO_ALL = IPv4Address("198.51.100.255")


@pytest.mark.rfc("5944", "3.6.1.2", "broadcast-node")
@pytest.mark.rfc("5944", "4.3")
def test_broadcasts_of_the_home_network_reach_programs_home_and_away_only_if_they_are_wanted() -> None:
    for arrive in (registered_co_located, registered_through_agent, at_home):
        wanted, _ = arrive(replace(SETTINGS, broadcasts=True))
        assert of(wanted.plan(), Anchor) == [Anchor(mtu=1480, address=HOME_ADDRESS, broadcast=TO_ALL)]
        assert of(arrive(SETTINGS)[0].plan(), Anchor) == [Anchor(mtu=1480, address=HOME_ADDRESS)]


@pytest.mark.rfc("5944", "4.3")
def test_own_tunnel_takes_broadcasts_and_groups_plainly() -> None:
    plan = registered_co_located(replace(SETTINGS, broadcasts=True))[0].plan()
    assert of(plan, Tunnel) == [TUNNEL]
    triangle = replace(SETTINGS, broadcasts=True, reverse_tunnel=Switch.OFF)
    assert of(registered_co_located(triangle)[0].plan(), Tunnel) == [replace(ONE_WAY, broadcast=TO_ALL)]


@pytest.mark.rfc("5944", "4.4")
def test_groups_are_joined_and_heard_through_the_reverse_tunnel() -> None:
    plan = registered_co_located()[0].plan()
    [tunnel] = of(plan, Tunnel)
    assert isinstance(tunnel, Tunnel)
    assert tunnel.broadcast == TO_ALL
    groups = IPv4Network("224.0.0.0/4")
    routes = [item for item in plan if isinstance(item, Route)]
    [route] = [
        item for item in routes if isinstance(item.destination, IPv4Network) and groups.subnet_of(item.destination)
    ]
    assert (route.interface, route.source) == (ANCHOR, HOME_ADDRESS)
    assert Rule(order=3, table=Table.OURS) in plan


@pytest.mark.rfc("5944", "4.4", "decapsulates")
@pytest.mark.rfc("5944", "4.3")
def test_through_an_agent_nested_packets_to_the_home_address_are_taken_apart_if_broadcasts_are_wanted() -> None:
    plan = registered_through_agent(replace(SETTINGS, broadcasts=True))[0].plan()
    assert of(plan, Tunnel) == [
        Tunnel(
            end=End.MOBILE,
            home_address=HOME_ADDRESS,
            local=HOME_ADDRESS,
            remote=IPv4Address(HOME_AGENT),
            sends=False,
            broadcast=TO_ALL,
        )
    ]
    assert of(registered_through_agent()[0].plan(), Tunnel) == []


# --- how long packets may be --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("encapsulation", "extension", "mtu"),
    [
        (Encapsulation.IPIP, "", 1480),
        (Encapsulation.GRE, "", 1476),
        (Encapsulation.MINIMAL, "", 1480),
        (Encapsulation.UDP, "2c06 0000 0000 0000", 1468),
    ],
)
def test_mtu_leaves_room_for_the_encapsulation_in_force(encapsulation: Encapsulation, extension: str, mtu: int) -> None:
    conversation = Conversation(replace(SETTINGS, encapsulations=(encapsulation,)))
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked, reply_bytes(asked, extensions=bytes.fromhex(extension)))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=mtu, address=HOME_ADDRESS)]
    assert conversation.node.mtu == mtu


@pytest.mark.rfc("1191", "3")
def test_router_that_says_how_long_packets_may_be_is_obeyed_by_anchor_and_tunnel() -> None:
    conversation, _ = registered_co_located()
    conversation.feed(PathMtuLearnt(remote=IPv4Address(HOME_AGENT), mtu=1400))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=1380, address=HOME_ADDRESS)]
    assert of(conversation.plan(), Tunnel) == [replace(TUNNEL, mtu=1380)]
    conversation.feed(PathMtuLearnt(remote=IPv4Address("192.0.2.99"), mtu=600))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=1380, address=HOME_ADDRESS)]


def test_long_packets_that_do_not_come_back_make_packets_shorter_within_three_seconds() -> None:
    conversation = Conversation()
    [asked] = requests_in(conversation.plug(CABLE))
    conversation.answer(asked)
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.prove()
    begun = conversation.now
    while conversation.now < begun + 3:
        known = len(conversation.sent)
        conversation.wait(0.05)
        for _, output in conversation.sent[known:]:
            if isinstance(output, Send) and output.packet.protocol == 4 and len(output.packet.pack()) <= 1400:
                inner = replace(output, packet=IPv4Packet.unpack(output.packet.payload))
                conversation.feed(heard_echo(inner, interface=ANCHOR))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=1380, address=HOME_ADDRESS)]
    assert of(conversation.plan(), Tunnel) == [replace(TUNNEL, mtu=1380)]
    [asked] = requests_in(conversation.plug(link(WIRELESS, "192.0.2.44/24")))
    assert of(conversation.plan(), Anchor) == [Anchor(mtu=1480, address=HOME_ADDRESS)]
