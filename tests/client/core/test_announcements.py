"""Gratuitous ARP, a small number of times (RFC 5944 §4.6)."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest

from client.core.announcements import Announcements
from client.core.machine import NEVER

ADDRESS, OTHER = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.24")
MAC, MAC_2 = bytes.fromhex("020000000001"), bytes.fromhex("020000000002")


@pytest.mark.rfc("5944", "4.6", "gratuitous-broadcast")
def test_announcement_is_a_broadcast_request_with_the_address_as_sender_and_as_target() -> None:
    [send] = Announcements().announce(ADDRESS, MAC, 2, 0.0)
    assert (send.interface, send.link_layer_destination) == (2, b"\xff" * 6)
    assert send.arp.pack() == bytes.fromhex("0001 0800 06 04 0001 020000000001 c6336417 000000000000 c6336417")


@pytest.mark.rfc("5944", "4.6")
def test_it_is_said_three_times_a_second_apart() -> None:
    announcements, times = Announcements(), [0.0]
    announcements.announce(ADDRESS, MAC, 2, 0.0)
    while announcements.deadline != NEVER:
        now = announcements.deadline
        assert announcements.due(now - 0.01) == []
        times += [now for _ in announcements.due(now)]
    assert times == [0, 1, 2]


def test_newer_word_takes_the_place_of_the_older_and_addresses_do_not_mix() -> None:
    announcements = Announcements()
    announcements.announce(ADDRESS, MAC, 2, 0.0)
    announcements.announce(OTHER, MAC, 2, 0.0)
    announcements.announce(ADDRESS, MAC_2, 3, 0.5)
    said = [
        (send.arp.sender_address, send.interface) for now in (1.0, 1.5, 2.0, 2.5) for send in announcements.due(now)
    ]
    assert said == [(OTHER, 2), (ADDRESS, 3), (OTHER, 2), (ADDRESS, 3)]


def test_what_is_no_longer_true_is_said_no_more() -> None:
    announcements = Announcements()
    announcements.announce(ADDRESS, MAC, 2, 0.0)
    announcements.stop(ADDRESS)
    announcements.stop(OTHER)
    assert (announcements.deadline, announcements.due(5.0)) == (NEVER, [])
