"""The programs note with whom IPv6 packets are exchanged."""

from __future__ import annotations

from collections.abc import Iterator
from ipaddress import IPv6Address

import pytest

from client.core.plan import Encapsulation, End
from client.linux.bpf.programs import Programs
from tests.client.linux.bpf.trial import DROPPED, REDIRECTED, Trial
from tests.client.linux.packet_classes import CORRESPONDENT6, HOME6, Direction, plain_classes, tunnel
from tests.client.linux.packet_layouts import ip6

pytestmark = pytest.mark.lab

Seen = dict[IPv6Address, tuple[int, int]]
PLAIN = {each.name: each for each in plain_classes()}


@pytest.fixture
def quiet(bpf: Trial) -> Iterator[Trial]:
    """Nothing was noted yet."""
    bpf.programs.peers()
    yield bpf
    bpf.programs.peers()


@pytest.mark.parametrize(
    ("name", "seen"),
    [
        ("ipip6 mobile enter", {CORRESPONDENT6: (1, 0)}),
        ("ipip6 mobile leave", {CORRESPONDENT6: (1, 0)}),
        ("direct mobile enter", {CORRESPONDENT6: (1, 0)}),
        ("direct mobile leave", {CORRESPONDENT6: (1, 1)}),
        ("direct home enter", {HOME6: (1, 0)}),
        ("direct home leave", {HOME6: (1, 1)}),
        ("ipip6 home enter", {}),
        ("ipip6 home leave", {}),
        ("ipip mobile enter", {}),
    ],
)
def test_who_is_at_the_other_end_is_noted(quiet: Trial, name: str, seen: Seen) -> None:
    each = PLAIN[f"{name}: UDP, 64 bytes"]
    quiet.hold(each.tunnel)
    assert quiet.run(each.direction, each.packets[0])[0] == REDIRECTED
    assert quiet.programs.peers() == seen
    assert quiet.programs.peers() == {}


def test_packets_add_up(quiet: Trial) -> None:
    for name, times in (("ipip6 mobile enter", 3), ("direct mobile leave", 2)):
        each = PLAIN[f"{name}: UDP, 64 bytes"]
        quiet.hold(each.tunnel)
        for _ in range(times):
            quiet.run(each.direction, each.packets[0])
    assert quiet.programs.peers() == {CORRESPONDENT6: (5, 2)}


@pytest.mark.rfc("6275", "5.2.5")
def test_signalling_is_not_what_programs_say_and_never_goes_directly(quiet: Trial) -> None:
    init = ip6(HOME6, CORRESPONDENT6, 135, bytes([59, 1, 1, 0, 0, 0]) + bytes(10))
    quiet.hold(tunnel(End.MOBILE, Encapsulation.IPIP, ipv6=True))
    assert quiet.run(Direction.ENTER, init)[0] == REDIRECTED
    quiet.hold(tunnel(End.MOBILE, Encapsulation.DIRECT, ipv6=True))
    assert quiet.run(Direction.ENTER, init) == (DROPPED, init)  # passed on, at the anchor
    assert quiet.programs.peers() == {}


def test_where_there_are_too_many_the_quiet_ones_go(quiet: Trial) -> None:
    quiet.hold(tunnel(End.MOBILE, Encapsulation.IPIP, ipv6=True))
    for number in range(3000):
        quiet.run(Direction.ENTER, ip6(HOME6, CORRESPONDENT6 + number, 17, bytes(8)))
    assert len(quiet.programs.peers()) <= 1024


def test_a_second_daemon_counts_for_itself(quiet: Trial) -> None:
    other = Programs.load(bindings=4)
    each = PLAIN["ipip6 mobile enter: UDP, 64 bytes"]
    quiet.hold(each.tunnel)
    quiet.run(each.direction, each.packets[0])
    assert other.peers() == {}
    other.close()
