"""Links as machines see them, from messages that pyroute2 wrote."""

from __future__ import annotations

from dataclasses import replace
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface
from typing import Any

import pytest
from pyroute2.netlink.rtnl.ifaddrmsg import ifaddrmsg
from pyroute2.netlink.rtnl.ifinfmsg import ifinfmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from client.core.links import NO_DOUBT, Address6, Doubt, Link
from client.linux.link_table import LinkTable
from client.linux.netlink.messages import HEADER, Message
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT, Owner

NEWLINK, DELLINK, NEWADDR, DELADDR, NEWROUTE, DELROUTE = 16, 17, 20, 21, 24, 25
UP, LOWER_UP, DORMANT = 0x1, 0x10000, 0x20000
LINK_LAYER_ADDRESS = "02:00:00:00:00:07"


def encoded(type_: int, message: Any) -> Message:
    message["header"]["type"] = type_
    message.encode()
    return Message(type_, 0, bytes(message.data[HEADER.size :]))


def link(index: int = 7, flags: int = UP | LOWER_UP, *, type_: int = NEWLINK, **fields: Any) -> Message:
    message = ifinfmsg()
    message["family"] = fields.pop("family", 0)
    message["index"] = index
    message["ifi_type"] = fields.pop("hardware", 1)
    message["flags"] = flags
    kind, slave_kind = fields.pop("kind", None), fields.pop("slave_kind", None)
    attributes: dict[str, Any] = {
        "IFLA_IFNAME": f"eth{index}",
        "IFLA_ADDRESS": LINK_LAYER_ADDRESS,
        "IFLA_MTU": 1500,
        "IFLA_OPERSTATE": "UP",
        "IFLA_LINKMODE": 0,
        "IFLA_CARRIER_UP_COUNT": 1,
    }
    attributes |= {f"IFLA_{name.upper()}": value for name, value in fields.items()}
    info = [["IFLA_INFO_KIND", kind]] if kind else []
    info += [["IFLA_INFO_SLAVE_KIND", slave_kind]] if slave_kind else []
    if info:
        attributes["IFLA_LINKINFO"] = {"attrs": info}
    message["attrs"] = list(attributes.items())
    return encoded(type_, message)


def address(text: str, index: int = 7, *, new: bool = True, scope: int = 0) -> Message:
    interface = IPv4Interface(text)
    message = ifaddrmsg()
    message["family"], message["prefixlen"], message["scope"] = 2, interface.network.prefixlen, scope
    message["index"] = index
    message["attrs"] = [("IFA_ADDRESS", str(interface.ip)), ("IFA_LOCAL", str(interface.ip))]
    return encoded(NEWADDR if new else DELADDR, message)


def default_route(gateway: str, index: int = 7, metric: int = 0, *, new: bool = True, table: int = 254) -> Message:
    message = rtmsg()
    message["family"], message["table"] = 2, table if table < 256 else 252
    message["attrs"] = [("RTA_TABLE", table), ("RTA_OIF", index), ("RTA_GATEWAY", gateway), ("RTA_PRIORITY", metric)]
    return encoded(NEWROUTE if new else DELROUTE, message)


def address6(text: str, index: int = 7, *, new: bool = True, scope: int = 0, flags: int = 0) -> Message:
    interface = IPv6Interface(text)
    message = ifaddrmsg()
    message["family"], message["prefixlen"], message["scope"] = 10, interface.network.prefixlen, scope
    message["index"], message["flags"] = index, flags & 0xFF
    message["attrs"] = [("IFA_ADDRESS", str(interface.ip)), ("IFA_FLAGS", flags)]
    return encoded(NEWADDR if new else DELADDR, message)


def default_route6(
    gateway: str, index: int = 7, metric: int = 1024, *, new: bool = True, preference: int = 0, replaces: bool = False
) -> Message:
    message = rtmsg()
    message["family"], message["table"], message["type"] = 10, 254, 1
    message["attrs"] = [
        ("RTA_TABLE", 254),
        ("RTA_OIF", index),
        ("RTA_GATEWAY", gateway),
        ("RTA_PRIORITY", metric),
        ("RTA_PREF", preference),
    ]
    made = encoded(NEWROUTE if new else DELROUTE, message)
    return replace(made, flags=0x100) if replaces else made


def table(*messages: Message, owner: Owner = MOBILE_NODE) -> LinkTable:
    made = LinkTable(owner)
    for message in messages:
        made.take(message)
    return made


def only(made: LinkTable) -> Link:
    [found] = made.links().links
    return found


def test_link_address_and_gateway() -> None:
    made = table(link(), address("192.0.2.7/24"), default_route("192.0.2.1"))
    assert only(made) == Link(
        index=7,
        name="eth7",
        link_layer_address=bytes.fromhex("020000000007"),
        up=True,
        ups=1,
        mtu=1500,
        addresses=(IPv4Interface("192.0.2.7/24"),),
        gateway=IPv4Address("192.0.2.1"),
        routed=True,
    )


