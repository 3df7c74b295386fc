"""The search for the longest packet that passes, on a path that swallows what is too long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from heapq import heappop, heappush
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.ipv4 import IPv4Packet
from client.core.machine import NEVER, Send
from client.core.path_mtu import RAISE, SUSPICION_GAP, PathSearch
from client.core.paths import Path4
from client.core.plan import ANCHOR, Encapsulation, End, Tunnel
from tests.client.core.test_proof import Counting
from tests.client.core.test_proof import checksummed as checksummed_evenly

HOME, HOME_AGENT = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.1")
CARE_OF = IPv4Address("192.0.2.70")
AGENT_MAC = bytes.fromhex("020000000a01")
IN_TUNNEL = Path4(source=HOME, target=HOME_AGENT, interface=ANCHOR)
THROUGH_AGENT = Path4(source=HOME, target=HOME_AGENT, interface=2, link_layer_source=AGENT_MAC)
IPIP = Tunnel(end=End.MOBILE, home_address=HOME, local=CARE_OF, remote=HOME_AGENT, interface=3)
OUTER_HEADERS = {Encapsulation.IPIP: 20, Encapsulation.GRE: 24, Encapsulation.UDP: 32}  # bytes, from the RFCs
LIMIT = 1480


def checksummed(message: bytes) -> bytes:
    """With the ICMP checksum; an odd byte counts as if a zero followed (RFC 1071)."""
    return checksummed_evenly(message + bytes(len(message) % 2))[: len(message)]


@dataclass
class Network:
    """Two black holes and a home agent: longer outer packets vanish without a word."""

    up: int = 1500
    down: int = 1500
    delay: float = 0.01  # there and back
    tunnel: Tunnel | None = IPIP
    path: Path4 = IN_TUNNEL
    lost: Callable[[int], bool] = lambda number: False
    sent: list[tuple[float, int]] = field(default_factory=list)  # when, and how long the outer packet was

    @property
    def header(self) -> int:
        return OUTER_HEADERS[self.tunnel.encapsulation] if self.tunnel else 0

    def carry(self, send: Send, now: float) -> tuple[float, IPv4Packet] | None:
        """The answer and when it comes, if it does."""
        data = send.packet.pack()
        assert data[6] & 0x40, "a probe that may be fragmented shows nothing"
        self.sent.append((now, len(data)))
        inner = data[self.header :]
        if len(data) > self.up or len(inner) + (self.header or 20) > self.down or self.lost(len(self.sent)):
            return None
        assert (inner[12:16], inner[16:20], inner[20]) == (HOME.packed, HOME_AGENT.packed, 8)
        answer = checksummed(bytes(4) + inner[24:])
        return now + self.delay, IPv4Packet(source=HOME_AGENT, destination=HOME, protocol=1, payload=answer)


class Run:
    """A search on a network, with a clock."""

    def __init__(self, network: Network | None = None, limit: int = LIMIT) -> None:
        self.network = network or Network()
        self.limit = limit
        self.search = PathSearch(Counting())
        self.now = 0.0
        self.coming: list[tuple[float, int, IPv4Packet]] = []
        self.mtus: list[tuple[float, int | None]] = []
        self.sent = self.received = 0  # bytes of programs

    def begin(self, round_trip: float | None = None) -> Run:
        network = self.network
        self.go(self.search.begin(network.path, self.limit, self.now, tunnel=network.tunnel, round_trip=round_trip))
        return self

    def go(self, sends: list[Send]) -> None:
        for send in sends:
            answer = self.network.carry(send, self.now)
            if answer:
                heappush(self.coming, (answer[0], len(self.network.sent), answer[1]))
        if not self.mtus or self.mtus[-1][1] != self.search.mtu:
            self.mtus.append((self.now, self.search.mtu))

    def until(self, end: float) -> Run:
        """Let time pass."""
        while (moment := min(self.search.deadline, self.coming[0][0] if self.coming else NEVER)) <= end:
            self.now = max(self.now, moment)
            if self.coming and self.coming[0][0] <= self.now:
                path = self.network.path
                assert self.search.hear(
                    heappop(self.coming)[2], path.interface, path.link_layer_source or b"", self.now
                )
                self.go([])
            else:
                before = self.search.deadline
                self.go(self.search.timeout(self.now))
                assert self.search.deadline > min(self.now, before), "a deadline that does not move is a busy loop"
        self.now = end
        return self

    @property
    def mtu(self) -> int | None:
        return self.search.mtu


def test_what_the_links_allow_is_confirmed_by_one_probe_of_that_size() -> None:
    run = Run().begin().until(5)
    assert run.network.sent == [(0.0, 1500)]
    assert (run.mtu, run.search.deadline) == (LIMIT, NEVER)


def test_probe_goes_in_our_own_outer_packet_past_the_anchor() -> None:
    [probe] = PathSearch(Counting()).begin(IN_TUNNEL, LIMIT, 0.0, tunnel=IPIP)
    assert (probe.signalling, probe.interface, probe.packet.source) == (True, 3, CARE_OF)


def test_without_a_tunnel_of_ours_probes_go_as_programs_packets_do() -> None:
    [probe] = PathSearch(Counting()).begin(THROUGH_AGENT, LIMIT, 0.0)
    assert (probe.signalling, len(probe.packet.pack()), probe.packet.source) == (False, LIMIT, HOME)


def test_the_same_path_again_asks_nothing_and_another_one_begins_anew() -> None:
    run = Run().begin().until(5)
    run.begin()
    assert len(run.network.sent) == 1
    run.network.tunnel = replace(IPIP, mtu=1400, copy=1)  # the plan says so much of it; the path is the same
    run.begin()
    assert len(run.network.sent) == 1
    run.network.tunnel = replace(IPIP, local=IPv4Address("192.0.2.71"))
    run.begin()
    assert (len(run.network.sent), run.mtu) == (2, None)


@pytest.mark.parametrize("way", ["up", "down"])
@pytest.mark.parametrize(("outer", "inner"), [(1499, 1472), (1400, 1380), (1399, 1360), (1280, 1260), (576, 556)])
@pytest.mark.rfc("8899", "5.3")
def test_black_hole_is_found_and_the_longest_usual_size_below_it_is_used(way: str, outer: int, inner: int) -> None:
    network = Network(up=outer) if way == "up" else Network(down=outer)
    assert Run(network).begin(round_trip=0.01).until(5).mtu == inner


@pytest.mark.parametrize("delay", [0.0, 0.05, 0.3, 0.7])
def test_with_any_round_trip_it_ends_within_two_and_a_half_seconds(delay: float) -> None:
    """So that a TCP flow resumes within 3 s."""
    run = Run(Network(up=1400, delay=delay)).begin(round_trip=delay).until(10)
    found_at, mtu = run.mtus[-1]
    assert mtu == 1380
    assert found_at <= 2.5


def test_on_a_short_path_programs_get_the_smaller_size_after_four_tenths_of_a_second() -> None:
    run = Run(Network(up=1400)).begin(round_trip=0.01).until(10)
    assert run.mtus[0] == (0.0, None)
    found_at, mtu = run.mtus[1]
    assert (round(found_at, 3), mtu) == (0.4, 1380)


@pytest.mark.parametrize(("encapsulation", "inner"), [(Encapsulation.GRE, 1376), (Encapsulation.UDP, 1368)])
def test_each_encapsulation_takes_its_own_headers_off(encapsulation: Encapsulation, inner: int) -> None:
    tunnel = replace(IPIP, encapsulation=encapsulation, ports=(434, 434))
    run = Run(Network(up=1400, tunnel=tunnel), limit=1500 - OUTER_HEADERS[encapsulation]).begin().until(5)
    assert run.mtu == inner


def test_one_lost_probe_changes_nothing() -> None:
    run = Run(Network(lost=lambda number: number == 1)).begin(round_trip=0.01).until(5)
    assert [mtu for _, mtu in run.mtus] == [None, LIMIT]


def test_two_lost_probes_of_the_largest_size_cost_but_a_moment() -> None:
    largest = []
    network = Network()

    def lost(number: int) -> bool:
        if network.sent[number - 1][1] == 1500:
            largest.append(number)
        return len(largest) <= 2 and network.sent[number - 1][1] == 1500

    network.lost = lost
    run = Run(network).begin(round_trip=0.01).until(5)
    assert run.mtu == LIMIT
    assert run.search.deadline == NEVER


def test_path_on_which_nothing_comes_back_decides_nothing_and_is_asked_ever_more_seldom() -> None:
    run = Run(Network(up=0)).begin().until(200)
    assert run.mtu is None
    starts = [
        when
        for (when, size), before in zip(run.network.sent, [(-9.0, 0), *run.network.sent], strict=False)
        if size == 1500 and when - before[0] > 5
    ]
    assert 3 <= len(starts) <= 5
    run.network.up = 1400
    assert run.until(1000).mtu == 1380


def test_longer_packets_are_tried_again_after_ten_minutes_and_programs_do_not_suffer_from_it() -> None:
    run = Run(Network(up=1400)).begin().until(RAISE - 1)
    probes, settled = len(run.network.sent), run.mtus[-1][0]
    run.until(settled + RAISE + 10)
    assert len(run.network.sent) > probes
    assert [mtu for _, mtu in run.mtus] == [None, 1380]
    run.network.up = 1500
    run.until(3 * RAISE)
    assert (run.mtu, run.search.deadline) == (LIMIT, NEVER)


def test_raising_finds_what_has_become_worse() -> None:
    run = Run(Network(up=1400)).begin().until(100)
    run.network.up = 1300
    assert run.until(RAISE + 10).mtu == 1260


def test_path_that_is_dead_while_raising_changes_nothing_and_is_tried_ten_minutes_later() -> None:
    run = Run(Network(up=1400)).begin().until(100)
    run.network.up = 0
    run.until(RAISE + 20)
    assert run.mtu == 1380
    run.network.up = 1500
    assert run.until(2 * RAISE + 40).mtu == LIMIT


@pytest.mark.rfc("1191", "3")
def test_icmp_error_is_obeyed_at_once_and_tried() -> None:
    run = Run().begin().until(5)
    run.network.up = 1350
    run.go(run.search.learn(HOME_AGENT, 1350, run.now))
    assert run.mtu == 1330
    assert run.network.sent[-1] == (5.0, 1350)
    assert run.until(10).mtu == 1330


def test_icmp_error_never_raises_and_never_cuts_below_what_every_host_takes() -> None:
    run = Run().begin().until(5)
    assert run.search.learn(HOME_AGENT, 9000, run.now) == []
    assert run.mtu == LIMIT
    run.go(run.search.learn(HOME_AGENT, 68, run.now))
    assert run.mtu == 556
    assert run.search.learn(HOME_AGENT, 68, run.now) == []


def test_icmp_error_about_somebody_else_is_not_ours() -> None:
    run = Run().begin().until(5)
    assert run.search.learn(IPv4Address("203.0.113.9"), 576, run.now) == []
    assert run.mtu == LIMIT
    assert PathSearch(Counting()).learn(HOME_AGENT, 576, 0.0) == []


def test_forged_icmp_error_is_found_out_after_ten_minutes() -> None:
    run = Run().begin().until(5)
    run.go(run.search.learn(HOME_AGENT, 576, run.now))
    assert run.until(RAISE + 10).mtu == LIMIT


@pytest.mark.parametrize("wrong", ["nonce", "length", "interface", "source", "type", "checksum"])
def test_only_the_whole_answer_by_the_right_way_counts(wrong: str) -> None:
    network = Network()
    search = PathSearch(Counting())
    [probe] = search.begin(IN_TUNNEL, LIMIT, 0.0, tunnel=IPIP)
    arrived = network.carry(probe, 0.0)
    assert arrived
    answer = arrived[1]
    payload = answer.payload
    if wrong == "nonce":
        answer = replace(answer, payload=checksummed(bytes(4) + payload[4:8] + bytes(8) + payload[16:]))
    elif wrong == "length":
        answer = replace(answer, payload=checksummed(bytes(4) + payload[4:-4]))
    elif wrong == "source":
        answer = replace(answer, source=IPv4Address("203.0.113.9"))
    elif wrong == "type":
        answer = replace(answer, payload=checksummed(b"\x08\0\0\0" + payload[4:]))
    elif wrong == "checksum":
        answer = replace(answer, payload=payload[:-2] + b"\x55\x55")
    assert not search.hear(answer, 7 if wrong == "interface" else ANCHOR, b"", 0.1)
    assert search.mtu is None


def test_answer_of_a_foreign_agents_path_must_come_from_its_hand() -> None:
    network = Network(tunnel=None, path=THROUGH_AGENT)
    search = PathSearch(Counting())
    [probe] = search.begin(THROUGH_AGENT, LIMIT, 0.0)
    arrived = network.carry(probe, 0.0)
    assert arrived
    assert not search.hear(arrived[1], 2, bytes(6), 0.1)
    assert search.hear(arrived[1], 2, AGENT_MAC, 0.1)
    assert search.mtu == LIMIT


def test_late_answer_still_shows_that_its_size_passes() -> None:
    run = Run(Network(delay=3.0)).begin(round_trip=0.01).until(10)
    assert run.mtu == LIMIT


def test_end_forgets_all() -> None:
    run = Run(Network(up=1400)).begin().until(5)
    run.search.end()
    assert (run.mtu, run.search.deadline, run.search.timeout(9999.0)) == (None, NEVER, [])
    assert not run.search.hear(IPv4Packet(source=HOME_AGENT, destination=HOME, protocol=1, payload=bytes(8)), 0, b"", 5)


FULL, SMALL = 1400, 60
"""Bytes of packets."""


def flow(run: Run, seconds: float, rate: int, size: int = FULL, inwards: int = 0) -> None:
    """So many packets a second and so many bytes inwards, told four times a second as the world does."""
    for _ in range(round(seconds * 4)):
        run.until(run.now + 0.25)
        run.sent += rate * size // 4
        run.received += inwards // 4
        run.go(run.search.traffic(run.sent, run.received, run.now))


def test_flow_that_stops_in_a_new_black_hole_is_helped_before_tcp_waits_for_three_seconds() -> None:
    """TCP tries again 0.2, 0.6, 1.4 and 3 s after what was lost (RFC 6298 §5.5): the third one must pass."""
    run = Run().begin(round_trip=0.01).until(5)
    flow(run, 5, 1000)
    assert len(run.network.sent) == 1
    run.network.up = 1400
    hole = run.now
    flow(run, 0.5, 8)
    run.until(hole + 1)
    assert run.mtu == 1380


def test_flow_of_which_nothing_more_is_heard_is_looked_after_too() -> None:
    run = Run().begin(round_trip=0.01).until(5)
    flow(run, 3, 1000)
    run.network.up = 1400
    assert run.until(run.now + 1.4).mtu == 1380


def test_flow_that_merely_ends_costs_one_long_packet_and_not_more_often_than_each_three_seconds() -> None:
    run = Run().begin().until(5)
    for _ in range(12):
        flow(run, 0.5, 1000)
        flow(run, 0.5, 0)
    assert run.now == 5 + 12
    assert len(run.network.sent) == 1 + 12 // SUSPICION_GAP
    assert run.mtu == LIMIT


def test_small_packets_and_flows_the_other_way_hide_nothing() -> None:
    run = Run().begin(round_trip=0.01).until(5)
    flow(run, 2, 100, inwards=500_000)
    run.network.up = 1400
    hole = run.now
    flow(run, 0.5, 300, SMALL, inwards=500_000)
    run.until(hole + 1)
    assert run.mtu == 1380


def test_time_to_raise_that_comes_within_another_search_waits_for_its_end() -> None:
    run = Run(Network(up=1400)).begin().until(5)
    settled = run.mtus[-1][0]
    run.until(settled + RAISE - 1)
    flow(run, 0.75, 1000)
    run.network.up = 0
    flow(run, 0.25, 0)
    run.until(run.now + 5)
    run.network.up = 1500
    assert run.until(run.now + RAISE + 5).mtu == LIMIT


def test_small_packets_are_no_flow() -> None:
    run = Run().begin().until(5)
    flow(run, 5, 300, SMALL)
    flow(run, 5, 0)
    run.until(60)
    assert len(run.network.sent) == 1


@given(
    outer=st.integers(0, 1600),
    down=st.integers(0, 1600),
    delay=st.floats(0, 0.15),
    losses=st.sets(st.integers(1, 60)),
    limit=st.integers(48, 1480),
)
def test_whatever_the_path_does_nothing_longer_than_the_limit_is_ever_used_or_sent(
    outer: int, down: int, delay: float, losses: set[int], limit: int
) -> None:
    run = Run(Network(up=outer, down=down, delay=delay, lost=losses.__contains__), limit).begin().until(700)
    assert run.mtu is None or run.mtu <= limit
    assert all(size <= limit + 20 for _, size in run.network.sent)
    if run.mtu is not None:
        assert run.mtu + 20 <= min(outer, down)
    elif min(outer, down) >= limit + 20:
        assert losses
