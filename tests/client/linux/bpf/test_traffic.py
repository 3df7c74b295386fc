"""TCP and UDP of real programs through tunnels of BPF alone, merged packets and unfinished checksums among them."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv4Address

import pytest

from client.core.plan import Encapsulation, End
from tests.client.linux.bpf.journey import (
    AGENT,
    AGENT6,
    HOME,
    HOME6,
    MOBILE,
    MOBILE6,
    PEER,
    PEER6,
    Journey,
    entries4,
    entries6,
    journey,
    lead,
    station,
)
from tests.client.linux.bpf.station import Station
from tests.client.linux.bpf.talk import datagrams, exchange
from tests.client.linux.namespaces import Namespace
from tests.client.linux.packet_classes import IPV4

pytestmark = pytest.mark.lab
CHUNKS = 32
SIZE = CHUNKS * 65536
HOME_SIDE = IPv4Address("10.8.0.2")
SECOND = IPv4Address("10.99.0.6")


@pytest.fixture(scope="module")
def hosts() -> Iterator[Journey]:
    """Three of them."""
    with journey() as made:
        yield made


def carried(station: Station, label: str) -> tuple[int, int]:
    """Bytes sent and received by a station, that declined nothing but neighbour discovery."""
    counted = station.counted()
    declined = {name for name in counted if name.startswith(("declined", "dropped"))}
    assert declined <= {"declined_many"}
    return counted[f"sent_{label}"][1], counted[f"received_{label}"][1]


@pytest.mark.parametrize("offloads", ["off", "on"])
@pytest.mark.parametrize("by_table", [False, True], ids=["by its link", "by the table"])
@pytest.mark.parametrize("kind", IPV4, ids=lambda kind: kind.value)
def test_tcp_flows_both_ways(hosts: Journey, kind: Encapsulation, by_table: bool, offloads: str) -> None:
    hosts.offloads(offloads)
    here, there = hosts.stations(kind, segmenter=kind is Encapsulation.MINIMAL, by_table=by_table)
    try:
        assert exchange((hosts.mobile, HOME), (hosts.correspondent, PEER), CHUNKS) == (SIZE, SIZE)
        for end in (here, there):
            assert min(carried(end, kind.value)) > SIZE
    finally:
        here.close()
        there.close()


@pytest.fixture
def closed(hosts: Journey) -> Iterator[Namespace]:
    """A home agent whose firewall lets nothing be forwarded."""
    hosts.agent.run("nft", "add table inet shut")
    hosts.agent.run("nft", "add chain inet shut forward { type filter hook forward priority 0; policy drop; }")
    yield hosts.agent
    hosts.agent.run("nft", "delete table inet shut")


# Merged packets have to be cut for minimal encapsulation, which only the way by the anchor does.
SHORT = [
    (kind, offloads) for kind in IPV4 for offloads in ("off", "on") if (kind, offloads) != (Encapsulation.MINIMAL, "on")
]


@pytest.mark.parametrize(("kind", "offloads"), SHORT)
@pytest.mark.usefixtures("closed")
def test_with_a_shortcut_nothing_passes_by_the_kernels_forwarding(
    hosts: Journey, kind: Encapsulation, offloads: str
) -> None:
    hosts.offloads(offloads)
    here, there = hosts.stations(kind, segmenter=kind is Encapsulation.MINIMAL, by_table=True)
    there.ask("shorten")
    try:
        assert exchange((hosts.mobile, HOME), (hosts.correspondent, PEER), CHUNKS) == (SIZE, SIZE)
        assert min(carried(there, kind.value)) > SIZE
    finally:
        here.close()
        there.close()


@pytest.mark.rfc("2473", "3")
@pytest.mark.parametrize("offloads", ["off", "on"])
@pytest.mark.usefixtures("closed")
def test_with_a_shortcut_ipv6_does_not_either(hosts: Journey, offloads: str) -> None:
    hosts.offloads(offloads)
    here = station(hosts.mobile, list(entries6(End.MOBILE, MOBILE6, AGENT6, Encapsulation.IPIP, 11)))
    there = station(hosts.agent, list(entries6(End.HOME, AGENT6, MOBILE6, Encapsulation.IPIP, 0)))
    there.ask("shorten")
    hosts.routes()
    try:
        assert exchange((hosts.mobile, HOME6), (hosts.correspondent, PEER6), CHUNKS) == (SIZE, SIZE)
        assert min(carried(there, "ipip6")) > SIZE
    finally:
        here.close()
        there.close()


@pytest.mark.rfc("2473", "3")
@pytest.mark.parametrize("offloads", ["off", "on"])
@pytest.mark.parametrize("by_table", [False, True], ids=["by its link", "by the table"])
def test_tcp_flows_both_ways_in_ipv6(hosts: Journey, by_table: bool, offloads: str) -> None:
    hosts.offloads(offloads)
    here = station(hosts.mobile, list(entries6(End.MOBILE, MOBILE6, AGENT6, Encapsulation.IPIP, 11)))
    way = 0 if by_table else 12
    there = station(hosts.agent, list(entries6(End.HOME, AGENT6, MOBILE6, Encapsulation.IPIP, way)))
    hosts.routes()
    try:
        assert exchange((hosts.mobile, HOME6), (hosts.correspondent, PEER6), CHUNKS) == (SIZE, SIZE)
        for end in (here, there):
            assert min(carried(end, "ipip6")) > SIZE
    finally:
        here.close()
        there.close()


@pytest.mark.rfc("6275", "6.3")
@pytest.mark.rfc("6275", "6.4")
@pytest.mark.parametrize("offloads", ["off", "on"])
def test_tcp_flows_directly_on_kernels_without_mobile_ipv6(hosts: Journey, offloads: str) -> None:
    hosts.offloads(offloads)
    here = station(hosts.mobile, list(entries6(End.MOBILE, MOBILE6, PEER6, Encapsulation.DIRECT, 11)))
    there = station(hosts.correspondent, list(entries6(End.HOME, PEER6, MOBILE6, Encapsulation.DIRECT, 13)))
    lead(hosts.mobile, (PEER6, HOME6))
    lead(hosts.correspondent, (HOME6, None))
    try:
        assert exchange((hosts.mobile, HOME6), (hosts.correspondent, PEER6), CHUNKS) == (SIZE, SIZE)
        for end in (here, there):
            assert min(carried(end, "direct")) > SIZE
    finally:
        here.close()
        there.close()


@pytest.mark.parametrize("offloads", ["off", "on"])
@pytest.mark.parametrize("kind", IPV4, ids=lambda kind: kind.value)
def test_tcp_flows_from_one_tunnel_into_another(hosts: Journey, kind: Encapsulation, offloads: str) -> None:
    """Two mobile nodes of one home agent; a kernel goes on to take a packet from the first tunnel for tunnelled."""
    hosts.offloads(offloads)
    first = entries4(End.MOBILE, MOBILE, AGENT, Encapsulation.IPIP, 11)
    second = entries4(End.MOBILE, PEER, HOME_SIDE, kind, 13, home=SECOND)
    both = [
        *entries4(End.HOME, AGENT, MOBILE, Encapsulation.IPIP, 12),
        *entries4(End.HOME, HOME_SIDE, PEER, kind, 14, home=SECOND),
    ]
    stations = [
        station(hosts.mobile, list(first)),
        station(hosts.agent, both, segmenter=True),
        station(hosts.correspondent, list(second), segmenter=True),
    ]
    lead(hosts.mobile, (SECOND, HOME))
    lead(hosts.agent, (HOME, None), (SECOND, None))
    lead(hosts.correspondent, (HOME, SECOND))
    try:
        assert exchange((hosts.mobile, HOME), (hosts.correspondent, SECOND), CHUNKS) == (SIZE, SIZE)
        for end, labels in zip(stations, (("ipip",), ("ipip", kind.value), (kind.value,)), strict=True):
            for label in labels:
                assert min(carried(end, label)) > SIZE
    finally:
        for end in stations:
            end.close()


@pytest.mark.rfc("5944", "3.8.2.1")
def test_every_packet_goes_to_each_of_simultaneous_bindings(hosts: Journey) -> None:
    """Of different encapsulations, the last of which needs the segmenting pair."""
    hosts.offloads("on")
    kinds = (Encapsulation.IPIP, Encapsulation.UDP, Encapsulation.GRE, Encapsulation.MINIMAL)
    places = [IPv4Address(f"10.7.0.{number}") for number in (1, 3, 4, 5)]
    for place in places[1:]:
        hosts.mobile.ip("addr", "replace", f"{place}/24", "dev", "lx0")
    ours = [entry for place, kind in zip(places, kinds, strict=True)
            for entry in entries4(End.MOBILE, place, AGENT, kind, 11)]  # fmt: skip
    theirs = [entry for copy, (place, kind) in enumerate(zip(places, kinds, strict=True))
              for entry in entries4(End.HOME, AGENT, place, kind, 12, copy, 3 - copy)]  # fmt: skip
    here, there = station(hosts.mobile, ours, segmenter=True), station(hosts.agent, theirs, segmenter=True)
    hosts.routes()
    try:
        sizes = (10, 1400, 600)
        arrived = datagrams((hosts.correspondent, PEER), (hosts.mobile, HOME), sizes, 12)
        assert sorted(arrived) == sorted(sizes * 4)
        for kind in kinds:
            assert there.counted()[f"sent_{kind.value}"][0] == 3
            assert here.counted()[f"received_{kind.value}"][0] == 3
        assert there.counted()["copied"][0] == 9
        assert there.ask("read") == [] or all(packet[0] >> 4 == 6 for packet in there.ask("read"))
    finally:
        here.close()
        there.close()
        for place in places[1:]:
            hosts.mobile.ip("addr", "del", f"{place}/24", "dev", "lx0")
