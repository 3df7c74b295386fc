from __future__ import annotations

import pytest

from lab.result import PlaneFigures
from lab.scenarios.planes import problems


def figures(dataplane: str | None, ebpf_bytes: int, tun_bytes: int) -> PlaneFigures:
    return PlaneFigures(node="ha", dataplane=dataplane, ebpf_bytes=ebpf_bytes, tun_bytes=tun_bytes)


@pytest.mark.parametrize(("dataplane", "fast", "slow"), [("ebpf", 99, 1), ("ebpf", 5, 0), ("tun", 0, 100)])
def test_what_each_plane_should_carry(dataplane: str, fast: int, slow: int) -> None:
    assert problems([figures(dataplane, fast, slow)]) == []


def test_with_bpf_nearly_all_must_go_through_it() -> None:
    assert problems([figures("ebpf", 989, 11)]) == ["in all BPF carried 989 of 1000 bytes"]


def test_a_short_visit_may_be_a_little_slower_if_all_together_are_fast() -> None:
    assert problems([figures("ebpf", 4000, 0), figures("ebpf", 970, 30)]) == []
    assert problems([figures("ebpf", 40000, 0), figures("ebpf", 949, 51)]) == ["on ha BPF carried 949 of 1000 bytes"]


@pytest.mark.parametrize("dataplane", ["ebpf", "tun", None])
def test_counters_that_say_nothing_prove_nothing(dataplane: str | None) -> None:
    assert problems([figures(dataplane, 0, 0)])


def test_no_daemon_proves_nothing() -> None:
    assert problems([])
