"""A network that drops packets with a foreign source is told from a path that is dead."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from client.core.advice import advice
from client.core.choice import Switch
from client.core.machine import NEVER
from client.core.status import State
from client.mipv4.commands import SetReverseTunnel
from client.mipv4.one_way import TEST_GAP, TEST_TIME
from client.mipv4.settings import Settings
from tests.client.mipv4.by_hand import CARE_OF, ETHERNET, GATEWAY, SETTINGS, link
from tests.client.mipv4.conversation import Conversation

CABLE = link(ETHERNET, f"{CARE_OF}/24", gateway=GATEWAY)
TRIANGLE = replace(SETTINGS, reverse_tunnel=Switch.OFF, lifetime=1800)
REVERSE_TUNNEL = 0x02  # the T bit (RFC 3024 §3.2)


class Filtered(Conversation):
    """Behind a router that lets only packets with a care-of address out: probes need the reverse tunnel."""

    passes = True  # do packets through the tunnel pass?

    def pass_on(self, seconds: float) -> None:
        """Time passes; the home agent answers whatever reaches it."""
        end = self.now + seconds
        while self.now < end:
            asked, probed = len(self.requests()), len(self.probes())
            self.wait(min(0.1, end - self.now))
            for request in self.requests()[asked:]:
                self.answer(request)
            binding = self.binding()
            if self.passes and binding and binding.target.reverse_tunnel and len(self.probes()) > probed:
                self.prove()


def started(settings: Settings = TRIANGLE, *, passes: bool = True) -> Filtered:
    """Plugged in at second 0 and registered."""
    conversation = Filtered(settings)
    conversation.passes = passes
    conversation.plug(CABLE)
    conversation.answer(conversation.requests()[-1])
    return conversation


def reversed_(conversation: Conversation) -> list[bool]:
    """Which requests asked for the reverse tunnel."""
    return [bool(asked.flags & REVERSE_TUNNEL) for asked in conversation.requests()]


def logged(conversation: Conversation) -> list[str]:
    return [entry.id for entry in conversation.node.history.log]


@pytest.mark.rfc("3024", "1")
def test_filtering_network_is_found_out_told_and_left_as_the_person_wants_it() -> None:
    conversation = started()
    conversation.pass_on(10)
    assert reversed_(conversation)[:3] == [False, True, False]
    status = conversation.status()
    assert (status.state, advice(status)) == (State.ONE_WAY, "one-way")
    assert logged(conversation).count("one-way") == 1
    binding = conversation.binding()
    assert binding
    assert not binding.target.reverse_tunnel


def test_it_is_never_called_working_while_packets_are_dropped() -> None:
    conversation = started()
    states = []
    for _ in range(200):
        conversation.pass_on(0.1)
        states.append(conversation.status().state)
    assert State.WORKING not in states
    assert states[-1] is State.ONE_WAY


def test_it_is_tested_once_for_a_network() -> None:
    conversation = started()
    conversation.pass_on(300)
    assert reversed_(conversation).count(True) == 1


def test_dead_path_is_stalled_and_is_tested_seldom() -> None:
    conversation = started(passes=False)
    conversation.pass_on(12)
    assert conversation.status().state is State.STALLED
    assert "one-way" not in logged(conversation)
    tests = [
        time
        for time, is_reversed in zip(conversation.request_times(), reversed_(conversation), strict=True)
        if is_reversed
    ]
    assert tests
    assert tests[-1] - tests[0] <= TEST_TIME
    conversation.pass_on(200)
    assert conversation.status().state is State.STALLED
    asked = zip(conversation.request_times(), reversed_(conversation), strict=True)
    starts = [after for (_, before), (after, is_reversed) in pairwise(asked) if is_reversed and not before]
    assert all(later - earlier >= TEST_GAP for earlier, later in pairwise(starts))


def test_reverse_tunnel_that_a_person_turns_on_then_works() -> None:
    conversation = started()
    conversation.pass_on(10)
    conversation.feed(SetReverseTunnel(Switch.ON))
    conversation.pass_on(5)
    assert conversation.status().state is State.WORKING
    assert not conversation.node.one_way.found


def test_another_network_is_another_question() -> None:
    conversation = started()
    conversation.pass_on(10)
    conversation.plug(replace(CABLE, ups=2))
    conversation.pass_on(0.5)
    assert not conversation.node.one_way.found
    assert conversation.status().state is not State.ONE_WAY


@pytest.mark.parametrize("wanted", [Switch.AUTO, Switch.ON])
def test_with_the_reverse_tunnel_there_is_nothing_to_test(wanted: Switch) -> None:
    conversation = started(replace(TRIANGLE, reverse_tunnel=wanted), passes=False)
    conversation.pass_on(30)
    assert all(reversed_(conversation))
    assert conversation.node.one_way.deadline == NEVER
    assert conversation.status().state is State.STALLED


def test_triangle_that_works_is_left_alone() -> None:
    conversation = started()
    conversation.prove()
    conversation.wait(2)
    assert conversation.status().state is State.WORKING
    assert reversed_(conversation) == [False]
