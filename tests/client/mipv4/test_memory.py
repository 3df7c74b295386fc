"""What a mobile node takes up after a restart."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.status import Place
from client.mipv4.memory import assigned_address
from tests.client.mipv4.by_hand import (
    CARE_OF,
    GATEWAY,
    HOME,
    NAI,
    SETTINGS,
    heard_home_agent,
    link,
    reply_bytes,
    requests_in,
)
from tests.client.mipv4.conversation import Conversation

NAMELESS = replace(SETTINGS, home_address=None, nai=NAI)


def given_an_address() -> Conversation:
    """Away, a node without an address asked for one, and got it."""
    conversation = Conversation(NAMELESS)
    [asked] = requests_in(conversation.plug(link(2, f"{CARE_OF}/24", gateway=GATEWAY)))
    assert asked.home == "0.0.0.0"
    conversation.answer(asked, reply_bytes(asked, home=HOME))
    return conversation


@pytest.mark.rfc("5944", "3.6")
def test_address_that_was_assigned_is_asked_for_again_after_a_restart_and_known_at_home() -> None:
    before = given_an_address()
    assert str(before.node.home_address) == HOME
    after = Conversation(NAMELESS, memory=before.node.memory())
    after.plug(link())
    after.feed(heard_home_agent())
    [asked] = after.requests()
    assert (asked.home, asked.lifetime) == (HOME, 0)
    after.answer(asked, reply_bytes(asked))
    v4 = after.status().v4
    assert v4 is not None
    assert (v4.place, v4.home_address) == (Place.HOME, HOME)


def test_address_of_the_profile_is_not_overruled_by_what_was_remembered() -> None:
    memory = given_an_address().node.memory()
    other = replace(SETTINGS, home_address=None, nai=NAI)
    assert Conversation(other, memory=memory).node.home_address == IPv4Address(HOME)
    fixed = Conversation(SETTINGS, memory=memory.replace(HOME.encode(), b"198.51.100.99"))
    assert fixed.node.home_address == IPv4Address(HOME)
    assert b"home_address" not in fixed.node.memory()


@given(st.binary(max_size=60) | st.sampled_from([b'{"home_address": "0.0.0.0"}', b'{"home_address": 7}', b"[]", b"7"]))
def test_any_other_memory_is_no_address(memory: bytes) -> None:
    assert assigned_address(memory) is None
