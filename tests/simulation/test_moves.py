"""What a move costs in packets, with the real machines at both ends and links that lose nothing."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from ipaddress import IPv4Address

import pytest

from client.core.ipv4 import ANY, IPv4Packet
from client.mipv4.mobile_node import MobileNode
from tests.simulation.daemons import toggle
from tests.simulation.faults import Plot, plot
from tests.simulation.scene import Scene
from tests.simulation.topology import CORRESPONDENT, HOME_ADDRESS

QUIET = replace(
    plot(1),
    faults=frozenset(),
    mobile_skew=0.0,
    home_skew=0.0,
    drift=0.0,
    lifetime=600,
    agents_require=False,
    addresses_everywhere=False,
    slow_addresses=False,
    wanted=("ipip", "udp"),
    granted=("ipip", "gre", "minimal", "udp"),
    most_bindings=3,
    overlap=True,
)
pytestmark = pytest.mark.simulation

PROTOCOL = 254  # RFC 3692: for experiments; 253 is the scene's own
EVERY = 0.004


class Streams:
    """Numbered packets both ways, 250 a second."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        self.sent = 0
        self.down: set[int] = set()
        self.up: set[int] = set()
        self._until = 0.0
        mobile, correspondent = scene.processes["mobile"].host, scene.topology.correspondent
        mobile.application = self._writing(self.down, mobile.application)
        correspondent.application = self._writing(self.up, correspondent.application)

    @staticmethod
    def _writing(seen: set[int], before: Callable[[IPv4Packet], None]) -> Callable[[IPv4Packet], None]:
        def take(packet: IPv4Packet) -> None:
            if packet.protocol == PROTOCOL:
                seen.add(int.from_bytes(packet.payload, "big"))
            else:
                before(packet)

        return take

    def run(self, seconds: float) -> None:
        """Send for so long, and let all of it arrive."""
        timeline = self._scene.timeline
        self._until = timeline.now + seconds
        timeline.after(EVERY, self._tick)
        timeline.run_until(self._until + 1.0)

    def _tick(self) -> None:
        timeline = self._scene.timeline
        if timeline.now >= self._until:
            return
        self.sent += 1
        self._send(self._scene.topology.correspondent.send, CORRESPONDENT, HOME_ADDRESS.ip)
        self._send(self._scene.processes["mobile"].host.send, ANY, CORRESPONDENT)
        timeline.after(EVERY, self._tick)

    def _send(self, send: Callable[[IPv4Packet], None], source: IPv4Address, destination: IPv4Address) -> None:
        payload = self.sent.to_bytes(4, "big")
        send(IPv4Packet(source=source, destination=destination, protocol=PROTOCOL, payload=payload))


def bound(place: str, plotted: Plot = QUIET) -> Scene:
    """A laptop that is bound there for a while, on links without trouble."""
    scene = Scene(1, plotted)
    scene.start()
    for lan in scene.topology.lans.values():
        lan.impairment.delay = 0.005
    scene.laptop.go(place)
    scene.timeline.run_until(scene.timeline.now + 10.0)
    assert scene.settled()
    return scene


@pytest.mark.rfc("5944", "3.6.1.2")
@pytest.mark.parametrize("places", [("dhcp1", "dhcp2"), ("dhcp1", "hotel"), ("agent1", "dhcp1"), ("agent1", "agent2")])
def test_moves_between_two_working_links_lose_nothing(places: tuple[str, str]) -> None:
    scene = bound(places[0])
    streams = Streams(scene)
    for place in (places[1], places[0]) * 3:
        scene.laptop.shift(place)
        streams.run(7.5)
        assert scene.settled()
    assert streams.sent > 11_000
    everything = set(range(1, streams.sent + 1))
    assert (everything - streams.down, everything - streams.up) == (set(), set())


@pytest.mark.rfc("5944", "3.6.1.2")
def test_without_the_reverse_tunnel_the_new_link_is_proven_while_the_old_one_is_there() -> None:
    """The home agent answers a probe that comes plainly, as packets do; out of the tunnel it takes none."""
    scene = bound("dhcp1")
    scene.processes["mobile"].feed(toggle(False))
    scene.timeline.run_until(scene.timeline.now + 5.0)
    streams = Streams(scene)
    for place in ("dhcp2", "dhcp1") * 2:
        scene.laptop.shift(place)
        streams.run(7.5)
    everything = set(range(1, streams.sent + 1))
    assert (everything - streams.down, everything - streams.up) == (set(), set())
    node = scene.processes["mobile"].machine
    assert isinstance(node, MobileNode)
    seen = [entry.id for entry in node.history.log]
    assert seen.count("arrived") == 5
    assert not {"stalled", "one-way"} & {*seen}


def change_address(scene: Scene) -> float:
    """The only link gets another address; when that was."""
    known = scene.laptop.addresses
    while scene.laptop.addresses == known:
        scene.laptop.change_lease()
    return scene.timeline.now


def test_packets_right_behind_the_request_wait_at_the_home_agent_and_are_not_lost() -> None:
    """Up: none is lost. Down: those that were under way to an address that is gone, for one round trip."""
    scene = bound("dhcp1", replace(QUIET, overlap=False))
    streams = Streams(scene)
    streams.run(1.0)
    change_address(scene)
    streams.run(2.0)
    everything = set(range(1, streams.sent + 1))
    assert everything - streams.up == set()
    round_trip = 4 * 0.005
    assert len(everything - streams.down) <= round_trip / EVERY + 2


def test_nothing_is_forwarded_for_a_request_that_is_refused() -> None:
    """What came with it is dropped with it."""
    scene = bound("dhcp1", replace(QUIET, overlap=False))
    home = scene.processes["home"]
    home.clocks.skew += 3600.0  # it refuses each timestamp of ours from now on
    streams = Streams(scene)
    change_address(scene)
    streams.run(0.1)
    assert streams.up == set()
    assert home.host.dropped["not our tunnel"] > 0
