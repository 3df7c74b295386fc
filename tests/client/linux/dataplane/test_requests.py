"""Our netlink requests, read by pyroute2."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Any

import pytest
from pyroute2.netlink.rtnl.fibmsg import fibmsg
from pyroute2.netlink.rtnl.ndmsg import ndmsg
from pyroute2.netlink.rtnl.rtmsg import rtmsg

from client.core.errors import KernelError
from client.core.plan import Neighbour, Route, Rule, Table
from client.linux.dataplane.neighbours import neighbour_requests
from client.linux.dataplane.routes import route_requests
from client.linux.dataplane.rules import rule_requests
from client.linux.netlink.messages import HEADER, Request
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT

EVERYWHERE = IPv4Network("0.0.0.0/0")


def read(kind: type, request: Request) -> Any:
    message = kind(HEADER.pack(HEADER.size + len(request.body), request.type, request.flags, 1, 0) + request.body)
    message.decode()
    return message


def test_route_through_an_agent_needs_no_subnet() -> None:
    route = Route(
        destination=EVERYWHERE,
        interface=7,
        gateway=IPv4Address("192.0.2.1"),
        source=IPv4Address("10.1.0.7"),
    )
    addition, removal = route_requests(route, 7, MOBILE_NODE)
    for request in (addition, removal):
        message = read(rtmsg, request)
        assert (message["family"], message["dst_len"], message["proto"], message["type"]) == (2, 0, 143, 1)
        assert message["flags"] == 4  # RTNH_F_ONLINK
        assert message["scope"] == 0
        assert message.get_attr("RTA_TABLE") == 434
        assert message.get_attr("RTA_OIF") == 7
        assert message.get_attr("RTA_GATEWAY") == "192.0.2.1"
        assert message.get_attr("RTA_PREFSRC") == "10.1.0.7"
        assert message.get_attr("RTA_DST") is None


def test_route_into_an_interface_has_link_scope() -> None:
    route = Route(destination=IPv4Network("10.1.0.7/32"), interface=9, table=Table.REVERSE)
    message = read(rtmsg, route_requests(route, 9, MOBILITY_AGENT)[0])
    assert (message["dst_len"], message["scope"], message["flags"]) == (32, 253, 0)
    assert message.get_attr("RTA_DST") == "10.1.0.7"
    assert message.get_attr("RTA_TABLE") == 436
    assert message.get_attr("RTA_GATEWAY") is None


def test_rule_for_marked_packets() -> None:
    message = read(fibmsg, rule_requests(Rule(order=0, table=Table.MAIN, marked=True), MOBILE_NODE)[0])
    assert (message["action"], message["table"], message["src_len"]) == (1, 254, 0)
    assert message.get_attr("FRA_PRIORITY") == 4340
    assert message.get_attr("FRA_FWMARK") == 0x434
    assert message.get_attr("FRA_TABLE") == 254
    assert message.get_attr("FRA_PROTOCOL") == 143


def test_rule_for_dhcp() -> None:
    rule = Rule(order=1, table=Table.MAIN, protocol=17, source_port=68, destination_port=67)
    message = read(fibmsg, rule_requests(rule, MOBILE_NODE)[0])
    assert message.get_attr("FRA_IP_PROTO") == 17
    assert message.get_attr("FRA_SPORT_RANGE") == "68:68"
    assert message.get_attr("FRA_DPORT_RANGE") == "67:67"


def test_rule_for_what_a_visitor_sends() -> None:
    rule = Rule(order=20, table=Table.REVERSE, bound_to=IPv4Address("10.1.0.7"), arriving_on=1)
    message = read(fibmsg, rule_requests(rule, MOBILITY_AGENT)[0])
    assert message["src_len"] == 32
    assert message.get_attr("FRA_SRC") == "10.1.0.7"
    assert message.get_attr("FRA_IIFNAME") == "lo"
    assert message.get_attr("FRA_TABLE") == 436


def test_rule_for_a_prefix_that_goes_through_the_tunnel() -> None:
    rule = Rule(order=3, table=Table.OURS, destination=IPv4Network("192.0.2.0/24"))
    message = read(fibmsg, rule_requests(rule, MOBILE_NODE)[0])
    assert (message["dst_len"], message["src_len"]) == (24, 0)
    assert message.get_attr("FRA_DST") == "192.0.2.0"


def test_rule_for_everywhere_names_no_destination() -> None:
    message = read(fibmsg, rule_requests(Rule(order=3, table=Table.OURS, destination=EVERYWHERE), MOBILE_NODE)[0])
    assert message["dst_len"] == 0
    assert message.get_attr("FRA_DST") is None


@pytest.mark.parametrize("order", [-1, 10])
def test_rule_outside_our_priorities_is_refused(order: int) -> None:
    with pytest.raises(KernelError, match="outside our range"):
        rule_requests(Rule(order=order, table=Table.OURS), MOBILE_NODE)


def test_rule_for_a_link_that_is_gone_is_refused() -> None:
    with pytest.raises(KernelError, match="no link 99999"):
        rule_requests(Rule(order=0, table=Table.OURS, arriving_on=99999), MOBILITY_AGENT)


def test_neighbour_is_permanent_and_ours() -> None:
    neighbour = Neighbour(
        interface=7,
        address=IPv4Address("192.0.2.1"),
        link_layer_address=bytes.fromhex("020000000001"),
    )
    message = read(ndmsg, neighbour_requests(neighbour, MOBILE_NODE)[0])
    assert (message["family"], message["ifindex"], message["state"]) == (2, 7, 0x80)
    assert message.get_attr("NDA_DST") == "192.0.2.1"
    assert message.get_attr("NDA_LLADDR") == "02:00:00:00:00:01"
    assert message.get_attr("NDA_PROTOCOL") == 143


def test_ipv6_route_by_a_router_and_its_mtu() -> None:
    route = Route(
        destination=IPv6Network("2001:db8::/32"),
        interface=7,
        gateway=IPv6Address("fe80::1"),
        source=IPv6Address("2001:db8::7"),
        mtu=1400,
    )
    for request in route_requests(route, 7, MOBILE_NODE):
        message = read(rtmsg, request)
        assert (message["family"], message["dst_len"], message["proto"], message["type"]) == (10, 32, 143, 1)
        assert message["flags"] == 0  # a link-local address is on its link without a word
        assert message.get_attr("RTA_DST") == "2001:db8::"
        assert message.get_attr("RTA_GATEWAY") == "fe80::1"
        assert message.get_attr("RTA_PREFSRC") == "2001:db8::7"
        assert message.get_attr("RTA_METRICS").get_attr("RTAX_MTU") == 1400
        assert message.get_attr("RTA_TABLE") == 434


def test_ipv6_route_by_a_gateway_elsewhere_needs_no_subnet() -> None:
    route = Route(destination=IPv6Network("::/0"), interface=7, gateway=IPv6Address("2001:db8::1"))
    message = read(rtmsg, route_requests(route, 7, MOBILE_NODE)[0])
    assert (message["dst_len"], message["flags"], message.get_attr("RTA_DST")) == (0, 4, None)


def test_ipv4_route_may_have_an_mtu() -> None:
    message = read(rtmsg, route_requests(Route(destination=EVERYWHERE, interface=7, mtu=1400), 7, MOBILE_NODE)[0])
    assert message.get_attr("RTA_METRICS").get_attr("RTAX_MTU") == 1400


def test_ipv6_rules() -> None:
    bound = Rule(order=2, table=Table.MAIN, bound_to=IPv6Address("2001:db8::7"), version=6)
    to = Rule(order=3, table=Table.MAIN, destination=IPv6Network("fe80::/10"), version=6)
    rest = Rule(order=4, table=Table.OURS, version=6)
    read_ones = [read(fibmsg, rule_requests(rule, MOBILE_NODE)[0]) for rule in (bound, to, rest)]
    assert [each["family"] for each in read_ones] == [10, 10, 10]
    assert [(each["src_len"], each["dst_len"]) for each in read_ones] == [(128, 0), (0, 10), (0, 0)]
    assert read_ones[0].get_attr("FRA_SRC") == "2001:db8::7"
    assert read_ones[1].get_attr("FRA_DST") == "fe80::"
    assert read_ones[2].get_attr("FRA_TABLE") == 434


def test_ipv6_neighbour() -> None:
    neighbour = Neighbour(interface=7, address=IPv6Address("fe80::1"), link_layer_address=bytes(6))
    message = read(ndmsg, neighbour_requests(neighbour, MOBILE_NODE)[0])
    assert (message["family"], message.get_attr("NDA_DST")) == (10, "fe80::1")
