"""Both data planes against the same table of packets: what arrives, and which of them carried it.

The table is laid out by hand (tests/client/linux/packet_classes.py); neither plane is the other's judge.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

from client.core.plan import Anchor, Encapsulation, End, MobilityHeaders, Plan, Rule, Table
from tests.client.linux.dataplane.planes import Plane, Wire, collect
from tests.client.linux.holder import eventually
from tests.client.linux.namespaces import LINK, Namespace, cable
from tests.client.linux.packet_classes import Direction, PacketClass
from tests.client.linux.packet_exceptions import all_classes
from tests.client.linux.packet_exceptions6 import nobodys6, right

pytestmark = pytest.mark.lab

CLASSES = all_classes()
NOBODYS6 = {each.name.removeprefix("leave: IPv6, "): each for each in nobodys6()}
FEW = [each for each in CLASSES if each.plane == "ebpf" and "UDP, 64 bytes" in each.name]
_ICMP, _ICMP6 = 1, 58


class Scene:
    """A data plane at one end of the cable, the bare wire at the other."""

    def __init__(self, here: Namespace, there: Namespace, way: str, runtime: Path) -> None:
        _address(here, "fd00:7::1", there, "fd00:7::2")
        _address(there, "fd00:7::2", here, "fd00:7::1")
        here.ip("-6", "route", "add", "fd00:c::/64", "via", "fd00:7::2")
        here.run("sysctl", "-qw", "net.ipv4.ip_forward=1", "net.ipv6.conf.all.forwarding=1")
        self._here = here
        self._to = here.link_layer_address
        self.way = way
        self.plane, self.wire = Plane(here, way, runtime), Wire(there)

    def close(self) -> None:
        self.plane.close()
        self.wire.close()

    def pass_through(self, each: PacketClass, *, quiet: bool = False) -> list[bytes]:
        """What becomes of a class's packets. `quiet`: the kernel does not refuse mobility headers aloud."""
        plan = _plan(each, self._here.interface)
        self.plane.hold((*plan, MobilityHeaders()) if quiet else plan)
        if each.tunnel.encapsulation is Encapsulation.MINIMAL and self.way != "tun":
            assert eventually(self._has_segmenter)
        self.plane.ask("heard")
        self.wire.ask("heard")
        for packet in each.packets:
            if each.direction is Direction.ENTER:
                self.plane.ask("put", packet)
            else:
                self.wire.ask("send", self._to, packet)
        if each.direction is Direction.ENTER:
            return collect(partial(self.wire.ask, "heard"), partial(_is_of_tunnel, each), len(each.expected))
        return collect(partial(self.plane.ask, "heard"), lambda _: True, len(each.expected))

    def _has_segmenter(self) -> bool:
        return "mipseg0@mipseg1: <BROADCAST,MULTICAST,NOARP,UP,LOWER_UP>" in self._here.ip("link")


def _address(namespace: Namespace, address: str, other: Namespace, others: str) -> None:
    """IPv6 beside IPv4, and neighbours known, so that no packet waits for an answer."""
    namespace.ip("addr", "add", f"{address}/64", "dev", LINK, "nodad")
    link_layer_address = other.link_layer_address.hex(":")
    for neighbour in (str(other.address), others):
        namespace.ip("neigh", "replace", neighbour, "lladdr", link_layer_address, "dev", LINK, "nud", "permanent")


def _plan(each: PacketClass, link: int) -> Plan:
    """A mobile node says by which link, an agent lets the routes decide.

    The anchor takes packets that are too long, as programs may hand them down before they know the path.
    """
    tunnel = replace(each.tunnel, interface=link) if each.tunnel.end is End.MOBILE else each.tunnel
    return (Anchor(mtu=2000), tunnel, Rule(order=0, table=Table.MAIN, marked=True))


def _is_of_tunnel(each: PacketClass, packet: bytes) -> bool:
    """Whether it goes to the tunnel's other end: not what the kernel says of itself, or an error about it."""
    if packet[0] >> 4 == 6:
        return packet[24:40] == each.tunnel.remote.packed and packet[6] != _ICMP6
    return packet[16:20] == each.tunnel.remote.packed and packet[9] != _ICMP


def is_complaint(packet: bytes) -> bool:
    """An ICMPv6 error: a type below 128."""
    return packet[0] >> 4 == 6 and packet[6] == _ICMP6 and packet[40] < 128


@contextmanager
def scene(way: str, runtime: Path) -> Iterator[Scene]:
    with cable(f"mnt-{way}") as (here, there):
        made = Scene(here, there, way, runtime)
        try:
            yield made
        finally:
            made.close()