@pytest.mark.parametrize(
    ("flags", "state", "mode", "up"),
    [
        (UP | LOWER_UP, "UP", 0, True),
        (UP | LOWER_UP, "UNKNOWN", 0, True),
        (UP | LOWER_UP, "UP", 1, True),
        (UP | LOWER_UP, "DOWN", 0, True),
        (UP | LOWER_UP, "LOWERLAYERDOWN", 0, True),
        (UP | LOWER_UP, "DORMANT", 1, False),
        (UP | LOWER_UP, "DOWN", 1, False),
        (UP | LOWER_UP | DORMANT, "DOWN", 0, False),
        (UP, "UP", 0, False),
        (LOWER_UP, "UP", 0, False),
        (UP, "DOWN", 0, False),
    ],
)
def test_up_is_more_than_a_carrier_and_does_not_wait_for_the_kernels_word(
    flags: int, state: str, mode: int, *, up: bool
) -> None:
    assert only(table(link(flags=flags, operstate=state, linkmode=mode))).up is up


def test_a_flick_between_two_messages_is_counted() -> None:
    made = table(link(carrier_up_count=1))
    assert not made.take(link(carrier_up_count=1))
    assert only(made).ups == 1
    assert made.take(link(carrier_up_count=2))  # routes may have gone meanwhile
    assert only(made).ups == 2
    made.take(link(flags=UP, operstate="DOWN", carrier_up_count=2))
    assert only(made).ups == 2
    made.take(link(carrier_up_count=3))
    assert only(made).ups == 3


@pytest.mark.parametrize(
    "message",
    [
        link(hardware=772),
        link(hardware=65534, ifname="mip0", kind="tun"),
        link(kind="tun"),
        link(kind="bridge"),
        link(kind="dummy"),
        link(kind="veth", slave_kind="bridge"),
        link(slave_kind="bond"),
    ],
    ids=["loopback", "anchor", "tap", "bridge", "dummy", "port of a bridge", "port of a bond"],
)
def test_what_cannot_carry_us_is_not_shown(message: Message) -> None:
    assert table(message).links().links == ()


@pytest.mark.parametrize("kind", [None, "veth", "macvlan", "vlan", "bond"])
def test_what_leads_out_is_shown(kind: str | None) -> None:
    assert len(table(link(kind=kind)).links().links) == 1


def test_a_routers_bridge_is_a_link() -> None:
    assert len(table(link(kind="bridge"), owner=MOBILITY_AGENT).links().links) == 1


def test_a_link_that_becomes_a_port_goes() -> None:
    made = table(link())
    assert made.take(link(slave_kind="bridge"))
    assert made.links().links == ()


def test_a_bridge_telling_of_its_port_changes_nothing() -> None:
    made = table(link())
    assert not made.take(link(type_=DELLINK, family=7))
    assert len(made.links().links) == 1


def test_addresses_of_a_narrow_scope_are_none() -> None:
    made = table(link(), address("169.254.1.1/16", scope=253), address("192.0.2.7/24"))
    assert only(made).addresses == (IPv4Interface("192.0.2.7/24"),)


def test_addresses_come_and_go() -> None:
    made = table(link(), address("192.0.2.7/24"), address("192.0.2.7/24"), address("192.0.2.8/24"))
    assert made.take(address("192.0.2.7/24", new=False))  # with it the kernel drops routes silently
    assert only(made).addresses == (IPv4Interface("192.0.2.8/24"),)


def test_address_may_come_before_its_link() -> None:
    assert only(table(address("192.0.2.7/24"), link())).addresses == (IPv4Interface("192.0.2.7/24"),)


def test_order_is_metric_then_index() -> None:
    links = [link(index) for index in (3, 5, 8, 9)]
    made = table(*links, default_route("192.0.2.1", 8, 100), default_route("192.0.2.1", 9, 50))
    assert [each.index for each in made.links().links] == [9, 8, 3, 5]


def test_best_default_route_of_a_link_names_its_gateway() -> None:
    made = table(link(), default_route("192.0.2.2", metric=600), default_route("192.0.2.1", metric=100))
    assert only(made).gateway == IPv4Address("192.0.2.1")
    made.take(default_route("192.0.2.1", metric=100, new=False))
    assert only(made).gateway == IPv4Address("192.0.2.2")


def test_our_own_default_route_is_no_gateway() -> None:
    assert only(table(link(), default_route("192.0.2.1", table=434))).gateway is None


def test_link_that_goes_takes_its_addresses_along() -> None:
    made = table(link(), address("192.0.2.7/24"), default_route("192.0.2.1"))
    assert made.take(link(type_=DELLINK))
    assert made.links().links == ()
    made.take(link())
    assert only(made).addresses == ()
    assert only(made).gateway is None


def test_a_default_route_without_a_gateway_leads_out_too() -> None:
    message = rtmsg()
    message["family"], message["table"] = 2, 254
    message["attrs"] = [("RTA_TABLE", 254), ("RTA_OIF", 7)]
    found = only(table(link(), encoded(NEWROUTE, message)))
    assert (found.gateway, found.routed) == (None, True)
    assert not only(table(link(), address("192.0.2.7/24"))).routed


