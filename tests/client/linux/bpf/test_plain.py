"""Every encapsulation, both ends, both directions: ordinary packets, against bytes laid out by hand."""

from __future__ import annotations

import pytest

from tests.client.linux.bpf.trial import REDIRECTED, Trial
from tests.client.linux.packet_classes import Direction, PacketClass, plain_classes

pytestmark = pytest.mark.lab


@pytest.mark.rfc("5944", "4.1", "ip-in-ip")
@pytest.mark.rfc("5944", "4.1", "ip-in-ip-node")
@pytest.mark.rfc("2003", "3")
@pytest.mark.rfc("2784", "2")
@pytest.mark.rfc("2004", "3")
@pytest.mark.rfc("3519", "3.3")
@pytest.mark.rfc("2473", "3")
@pytest.mark.rfc("6275", "6.3")
@pytest.mark.rfc("6275", "6.4")
@pytest.mark.parametrize("each", list(plain_classes()), ids=lambda each: each.name)
def test_plain_packet_is_carried_as_laid_out_by_hand(bpf: Trial, each: PacketClass) -> None:
    [given], [expected] = each.packets, each.expected
    bpf.hold(each.tunnel)
    verdict, made = bpf.run(each.direction, given)
    assert verdict == REDIRECTED
    assert each.masked(made).hex() == each.masked(expected).hex()
    inner = expected if each.direction is Direction.LEAVE else given
    assert bpf.counted() == {each.counter: (1, len(inner))}
