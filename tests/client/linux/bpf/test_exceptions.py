"""What BPF leaves to the slow path, what it drops, and the marks of congestion."""

from __future__ import annotations

import pytest

from tests.client.linux.bpf.trial import DROPPED, PASSED, REDIRECTED, Trial
from tests.client.linux.packet_classes import Direction, PacketClass
from tests.client.linux.packet_exceptions import congestion, entering, leaving, odd_gre, odd_udp, wrong_headers

pytestmark = pytest.mark.lab
EXCEPTIONS = [*entering(), *leaving(), *odd_gre(), *odd_udp(), *wrong_headers()]


def judged(bpf: Trial, each: PacketClass) -> None:
    """Hold a class's tunnel and let BPF judge its packets."""
    bpf.hold(each.tunnel)
    for number, given in enumerate(each.packets):
        verdict, made = bpf.run(each.direction, given)
        if each.plane == "tun":
            # Behind the segmenting pair there is no slow path; at the anchor the same verdict passes the packet on.
            assert verdict == (DROPPED if each.direction is Direction.ENTER else PASSED)
            assert made == given
        elif not each.expected:
            assert verdict == DROPPED
        else:
            assert verdict == REDIRECTED
            assert each.masked(made).hex() == each.masked(each.expected[number]).hex()
    [(name, (packets, _))] = bpf.counted().items()
    assert (name, packets) == (each.counter, len(each.packets))


@pytest.mark.rfc("2003", "3")
@pytest.mark.rfc("2784", "2.2")
@pytest.mark.rfc("2004", "3")
@pytest.mark.rfc("3519", "4.3")
@pytest.mark.parametrize("each", EXCEPTIONS, ids=lambda each: each.name)
def test_what_is_not_plain_is_left_to_the_slow_path_untouched(bpf: Trial, each: PacketClass) -> None:
    judged(bpf, each)


@pytest.mark.rfc("6040", "4.2")
@pytest.mark.parametrize("each", list(congestion()), ids=lambda each: each.name)
def test_more_severe_mark_of_congestion_leaves_the_tunnel(bpf: Trial, each: PacketClass) -> None:
    judged(bpf, each)
