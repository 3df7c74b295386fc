"""The IPv6 mobile node as a whole: ways, plan, proof, pauses and what people see."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv6Address, IPv6Network

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.commands import CheckNow, Leave, Pause, Resume
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.links import Doubt, Links
from client.core.machine import Correspondence, LinksChanged, PlanRefused, Send6
from client.core.plan import (
    ANCHOR,
    EMPTY,
    Anchor,
    Encapsulation,
    End,
    MobilityHeaders,
    OptimisticAddresses,
    Route,
    Rule,
    Table,
    Tunnel,
)
from client.core.status import State
from mipv6 import report
from mipv6.mobile_node import MobileNode6
from tests.mipv6.by_hand import (
    CARE_OF,
    ECHO_REQUEST,
    ELSEWHERE,
    HOME,
    HOME_AGENT,
    OTHER_CARE_OF,
    OTHER_MAC,
    OTHER_ROUTER,
    ROUTER,
    acknowledgement,
    elsewhere,
    foreign,
    heard,
    prefix_option,
    router_advertisement,
    updates_in,
)
from tests.mipv6.conversation import SETTINGS, Conversation, Dice, WallClock, address, away, bound, link, moved
from tests.mipv6.headers import checksum

EVERYWHERE = IPv6Network("::/0")


def tunnels(conversation: Conversation) -> dict[IPv6Address, Tunnel]:
    """Those to the home agent, by the care-of address."""
    return {
        item.local: item
        for item in conversation.plan()
        if isinstance(item, Tunnel) and isinstance(item.local, IPv6Address)
    }


def routes(conversation: Conversation, table: Table) -> dict[object, Route]:
    """By destination."""
    return {item.destination: item for item in conversation.plan() if isinstance(item, Route) and item.table is table}


@pytest.mark.rfc("6275", "11.3.1", "tunnel-addresses")
@pytest.mark.rfc("6275", "11.3.1", "reverse-tunnel")
def test_packets_from_the_home_address_go_into_the_tunnel_to_the_home_agent() -> None:
    conversation = bound()
    plan = conversation.plan()
    assert Anchor(mtu=1460, address6=HOME) in plan
    assert MobilityHeaders() in plan
    assert OptimisticAddresses(2) in plan
    tunnel = tunnels(conversation)[CARE_OF]
    assert (tunnel.end, tunnel.home_address, tunnel.remote) == (End.MOBILE, HOME, HOME_AGENT)
    assert (tunnel.encapsulation, tunnel.sends, tunnel.receives, tunnel.interface) == (
        Encapsulation.IPIP,
        True,
        True,
        2,
    )
    everywhere = routes(conversation, Table.OURS)[EVERYWHERE]
    assert (everywhere.interface, everywhere.source) == (ANCHOR, HOME)


def test_outer_packets_leave_by_the_router_in_force() -> None:
    conversation = bound()
    to_agent = routes(conversation, Table.MAIN)[IPv6Network(HOME_AGENT)]
    assert (to_agent.interface, to_agent.gateway) == (2, ROUTER)
    moved(conversation, elsewhere())
    assert routes(conversation, Table.MAIN)[IPv6Network(HOME_AGENT)].gateway == OTHER_ROUTER


def test_signalling_dhcp_neighbours_and_local_addresses_go_past_the_home_address() -> None:
    conversation = bound()
    rules = [item for item in conversation.plan() if isinstance(item, Rule)]
    assert all(rule.version == 6 for rule in rules)
    past = [rule for rule in rules if rule.table is Table.MAIN]
    assert any(rule.marked for rule in past)
    assert any(rule.destination == IPv6Network("fe80::/10") for rule in past)
    assert any((rule.source_port, rule.destination_port) == (546, 547) for rule in past)
    assert [rule.bound_to for rule in past if rule.bound_to] == [CARE_OF]
    [rest] = [rule for rule in rules if rule.table is Table.OURS]
    assert rest.order > max(rule.order for rule in past)


def test_before_the_first_binding_packets_wait() -> None:
    conversation, _ = away()
    assert tunnels(conversation) == {}
    assert routes(conversation, Table.OURS)[EVERYWHERE].interface == ANCHOR


@pytest.mark.rfc("6275", "11.5.4", "retain")
@pytest.mark.rfc("6275", "11.5.4", "still-accept")
def test_packets_follow_the_update_at_once_and_come_by_the_former_address_for_a_while() -> None:
    conversation = bound()
    conversation.wait(5)
    moved(conversation, elsewhere())
    ways = tunnels(conversation)
    assert (ways[OTHER_CARE_OF].sends, ways[CARE_OF].sends, ways[CARE_OF].receives) == (True, False, True)
    conversation.answer()
    assert tunnels(conversation)[CARE_OF].receives
    conversation.wait(2.1)
    assert list(tunnels(conversation)) == [OTHER_CARE_OF]


def test_packets_go_back_to_the_old_link_if_nobody_answers_and_it_is_still_there() -> None:
    conversation = bound()
    wireless = link(OTHER_CARE_OF, index=3)
    other = router_advertisement(prefix_option(ELSEWHERE), router=OTHER_ROUTER, mac=OTHER_MAC, interface=3)
    conversation.plug(wireless, link(CARE_OF))
    conversation.feed(other)
    assert tunnels(conversation)[OTHER_CARE_OF].sends
    conversation.wait(1.1)
    assert tunnels(conversation)[CARE_OF].sends
    assert not tunnels(conversation)[OTHER_CARE_OF].sends


def test_plan_is_the_same_object_while_nothing_changes() -> None:
    conversation = bound()
    plan = conversation.plan()
    conversation.feed(foreign())
    conversation.wait(3)
    assert conversation.plan() is plan


def test_anchor_takes_what_every_link_must_carry() -> None:
    conversation = Conversation()
    conversation.plug(replace(link(CARE_OF), mtu=1300))
    assert Anchor(mtu=1280, address6=HOME) in conversation.plan()


def test_data_is_proven_by_an_echo_through_the_tunnel() -> None:
    conversation = bound()
    [probe] = conversation.icmp(ECHO_REQUEST)
    assert (probe.packet.source, probe.packet.destination, probe.signalling) == (HOME, HOME_AGENT, False)
    assert report.headline(conversation.node, conversation.now)[0] is State.LIMITED
    shown = report.status(conversation.node, conversation.now)
    assert (shown.care_of_address, shown.home_agent, shown.path) == (str(CARE_OF), str(HOME_AGENT), "reverse")
    assert (shown.expires_s, shown.code, shown.protection) == (600, 0, "rfc4285")


def test_without_an_answer_the_node_registers_again_and_asks_after_its_router() -> None:
    conversation, update = away()
    conversation.echo = False
    conversation.answer(update)
    conversation.wait(3.5)
    assert report.headline(conversation.node, conversation.now) == (State.STALLED, None)
    assert len(conversation.updates()) == 2
    assert conversation.icmp(135)[-1].packet.destination == ROUTER


def test_back_where_the_home_agent_knows_us_data_is_proven_anew_without_an_update() -> None:
    conversation = bound()
    conversation.plug(link(CARE_OF, up=False))
    conversation.wait(5)
    conversation.plug(link(CARE_OF, ups=2))
    probes = len(conversation.icmp(ECHO_REQUEST))
    assert updates_in(conversation.feed(foreign())) == []
    assert len(conversation.icmp(ECHO_REQUEST)) == probes + 1
    assert report.headline(conversation.node, conversation.now)[0] is State.LIMITED


@pytest.mark.rfc("4285", "2", "no-direct-paths")
def test_direct_paths_that_nothing_protects_are_off_unless_the_profile_accepts_the_risk() -> None:
    assert report.settings(bound().node)["direct_paths"].why == "unprotected"
    assert [limit.id for limit in report.limits(bound().node, 0.0)] == ["direct-paths-unprotected"]
    assert _tested(bound()) == 0
    assert _tested(bound(replace(SETTINGS, accept_unprotected=True))) > 0
    accepting = bound(replace(SETTINGS, accept_unprotected=True))
    assert report.settings(accepting.node)["direct_paths"].applied == "on"
    assert report.headline(accepting.node, accepting.now)[0] is State.WORKING


@pytest.mark.rfc("6275", "11.5.3")
def test_nothing_is_signalled_from_a_care_of_address_that_is_under_test_again() -> None:
    """The kernel lost it and forms it anew: tests with correspondents that wait for an answer are not repeated."""
    conversation = bound(replace(SETTINGS, accept_unprotected=True))
    packets = {IPv6Address("2001:db8:77::7"): 50}
    said = [output.packet for output in conversation.feed(Correspondence(packets)) if isinstance(output, Send6)]
    assert CARE_OF in [packet.source for packet in said if packet.next_header == NextHeader.MOBILITY]
    conversation.plug(link(address(CARE_OF, Doubt.TENTATIVE)))
    later = [output.packet for output in conversation.wait(8.0) if isinstance(output, Send6)]
    assert CARE_OF not in [packet.source for packet in later if packet.next_header == NextHeader.MOBILITY]
    assert conversation.node.counters["care-of-address-not-usable"]


@pytest.mark.rfc("6275", "11.3.6", "home-agent")
def test_home_agent_that_lost_our_binding_is_told_again() -> None:
    conversation = bound()
    error = bytes((59, 2, 7, 0, 0, 0, 1, 0)) + HOME.packed
    [update] = updates_in(conversation.feed(heard(_carried(error, HOME_AGENT, CARE_OF))))
    assert update.send.packet.destination == HOME_AGENT


@pytest.mark.rfc("6275", "11.3.6")
def test_binding_error_about_another_address_or_without_a_binding_is_ignored() -> None:
    conversation = bound()
    error = bytes((59, 2, 7, 0, 0, 0, 1, 0))
    assert updates_in(conversation.feed(heard(_carried(error + CARE_OF.packed, HOME_AGENT, CARE_OF)))) == []
    conversation, update = away()
    conversation.answer(update, 130)
    assert updates_in(conversation.feed(heard(_carried(error + HOME.packed, HOME_AGENT, CARE_OF)))) == []


def test_pause_deregisters_and_then_holds_nothing() -> None:
    conversation = bound()
    [farewell] = updates_in(conversation.feed(Pause()))
    assert (farewell.lifetime, farewell.send.packet.source) == (0, CARE_OF)
    assert conversation.plan() != EMPTY
    conversation.feed(acknowledgement(farewell))
    assert conversation.node.left
    assert conversation.node.parted_cleanly
    assert conversation.plan() == EMPTY
    assert report.headline(conversation.node, conversation.now) == (State.PAUSED, None)
    conversation.wait(1000)
    assert len(conversation.updates()) == 2


def test_farewell_that_nobody_answers_is_over_after_two_seconds() -> None:
    conversation = bound()
    conversation.feed(Leave())
    conversation.wait(2.1)
    assert conversation.node.left
    assert not conversation.node.parted_cleanly


def test_after_a_pause_routers_are_asked_anew() -> None:
    conversation = bound()
    conversation.feed(Pause(30.0))
    conversation.answer()
    conversation.wait(31)
    assert conversation.node.paused_until is None
    [update] = updates_in(conversation.feed(foreign()))
    assert update.lifetime == 600


def test_links_that_change_during_a_pause_ask_nothing() -> None:
    conversation = bound()
    conversation.feed(Pause())
    conversation.answer()
    assert conversation.plug(link(OTHER_CARE_OF, ups=2)) == []
    assert conversation.feed(elsewhere()) == []
    conversation.feed(Resume())
    assert len(updates_in(conversation.feed(elsewhere()))) == 1


def test_check_probes_at_once() -> None:
    conversation = bound()
    conversation.wait(20)
    before = len(conversation.icmp(ECHO_REQUEST))
    conversation.feed(CheckNow())
    assert len(conversation.icmp(ECHO_REQUEST)) == before + 1
    assert len(conversation.updates()) == 1


def test_what_the_kernel_refuses_is_a_limit() -> None:
    conversation = bound()
    conversation.feed(PlanRefused(("no room",)))
    assert report.limits(conversation.node, conversation.now)[0].detail == "no room"


@pytest.mark.rfc("6275", "11.2")
@given(kind=st.sampled_from([NextHeader.MOBILITY, NextHeader.ICMPV6]), payload=st.binary(max_size=120))
def test_any_bytes_are_taken(kind: int, payload: bytes) -> None:
    node = MobileNode6(SETTINGS, WallClock(), Dice().throw)
    node.handle(LinksChanged(Links((link(CARE_OF),))), 0.0)
    node.handle(foreign(), 0.0)
    for source in (HOME_AGENT, ROUTER):
        packet = IPv6Packet(source=source, destination=CARE_OF, next_header=kind, payload=payload, hop_limit=255)
        node.handle(heard(packet), 0.1)
    assert node.registration.binding is None


def _tested(conversation: Conversation) -> int:
    """How many messages go out when much is exchanged with a correspondent."""
    return len(conversation.feed(Correspondence({IPv6Address("2001:db8:9::1"): 1000})))


def _carried(header: bytes, source: IPv6Address, destination: IPv6Address) -> IPv6Packet:
    summed = header[:4] + checksum(header, source, destination) + header[6:]
    return IPv6Packet(source=source, destination=destination, next_header=NextHeader.MOBILITY, payload=summed)