LINK_LOCAL, TENTATIVE, OPTIMISTIC, DUPLICATE, DEPRECATED, TEMPORARY = 253, 0x40, 0x04, 0x08, 0x20, 0x01


def test_ipv6_of_a_link() -> None:
    made = table(
        link(),
        address6("fe80::7/64", scope=LINK_LOCAL),
        address6("2001:db8:1::7/64"),
        default_route6("fe80::1"),
    )
    found = only(made)
    assert found.link_local == IPv6Address("fe80::7")
    assert found.addresses6 == (Address6(IPv6Interface("2001:db8:1::7/64"), NO_DOUBT),)
    assert (found.gateway6, found.routed6) == (IPv6Address("fe80::1"), True)
    assert (found.gateway, found.routed, found.addresses) == (None, False, ())


@pytest.mark.parametrize(
    ("flags", "doubts", "usable"),
    [
        (0x80, NO_DOUBT, True),
        (TENTATIVE, Doubt.TENTATIVE, False),
        (TENTATIVE | OPTIMISTIC, Doubt.OPTIMISTIC, True),
        (TENTATIVE | DUPLICATE, Doubt.DUPLICATE, False),
        (DEPRECATED, Doubt.DEPRECATED, True),
        (TENTATIVE | OPTIMISTIC | DEPRECATED, Doubt.OPTIMISTIC | Doubt.DEPRECATED, True),
        (0x800, NO_DOUBT, True),
    ],
)
@pytest.mark.rfc("4429", "3.1")
def test_what_the_kernel_doubts_of_an_address(flags: int, doubts: Doubt, *, usable: bool) -> None:
    [found] = only(table(link(), address6("2001:db8:1::7/64", flags=flags))).addresses6
    assert (found.doubts, found.is_usable) == (doubts, usable)


def test_an_address_loses_its_doubts() -> None:
    made = table(link(), address6("2001:db8:1::7/64", flags=TENTATIVE))
    assert not made.take(address6("2001:db8:1::7/64"))
    assert only(made).addresses6 == (Address6(IPv6Interface("2001:db8:1::7/64")),)
    assert made.take(address6("2001:db8:1::7/64", new=False))
    assert only(made).addresses6 == ()


def test_temporary_addresses_come_last() -> None:
    texts = ("2001:db8:1::a/64", "2001:db8:1::b/64", "2001:db8:1::c/64")
    made = table(link(), *(address6(text, flags=TEMPORARY if text == texts[0] else 0) for text in texts))
    assert [str(each.interface) for each in only(made).addresses6] == [texts[1], texts[2], texts[0]]


@pytest.mark.parametrize("flags", [TENTATIVE, TENTATIVE | DUPLICATE])
def test_a_link_local_address_in_doubt_is_none(flags: int) -> None:
    made = table(link(), address6("fe80::7/64", scope=LINK_LOCAL, flags=flags))
    assert only(made).link_local is None
    made.take(address6("fe80::7/64", scope=LINK_LOCAL))
    assert only(made).link_local == IPv6Address("fe80::7")


def test_a_duplicate_that_the_kernel_drops_is_still_told_until_the_link_comes_up_again() -> None:
    made = table(link(carrier_up_count=1), address6("2001:db8:1::7/64", flags=TENTATIVE))
    made.take(address6("2001:db8:1::7/64", new=False, flags=TENTATIVE | DUPLICATE))
    assert [each.doubts for each in only(made).addresses6] == [Doubt.DUPLICATE]
    made.take(link(carrier_up_count=2))
    assert only(made).addresses6 == ()


@pytest.mark.rfc("4191", "2.1")
def test_the_best_router_is_the_gateway() -> None:
    routers = [default_route6(f"fe80::{last}", preference=last) for last in (3, 0, 1)]  # low, medium, high
    made = table(link(), *routers, default_route6("fe80::4", preference=1))
    assert only(made).gateway6 == IPv6Address("fe80::1")
    made.take(default_route6("fe80::1", new=False, preference=1))
    assert only(made).gateway6 == IPv6Address("fe80::4")
    made.take(default_route6("fe80::5", metric=512))
    assert only(made).gateway6 == IPv6Address("fe80::5")


def test_a_default_route_that_takes_anothers_place_has_all_asked_again() -> None:
    made = table(link(), default_route6("fe80::1"))
    assert not made.take(default_route6("fe80::2"))
    assert made.take(default_route6("fe80::3", replaces=True))


def test_ipv6_routes_go_with_the_link() -> None:
    made = table(link(), default_route6("fe80::1"))
    made.take(link(flags=0, operstate="DOWN"))
    assert not only(made).routed6


def test_order_is_first_that_of_ipv4() -> None:
    links = [link(index) for index in (3, 5, 8)]
    made = table(*links, default_route6("fe80::1", 8, 100), default_route("192.0.2.1", 5, 600))
    assert [each.index for each in made.links().links] == [5, 8, 3]
