from __future__ import annotations

from lab.impairment import Fate, Impairment
from lab.services.relay import Relay


class Cable:
    """Both ends of a relay without sockets."""

    def __init__(self, impairment: Impairment) -> None:
        self.out: dict[str, list[bytes]] = {"near": [], "far": []}
        sends = {side: frames.append for side, frames in self.out.items()}
        self.relay = Relay(sends, {side: Fate(impairment, side) for side in self.out})


def test_frame_goes_out_on_the_other_side_when_its_delay_is_over() -> None:
    cable = Cable(Impairment(delay=0.05))
    cable.relay.frame("far", b"hello", now=1.0)
    assert cable.relay.release(1.0) == 1.05 - 1.0
    assert cable.out["far"] == []
    assert cable.relay.release(1.05) is None
    assert cable.out == {"near": [], "far": [b"hello"]}


def test_frames_keep_their_order_when_they_are_due_at_the_same_time() -> None:
    cable = Cable(Impairment())
    for number in range(50):
        cable.relay.frame("near", bytes((number,)), now=1.0)
    cable.relay.release(1.0)
    assert cable.out["near"] == [bytes((number,)) for number in range(50)]


def test_lost_frame_never_goes_out() -> None:
    cable = Cable(Impairment(loss=1.0))
    cable.relay.frame("far", b"hello", now=1.0)
    assert cable.relay.release(100.0) is None
    assert cable.out["far"] == []
