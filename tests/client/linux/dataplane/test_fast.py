"""The daemon's world on eBPF: what stands in the kernel, what is left of it, and what happens without it."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from client.core.plan import EMPTY, Encapsulation, Plan, Tunnel
from client.linux.dataplane.kernel import cleanup
from client.linux.ownership import MOBILE_NODE
from tests.client.linux.attachments import HAS_TCX, attached, filters, opened, qdiscs
from tests.client.linux.capabilities import CAP_BPF, CAP_PERFMON, CAP_SYS_ADMIN
from tests.client.linux.holder import Holder, eventually
from tests.client.linux.namespaces import Namespace, inside
from tests.client.linux.plans import mobile_plan

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
WITHOUT_BPF = (CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF)
PAIR = {"mipseg0", "mipseg1"}


@pytest.fixture
def node(ends: Ends, tmp_path: Path) -> Iterator[Holder]:
    """A mobile node, away from home with an address of its own."""
    holder = Holder(ends[0], tmp_path, plane="ebpf")
    assert holder.started == "ready"
    assert holder.hold(mobile_plan(*ends)) == ()
    yield holder
    holder.kill()


def minimal(plan: Plan) -> Plan:
    """The same with minimal encapsulation."""
    return tuple(
        replace(item, encapsulation=Encapsulation.MINIMAL) if isinstance(item, Tunnel) else item for item in plan
    )


def links(namespace: Namespace) -> set[str]:
    return {link["ifname"] for link in json.loads(namespace.ip("-j", "link"))}


def shown(namespace: Namespace, interface: str, what: str) -> dict[str, Any]:
    """What `ip link` or `ip addr` shows of it."""
    [found] = json.loads(namespace.ip("-j", what, "show", "dev", interface))
    return dict(found)


def has_segmenter(namespace: Namespace) -> bool:
    return links(namespace) >= PAIR and all(has_flags(namespace, name, "UP") for name in PAIR)


def has_flags(namespace: Namespace, interface: str, *flags: str) -> bool:
    return set(flags) <= set(shown(namespace, interface, "link")["flags"])


def numbers_of(process: int | None) -> set[tuple[str, int]]:
    """Kind ("prog", "map", "link") and number of what a process holds open, as `bpftool` shows it."""
    told = (each.read_text() for each in Path(f"/proc/{process}/fdinfo").iterdir())
    return {
        (kind, int(number)) for text in told for kind, number in re.findall(r"^(prog|map|link)_id:\s*(\d+)", text, re.M)
    }


def in_kernel(namespace: Namespace) -> set[tuple[str, int]]:
    """All that `bpftool` shows in the whole machine."""
    return {
        (kind, each["id"])
        for kind in ("prog", "map", "link")
        for each in json.loads(namespace.run("bpftool", "-j", kind) or "[]")
    }


def test_programs_are_on_the_anchor_and_on_the_links(ends: Ends, node: Holder) -> None:
    assert node.plane() == "ebpf"
    assert opened(node.process.pid).count("bpf-prog") == 4
    assert attached(ends[0], node.process.pid) == 2
    assert node.reports() == []


def test_nothing_is_left_after_stop(ends: Ends, tmp_path: Path) -> None:
    here, there = ends
    before = here.snapshot()
    node = Holder(here, tmp_path, plane="ebpf")
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    held = numbers_of(node.process.pid)
    assert Counter(kind for kind, _ in held) == {"prog": 4, "map": 7} | ({"link": 3} if HAS_TCX else {})
    assert attached(here, node.process.pid) == 3
    assert held <= in_kernel(here)
    node.stop()
    assert eventually(lambda: not held & in_kernel(here))
    assert here.snapshot() == before
    assert filters(here) + qdiscs(here) == []
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("successor", ["daemon", "cleanup"])
def test_nothing_is_left_of_a_killed_daemon_once_a_successor_has_been(
    ends: Ends, tmp_path: Path, successor: str
) -> None:
    here, there = ends
    before = here.snapshot()
    node = Holder(here, tmp_path, plane="ebpf")
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    held = numbers_of(node.process.pid)
    node.kill()
    assert eventually(lambda: "mip0" not in links(here))
    if HAS_TCX:
        assert eventually(lambda: not held & in_kernel(here))
    else:
        assert sorted(filters(here)) == ["mobilenode:ether", "mobilenode:segment"]
    assert links(here) >= PAIR
    if successor == "daemon":
        Holder(here, tmp_path, plane="ebpf").stop()
    else:
        inside(here, cleanup, MOBILE_NODE, tmp_path)
    assert here.snapshot() == before
    assert filters(here) + qdiscs(here) == []
    assert eventually(lambda: not held & in_kernel(here))


def test_segmenting_pair_is_there_while_a_minimal_tunnel_is(ends: Ends, node: Holder) -> None:
    here, there = ends
    assert not links(here) & PAIR
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    node.hold(mobile_plan(here, there))
    assert eventually(lambda: not links(here) & PAIR)
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    node.hold(EMPTY)
    assert eventually(lambda: not links(here) & PAIR)


def test_segmenting_pair_is_silent_has_no_address_and_leaves_nothing_to_a_card(ends: Ends, node: Holder) -> None:
    here, there = ends
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    for name in PAIR:
        assert eventually(partial(has_flags, here, name, "UP", "NOARP"))
        assert shown(here, name, "addr")["addr_info"] == []
        assert shown(here, name, "link")["ifalias"] == "mobilenode:segmenter"
        features = here.run("ethtool", "-k", name).splitlines()
        for feature in (
            "tx-checksumming",
            "tcp-segmentation-offload",
            "generic-segmentation-offload",
            "generic-receive-offload",
            "tx-udp-segmentation",
        ):
            assert any(line.strip().startswith(f"{feature}: off") for line in features), feature


def test_segmenting_pair_is_no_link_of_the_machine(ends: Ends, node: Holder) -> None:
    here, there = ends
    node.hold(minimal(mobile_plan(here, there)))
    assert eventually(partial(has_segmenter, here))
    assert not {link.name for link in node.links().links} & PAIR


def test_link_that_appears_is_served_and_one_that_goes_is_left(ends: Ends, node: Holder) -> None:
    here, _ = ends
    here.ip("link", "add", "lx1", "type", "veth", "peer", "lx2")
    assert eventually(lambda: attached(here, node.process.pid) == 4)
    here.ip("link", "del", "lx1")
    assert eventually(lambda: attached(here, node.process.pid) == 2)
    assert not {name for name in node.counters() if name.endswith("failed")}


def test_anchor_that_somebody_deletes_is_served_again(ends: Ends, node: Holder) -> None:
    here, _ = ends
    here.ip("link", "del", "mip0")
    assert eventually(lambda: "mip0" in links(here) and attached(here, node.process.pid) == 2)
    assert node.refused() == ()


def test_anchor_keeps_its_program_when_its_mtu_changes(ends: Ends, node: Holder) -> None:
    held = numbers_of(node.process.pid)
    node.hold(mobile_plan(*ends, mtu=1400))
    assert numbers_of(node.process.pid) == held
    assert attached(ends[0], node.process.pid) == 2


def test_kernel_that_refuses_is_reported_once_and_packets_go_by_tun(ends: Ends, tmp_path: Path) -> None:
    node = Holder(ends[0], tmp_path, plane="auto", forbidden=WITHOUT_BPF)
    assert node.started == "ready"
    assert node.hold(mobile_plan(*ends)) == ()
    node.hold(EMPTY)
    node.hold(mobile_plan(*ends))
    assert node.plane() == "tun"
    [(event, parameters)] = node.reports()
    assert event == "dataplane-fallback"
    assert "Operation not permitted" in parameters["reason"]
    assert "\n" not in parameters["reason"]
    node.stop()


def test_who_insists_on_ebpf_is_told_why_there_is_none(ends: Ends, tmp_path: Path) -> None:
    before = ends[0].snapshot()
    node = Holder(ends[0], tmp_path, plane="ebpf", forbidden=WITHOUT_BPF)
    assert "Operation not permitted" in node.started
    assert ends[0].snapshot() == before


def test_who_asks_for_tun_gets_it_and_no_program_is_loaded(ends: Ends, tmp_path: Path) -> None:
    node = Holder(ends[0], tmp_path, plane="tun")
    assert node.hold(mobile_plan(*ends)) == ()
    assert node.plane() == "tun"
    assert node.reports() == []
    assert opened(node.process.pid) == []
    assert attached(ends[0], node.process.pid) == 0
    node.stop()
