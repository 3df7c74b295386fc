"""Both links work: bound by both until the new way is proven (RFC 5944 §3.6.1.2)."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.choice import Switch
from client.core.commands import CheckNow
from client.core.ipv4 import IPv4Packet
from client.core.links import Link
from client.core.machine import Output, Send
from client.core.plan import ANCHOR, Encapsulation, Neighbour, Plan, Route, Tunnel
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import (
    AGENT,
    AGENT_MAC,
    CARE_OF,
    D_BIT,
    ETHERNET,
    GATEWAY,
    HOME,
    HOME_AGENT,
    SETTINGS,
    T_BIT,
    WIRELESS,
    Asked,
    heard_advertisement,
    heard_echo,
    heard_home_agent,
    link,
    probes_in,
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

S_BIT = 0x80
THERE = "192.0.2.44"
CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
RADIO = link(WIRELESS, f"{THERE}/24")
OVERLAPPING = replace(SETTINGS, overlap=True)
OLD, NEW = (CARE_OF, ETHERNET), (THERE, WIRELESS)


def tunnels(plan: Plan) -> dict[tuple[str, int | None], bool]:
    """The tunnels that take packets, and whether packets go by them."""
    found = [item for item in plan if isinstance(item, Tunnel)]
    assert all(tunnel.receives for tunnel in found)
    return {(str(tunnel.local), tunnel.interface): tunnel.sends for tunnel in found}


def enveloped(outputs: list[Output]) -> list[tuple[str, int | None, Send]]:
    """Echo requests inside outer packets of IP-in-IP: from where, by which link, and the inner packet alone."""
    found = []
    for output in outputs:
        if isinstance(output, Send) and output.packet.protocol == 4:
            inner = IPv4Packet.unpack(output.packet.payload)
            assert (output.signalling, output.packet.destination) == (True, IPv4Address(HOME_AGENT))
            found.append((str(output.packet.source), output.interface, replace(output, packet=inner)))
    return found


def bound_by_both(settings: Settings = OVERLAPPING) -> tuple[Conversation, Send]:
    """The home agent has granted the radio beside the cable; the probe that goes by the radio is under way."""
    conversation, _ = registered_co_located(settings)
    conversation.wait(20)
    conversation.echo = None
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    conversation.wait(0.05)
    [(source, by, probe)] = enveloped(conversation.answer(asked))
    assert (source, by) == NEW
    assert (str(probe.packet.source), str(probe.packet.destination), probe.packet.payload[0]) == (HOME, HOME_AGENT, 8)
    return conversation, probe


def proven(conversation: Conversation, probe: Send) -> list[Output]:
    """The probe comes back through a tunnel of ours."""
    return conversation.feed(heard_echo(probe, interface=ANCHOR))


def last(conversation: Conversation) -> Asked:
    """The latest request."""
    return conversation.requests()[-1]


@pytest.mark.rfc("5944", "3.6.1.2")
def test_s_bit_is_set_when_the_old_link_works_and_a_new_one_is_there() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    assert (asked.flags, asked.care_of) == (S_BIT | D_BIT | T_BIT, THERE)


@pytest.mark.parametrize("there", [(RADIO,), (RADIO, link(up=False)), (RADIO, link(ETHERNET, f"{CARE_OF}/24", ups=2))])
def test_s_bit_is_not_set_when_the_old_link_vanished_first(there: tuple[Link, ...]) -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(*there))
    assert not asked.flags & S_BIT


def test_s_bit_is_not_set_without_a_binding_or_if_it_is_not_wanted() -> None:
    assert not last(registered_co_located(OVERLAPPING)[0]).flags & S_BIT
    conversation, _ = registered_co_located()
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    assert not asked.flags & S_BIT
    conversation, _ = at_home(OVERLAPPING)
    conversation.wait(3)
    conversation.plug(RADIO)
    assert not last(conversation).flags & S_BIT


def test_packets_go_by_the_old_way_until_the_new_one_is_agreed_and_proven_and_come_by_both() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    conversation.plug(RADIO, CABLE)
    assert tunnels(conversation.plan()) == {OLD: True}
    conversation, probe = bound_by_both()
    assert tunnels(conversation.plan()) == {OLD: True, NEW: False}
    conversation.wait(0.1)
    proven(conversation, probe)
    assert tunnels(conversation.plan()) == {NEW: True, OLD: False}


@pytest.mark.rfc("5944", "3.8.2.2")
def test_once_proven_the_old_care_of_address_alone_is_given_up_from_the_new_one_a_second_after_the_request() -> None:
    conversation, probe = bound_by_both()
    proven(conversation, probe)
    asked_at = conversation.request_times()[-1]
    conversation.wait(1)
    release = last(conversation)
    assert (release.lifetime, release.care_of, release.source) == (0, CARE_OF, THERE)
    assert (release.flags, release.send.interface, release.is_signed()) == (D_BIT | T_BIT, WIRELESS, True)
    assert conversation.request_times()[-1] == asked_at + 1
    conversation.answer(release)
    conversation.wait(30)
    assert len(conversation.requests()) == 3
    assert tunnels(conversation.plan()) == {NEW: True}


def test_release_without_an_answer_is_repeated_twice_and_then_left_to_the_lifetime() -> None:
    conversation, probe = bound_by_both()
    proven(conversation, probe)
    conversation.wait(60)
    assert [asked.lifetime for asked in conversation.requests()] == [600, 600, 0, 0, 0]
    first, second, third = conversation.request_times()[2:]
    assert (second - first, third - second) == (1, 2)
    identifications = [asked.ident for asked in conversation.requests()]
    assert identifications == sorted(set(identifications))


def test_forged_answer_to_a_release_does_not_end_it() -> None:
    conversation, probe = bound_by_both()
    proven(conversation, probe)
    conversation.wait(1)
    release = last(conversation)
    conversation.answer(release, reply_bytes(release, key=None))
    conversation.answer(release, reply_bytes(release, key=b"x" * 16))
    conversation.wait(1.5)
    assert len(conversation.requests()) == 4


@pytest.mark.rfc("5944", "3.4")
def test_code_1_makes_it_a_move_like_any_other() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    conversation.answer(asked, reply_bytes(asked, code=1))
    assert tunnels(conversation.plan()) == {NEW: True, OLD: False}
    conversation.live(30)
    assert len(conversation.requests()) == 2
    assert tunnels(conversation.plan()) == {NEW: True}


def test_old_link_that_is_lost_meanwhile_takes_packets_over_at_once() -> None:
    conversation, _ = bound_by_both()
    conversation.plug(RADIO)
    assert tunnels(conversation.plan()) == {NEW: True}
    conversation.wait(1.1)
    assert (last(conversation).lifetime, last(conversation).care_of) == (0, CARE_OF)


def test_old_link_that_is_lost_before_the_reply_makes_packets_go_ahead() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    conversation.plug(RADIO, CABLE)
    conversation.plug(RADIO)
    assert tunnels(conversation.plan()) == {NEW: True}


def test_new_link_that_is_lost_again_before_it_was_proven_leaves_all_as_it_was() -> None:
    conversation, _ = bound_by_both()
    conversation.wait(1)
    conversation.plug(CABLE)
    assert tunnels(conversation.plan()) == {OLD: True}
    assert last(conversation).care_of == CARE_OF
    assert not last(conversation).flags & S_BIT
    conversation.answer(last(conversation))
    conversation.wait(5)
    assert tunnels(conversation.plan()) == {OLD: True}
    assert all(asked.lifetime for asked in conversation.requests())


def test_new_way_that_does_not_prove_itself_carries_nothing_and_is_tried_again() -> None:
    conversation, _ = bound_by_both()
    conversation.live(12)
    assert tunnels(conversation.plan()) == {OLD: True, NEW: False}
    again = [asked for asked in conversation.requests()[2:] if asked.care_of == THERE]
    assert again
    assert all(asked.flags & S_BIT for asked in again)


def test_renewal_while_both_are_bound_keeps_both_and_afterwards_only_one() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    conversation.echo = None
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    conversation.answer(asked, reply_bytes(asked, lifetime=10))
    conversation.live(12, lambda asked: reply_bytes(asked, lifetime=10))
    renewals = [asked for asked in conversation.requests()[2:] if asked.lifetime]
    assert renewals
    assert all(asked.flags & S_BIT for asked in renewals)
    conversation, probe = bound_by_both()
    proven(conversation, probe)
    conversation.echo = THROUGH_OUR_TUNNEL
    conversation.live(500)
    renewals = [asked for asked in conversation.requests()[2:] if asked.lifetime]
    assert renewals
    assert not any(asked.flags & S_BIT for asked in renewals)


def test_old_binding_that_ends_meanwhile_is_not_used_any_more() -> None:
    conversation, _ = bound_by_both()
    conversation.live(601, lambda asked: reply_bytes(asked, code=130 if asked.care_of == CARE_OF else 0))
    assert tunnels(conversation.plan())[NEW] is True


def test_way_that_never_proves_itself_is_passed_over_and_the_way_that_works_is_kept_bound() -> None:
    conversation, _ = bound_by_both()
    conversation.echo = THROUGH_OUR_TUNNEL  # by the old way alone: probes of the new one are in an envelope
    for _ in range(100):
        conversation.live(15)
        assert tunnels(conversation.plan())[OLD] is True
    requests = zip(conversation.request_times(), conversation.requests(), strict=True)
    by_radio = [at for at, asked in requests if asked.care_of == THERE and asked.lifetime]
    assert max(by_radio) - min(by_radio) > 120, "it gets another chance"
    assert len(by_radio) < 30


def test_link_that_carries_nothing_is_left_for_one_that_was_less_wanted() -> None:
    conversation, _ = registered_co_located(SETTINGS)
    conversation.plug(CABLE, RADIO)
    conversation.echo = None
    conversation.feed(CheckNow())
    conversation.live(20)
    binding = conversation.binding()
    assert binding is not None
    assert str(binding.target.care_of_address) == THERE


def test_way_back_before_the_release_gives_up_the_other_one() -> None:
    conversation, probe = bound_by_both()
    conversation.wait(0.1)
    proven(conversation, probe)
    conversation.plug(CABLE, RADIO)
    conversation.wait(2)
    back = last(conversation)
    assert (back.care_of, back.lifetime, back.flags & S_BIT) == (CARE_OF, 600, S_BIT)
    conversation.answer(back)
    [*_, (source, by, probe)] = enveloped([output for _, output in conversation.sent])
    assert (source, by) == OLD
    proven(conversation, probe)
    assert tunnels(conversation.plan()) == {OLD: True, NEW: False}
    conversation.wait(2)
    assert (last(conversation).lifetime, last(conversation).care_of) == (0, THERE)


def test_way_back_to_the_proven_one_needs_no_new_proof() -> None:
    conversation, _ = bound_by_both()
    conversation.wait(1)
    [asked] = requests_in(conversation.plug(CABLE, RADIO))
    assert (asked.care_of, asked.flags & S_BIT) == (CARE_OF, S_BIT)
    assert tunnels(conversation.plan())[OLD] is True
    conversation.answer(asked)
    assert tunnels(conversation.plan()) == {OLD: True, NEW: False}
    conversation.wait(2)
    assert (last(conversation).lifetime, last(conversation).care_of) == (0, THERE)


def test_refused_release_is_left_alone() -> None:
    conversation, probe = bound_by_both()
    proven(conversation, probe)
    conversation.wait(1)
    conversation.answer(last(conversation), reply_bytes(last(conversation), code=128))
    conversation.wait(60)
    assert len(conversation.requests()) == 3
    assert conversation.node.registration.refusal is None


def test_to_a_foreign_agent_on_another_link_the_probe_goes_as_a_frame_and_the_old_way_carries_packets() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    conversation.echo = None
    conversation.plug(link(WIRELESS), CABLE)
    conversation.feed(heard_advertisement(interface=WIRELESS))
    asked = last(conversation)
    assert (asked.destination, asked.flags & S_BIT) == (AGENT, S_BIT)
    [probe] = probes_in(conversation.answer(asked))
    assert (probe.interface, probe.link_layer_destination) == (WIRELESS, AGENT_MAC)
    assert tunnels(conversation.plan()) == {OLD: True}
    conversation.feed(heard_echo(probe, interface=ANCHOR))
    assert tunnels(conversation.plan()) == {OLD: True}
    conversation.feed(heard_echo(probe, interface=WIRELESS, mac=AGENT_MAC))
    assert tunnels(conversation.plan()) == {OLD: False}
    assert [item.interface for item in conversation.plan() if isinstance(item, Route)] == [WIRELESS]


def test_from_a_foreign_agent_it_carries_packets_until_the_new_way_is_proven() -> None:
    conversation, _ = registered_through_agent(OVERLAPPING)
    conversation.wait(3)
    conversation.echo = None
    [asked] = requests_in(conversation.plug(RADIO, link()))
    assert asked.flags & S_BIT
    [(source, by, probe)] = enveloped(conversation.answer(asked))
    assert (source, by) == NEW
    plan = conversation.plan()
    assert tunnels(plan) == {NEW: False}
    assert [item.link_layer_address for item in plan if isinstance(item, Neighbour)] == [AGENT_MAC]
    assert [item.interface for item in plan if isinstance(item, Route)] == [ETHERNET]
    proven(conversation, probe)
    assert tunnels(conversation.plan()) == {NEW: True}
    assert [item.interface for item in conversation.plan() if isinstance(item, Route)] == [ANCHOR]


@pytest.mark.rfc("3024", "4.3")
def test_without_the_reverse_tunnel_packets_and_the_probe_leave_plainly_by_the_old_and_the_new_link() -> None:
    """A home agent takes nothing out of a tunnel that nobody asked for, and packets are not to go by one."""
    conversation, _ = registered_co_located(replace(OVERLAPPING, reverse_tunnel=Switch.OFF))
    conversation.wait(20)
    conversation.echo = None
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    outputs = conversation.answer(asked)
    [probe] = probes_in(outputs)
    assert not enveloped(outputs)
    assert (probe.interface, probe.link_layer_destination, probe.signalling) == (WIRELESS, None, True)
    assert (str(probe.packet.source), str(probe.packet.destination)) == (HOME, HOME_AGENT)
    assert [item.interface for item in conversation.plan() if isinstance(item, Route)] == [ETHERNET]
    proven(conversation, probe)
    assert [item.interface for item in conversation.plan() if isinstance(item, Route)] == [WIRELESS]


def test_each_binding_has_its_own_encapsulation() -> None:
    assent = bytes.fromhex("2c06 0000 0000 0000")
    wanted = replace(OVERLAPPING, encapsulations=(Encapsulation.IPIP, Encapsulation.UDP))
    conversation, _ = registered_co_located(wanted)
    conversation.wait(20)
    conversation.echo = None
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    outputs = conversation.answer(asked, reply_bytes(asked, extensions=assent))
    found = {str(item.local): item.encapsulation for item in conversation.plan() if isinstance(item, Tunnel)}
    assert found == {CARE_OF: Encapsulation.IPIP, THERE: Encapsulation.UDP}
    [data] = [output for output in outputs if isinstance(output, Send) and output.packet.protocol == 17]
    assert data.packet.payload[:4] == bytes.fromhex("01b2 01b2")
    assert data.packet.payload[8:12] == bytes.fromhex("04 04 0000")
    assert probes_in([replace(data, packet=IPv4Packet.unpack(data.packet.payload[12:]))])


def test_a_thousand_switches_never_leave_packets_without_a_way() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.echo = None
    there = [(RADIO, CABLE), (CABLE, RADIO)] * 500
    for order in there:
        conversation.sent.clear()
        conversation.wait(2.5)
        conversation.plug(*order)
        assert any(tunnels(conversation.plan()).values())
        [(_, _, probe)] = enveloped(conversation.answer(last(conversation)))
        assert any(tunnels(conversation.plan()).values())
        proven(conversation, probe)
        assert tunnels(conversation.plan())[str(order[0].addresses[0].ip), order[0].index]
        conversation.wait(1.2)
        conversation.answer(last(conversation))
        assert [asked.lifetime for asked in conversation.requests()] == [600, 0]


def test_the_same_care_of_address_on_two_links_is_one_binding_and_never_given_up() -> None:
    """Private addresses are alike in many networks (RFC 3519 §5.1), and an agent may serve links with one of its own.

    The home agent tells bindings apart by their care-of address: to give up the old one would end the new one.
    """
    same = link(WIRELESS, f"{CARE_OF}/24")
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(same, CABLE))
    assert not asked.flags & S_BIT
    conversation.answer(asked)
    conversation.wait(30)
    assert [each.lifetime for each in conversation.requests()] == [600, 600]


def test_a_third_link_with_the_care_of_address_that_is_bound_beside_is_a_move_like_any_other() -> None:
    conversation, _ = bound_by_both()
    conversation.wait(2)
    [asked] = requests_in(conversation.plug(link(7, f"{CARE_OF}/24"), RADIO, CABLE))
    assert not asked.flags & S_BIT
    conversation.answer(asked)
    conversation.wait(30)
    assert not [each for each in conversation.requests() if not each.lifetime and each.care_of == CARE_OF]


def test_what_is_given_up_never_has_the_care_of_address_that_is_kept() -> None:
    conversation, _ = bound_by_both()
    moved = link(WIRELESS, f"{THERE}/24", ups=2)
    conversation.wait(2)
    conversation.answer(requests_in(conversation.plug(moved, CABLE))[-1])
    conversation.wait(30)
    given_up = [each.care_of for each in conversation.requests() if not each.lifetime]
    assert THERE not in given_up


@pytest.mark.rfc("5944", "3.4")
def test_135_makes_us_ask_without_the_s_bit_and_the_next_move_has_it_again() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(RADIO, CABLE))
    conversation.answer(asked, reply_bytes(asked, code=135))
    conversation.wait(1.2)
    again = last(conversation)
    assert (again.care_of, again.flags & S_BIT) == (THERE, 0)
    conversation.answer(again)
    assert tunnels(conversation.plan())[NEW] is True
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(CABLE, RADIO))
    assert (asked.care_of, asked.flags & S_BIT) == (CARE_OF, S_BIT)


def test_135_to_a_request_without_the_s_bit_is_tried_again_later() -> None:
    conversation, _ = registered_co_located(OVERLAPPING)
    conversation.wait(20)
    [asked] = requests_in(conversation.plug(RADIO))
    conversation.answer(asked, reply_bytes(asked, code=135))
    conversation.wait(20)
    assert last(conversation) == asked


@pytest.mark.rfc("5944", "3.6.1.2")
def test_home_again_packets_that_were_under_way_to_either_address_are_still_taken_for_a_moment() -> None:
    conversation, _ = bound_by_both()
    conversation.wait(2)
    conversation.plug(link(7), RADIO, CABLE)
    [asked] = requests_in(conversation.feed(heard_home_agent(interface=7)))
    assert (asked.lifetime, asked.care_of) == (0, HOME)
    conversation.answer(asked)
    assert tunnels(conversation.plan()) == {OLD: False, NEW: False}
    conversation.wait(2.1)
    assert tunnels(conversation.plan()) == {}
