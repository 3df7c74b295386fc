"""Which interfaces the data plane's programs are attached to."""

from __future__ import annotations

import struct

import pytest

from client.linux.carriers import Carrier, CarrierTable
from client.linux.netlink.messages import Message, attribute, nested
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT, Owner

ADDRESS = bytes.fromhex("02000000000a")
NEW, GONE = 16, 17


def told(
    name: str, hardware: int, *, kind: str = "", port_of: str = "", index: int = 7, type_: int = NEW, mtu: int = 1500
) -> Message:
    """An RTM_NEWLINK or RTM_DELLINK, laid out as in linux/if_link.h."""
    info = b"".join(attribute(number, word.encode()) for number, word in ((1, kind), (4, port_of)) if word)
    body = struct.pack("=BxHiII", 0, hardware, index, 0, 0)
    body += attribute(3, name.encode() + b"\0") + attribute(1, ADDRESS) + attribute(4, struct.pack("=I", mtu))
    return Message(type_, 0, body + nested(18, info))


def carriers(*messages: Message, owner: Owner = MOBILE_NODE) -> frozenset[Carrier]:
    table = CarrierTable(owner)
    for message in messages:
        table.take(message)
    return table.all()


def test_ethernet_carries_with_a_header_and_mobile_broadband_without() -> None:
    assert carriers(told("eth0", 1)) == {Carrier(7, True, ADDRESS, 1500)}
    for hardware in (512, 519, 0xFFFE):
        [carrier] = carriers(told("wwan0", hardware))
        assert not carrier.ethernet


@pytest.mark.parametrize("name", ["mip0", "mipa0"])
def test_no_anchor_carries_not_even_the_other_daemons(name: str) -> None:
    assert not carriers(told(name, 0xFFFE, kind="tun"))


@pytest.mark.parametrize("name", ["mipseg0", "mipseg1", "mipaseg0", "mipaseg1"])
def test_no_segmenter_carries(name: str) -> None:
    assert not carriers(told(name, 1, kind="veth"))


def test_loopback_does_not_carry() -> None:
    assert not carriers(told("lo", 772))


def test_port_of_a_bridge_does_not_carry_and_the_bridge_does_for_an_agent() -> None:
    assert not carriers(told("eth0", 1, port_of="bridge"))
    assert not carriers(told("br0", 1, kind="bridge"))
    assert carriers(told("br0", 1, kind="bridge"), owner=MOBILITY_AGENT)


def test_link_that_goes_or_becomes_a_port_carries_no_longer() -> None:
    assert not carriers(told("eth0", 1), told("eth0", 1, type_=GONE))
    assert not carriers(told("eth0", 1), told("eth0", 1, port_of="bond"))


def test_newest_message_counts_and_what_is_not_told_anew_goes() -> None:
    table = CarrierTable(MOBILE_NODE)
    for message in (told("eth0", 1), told("eth1", 1, index=8), told("eth0", 1, mtu=1400)):
        table.take(message)
    table.keep_only({7})
    assert table.all() == {Carrier(7, True, ADDRESS, 1400)}