@pytest.fixture(scope="module")
def tcx(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("tcx", tmp_path_factory.mktemp("tcx")) as made:
        yield made


@pytest.fixture(scope="module")
def clsact(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("clsact", tmp_path_factory.mktemp("clsact")) as made:
        yield made


@pytest.fixture(scope="module")
def tun(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    with scene("tun", tmp_path_factory.mktemp("tun")) as made:
        yield made


def masked(each: PacketClass, packets: list[bytes]) -> list[str]:
    return sorted(each.masked(packet).hex() for packet in packets)


def judged(scene: Scene, each: PacketClass) -> None:
    """The packets that arrive are those expected, and BPF counted them as carried, or as left to the other plane."""
    before = scene.plane.counters()
    arrived = scene.pass_through(each)
    assert masked(each, arrived) == masked(each, list(each.expected))
    moved = scene.plane.counters() - before
    assert moved[f"ebpf_{each.counter}"] == len(each.packets)
    assert moved["ebpf_packets"] == (len(each.packets) if each.counter.startswith(("sent", "received")) else 0)


@pytest.fixture(params=["tcx", "tun"])
def either(request: pytest.FixtureRequest) -> Scene:
    """Each data plane in turn."""
    found: Scene = request.getfixturevalue(request.param)
    return found


def refused(scene: Scene, each: PacketClass) -> None:
    """Nothing comes of it, not even a complaint, while of the right packet something does."""
    good = replace(each, packets=(right(each.tunnel),), expected=(b"",))
    assert len(scene.pass_through(good, quiet=True)) == 1
    before = scene.plane.counters()
    assert scene.pass_through(each, quiet=True) == []
    assert not any(is_complaint(packet) for packet in scene.wire.ask("heard"))
    if scene.way == "tcx" and each.counter:
        assert (scene.plane.counters() - before)[f"ebpf_{each.counter}"] == 1


@pytest.mark.rfc("6275", "11.3.3", "tunnel-source")
@pytest.mark.rfc("6275", "5.5", "tunnel-sources")
@pytest.mark.parametrize("name", ["from a stranger", "at home, from a stranger"])
def test_a_tunnel_takes_packets_only_from_its_other_end(either: Scene, name: str) -> None:
    refused(either, NOBODYS6[name])


@pytest.mark.rfc("6275", "10.4.5")
@pytest.mark.parametrize("name", ["to another's address", "at home, from another's address"])
def test_a_tunnel_carries_only_its_own_home_address(either: Scene, name: str) -> None:
    refused(either, NOBODYS6[name])


@pytest.mark.rfc("6275", "11.3.3", "routing-length")
def test_a_routing_header_of_another_length_is_dropped_silently(either: Scene) -> None:
    refused(either, NOBODYS6["a routing header with two addresses"])


@pytest.mark.rfc("6275", "11.3.3", "routing-segments")
@pytest.mark.parametrize("name", ["no segment left", "two segments left"])
def test_a_routing_header_with_other_than_one_segment_left_is_dropped_silently(either: Scene, name: str) -> None:
    refused(either, NOBODYS6[name])


@pytest.mark.rfc("6275", "11.3.3", "routing-home-address")
@pytest.mark.parametrize("name", ["another's home address", "not from the correspondent"])
def test_a_routing_header_with_anothers_home_address_is_dropped_silently(either: Scene, name: str) -> None:
    refused(either, NOBODYS6[name])


@pytest.mark.rfc("6275", "9.3.1")
@pytest.mark.parametrize("name", ["a home address without a binding", "a home address from elsewhere"])
def test_a_home_address_is_taken_only_from_its_care_of_address(either: Scene, name: str) -> None:
    refused(either, NOBODYS6[name])


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.name)
def test_ebpf_carries_what_it_must_and_leaves_the_rest_to_tun(tcx: Scene, each: PacketClass) -> None:
    judged(tcx, each)


@pytest.mark.parametrize("each", FEW, ids=lambda each: each.name)
def test_programs_carry_as_well_by_clsact(clsact: Scene, each: PacketClass) -> None:
    judged(clsact, each)


@pytest.mark.parametrize("each", CLASSES, ids=lambda each: each.name)
def test_tun_carries_everything_by_itself(tun: Scene, each: PacketClass) -> None:
    arrived = tun.pass_through(each)
    assert masked(each, arrived) == masked(each, list(each.expected))
    assert "ebpf_packets" not in tun.plane.counters()
