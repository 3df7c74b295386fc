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
    assert problems([figures("ebpf", 989, 11)]) == ["on ha BPF carried 989 of 1000 bytes"]


@pytest.mark.parametrize("dataplane", ["ebpf", "tun", None])
def test_counters_that_say_nothing_prove_nothing(dataplane: str | None) -> None:
    assert problems([figures(dataplane, 0, 0)])


def test_no_daemon_proves_nothing() -> None:
    assert problems([])
