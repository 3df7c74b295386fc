"""Programs attached in both ways: what stands, and what a daemon that ended or was killed leaves."""

from __future__ import annotations

import contextlib
import errno
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from client.core.errors import KernelError
from client.linux.bpf import tcx
from client.linux.bpf.attaching import attacher
from client.linux.bpf.clsact import Clsact
from client.linux.bpf.hook import Attacher, Direction
from client.linux.netlink.connection import Netlink
from client.linux.ownership import MOBILE_NODE, MOBILITY_AGENT
from tests.client.linux.attachments import HAS_TCX
from tests.client.linux.bpf.trivial import trivial_program
from tests.client.linux.namespaces import LINK, Namespace, inside

pytestmark = pytest.mark.lab

Ends = tuple[Namespace, Namespace]
NOTE = "mip0-clsact.json"


@contextlib.contextmanager
def clsact(runtime: Path) -> Iterator[Clsact]:
    with contextlib.closing(Netlink()) as netlink:
        yield Clsact(MOBILE_NODE, netlink, runtime)


def attached_and_detached(interface: int, runtime: Path) -> tuple[list[str], list[str]]:
    """What `tc` shows while our filters stand, and afterwards."""
    with trivial_program() as program, clsact(runtime) as way:
        hooks = [way.attach("ether", program, interface, direction) for direction in Direction]
        during = shown()
        for hook in hooks:
            hook.close()
    return during, shown()


def killed(interface: int, runtime: Path) -> None:
    """Attach, and end as a killed daemon does: nothing is given back."""
    with trivial_program() as program, clsact(runtime) as way:
        way.attach("ether", program, interface, Direction.INGRESS)


def cleaned(runtime: Path) -> list[str]:
    """What remains after a successor has cleaned up."""
    with clsact(runtime) as way:
        way.clean()
    return shown()


def shown() -> list[str]:
    """Names of filters at ingress and egress, and kinds of qdiscs, of the cable's end."""
    filters = [
        filter_["options"]["bpf_name"]
        for side in ("ingress", "egress")
        for filter_ in tc("filter", "show", "dev", LINK, side)
        if "bpf_name" in filter_.get("options", {})
    ]
    return filters + [qdisc["kind"] for qdisc in tc("qdisc", "show") if qdisc["kind"] == "clsact"]


def tc(*arguments: str) -> list[dict[str, Any]]:
    """What `tc` tells; nothing about a link that is gone."""
    told = subprocess.run(("tc", "-j", *arguments), check=False, capture_output=True, text=True).stdout
    found: list[dict[str, Any]] = json.loads(told or "[]")
    return found


def strangers_filter(namespace: Namespace, side: str) -> None:
    """Classic BPF that matches all: no other classifier is in every kernel."""
    namespace.run("tc", "filter", "add", "dev", LINK, side, "bpf", "bytecode", "1,6 0 0 4294967295")


def test_filters_bear_our_name_and_go_with_the_qdisc_that_we_made(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    during, after = inside(here, attached_and_detached, here.interface, tmp_path)
    assert during == ["mobilenode:ether", "mobilenode:ether", "clsact"]
    assert after == []
    assert list(tmp_path.iterdir()) == []


def test_qdisc_that_was_there_stays(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    here.run("tc", "qdisc", "add", "dev", LINK, "clsact")
    during, after = inside(here, attached_and_detached, here.interface, tmp_path)
    assert during == ["mobilenode:ether", "mobilenode:ether", "clsact"]
    assert after == ["clsact"]


def test_qdisc_that_others_use_meanwhile_stays(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    inside(here, killed, here.interface, tmp_path)
    strangers_filter(here, "ingress")
    assert inside(here, cleaned, tmp_path) == ["clsact"]


def test_successor_removes_what_a_killed_daemon_left(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    inside(here, killed, here.interface, tmp_path)
    assert inside(here, shown) == ["mobilenode:ether", "clsact"]
    assert (tmp_path / NOTE).exists()
    assert inside(here, cleaned, tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_successor_without_the_note_removes_the_filter_and_leaves_the_qdisc(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    inside(here, killed, here.interface, tmp_path)
    (tmp_path / NOTE).unlink()
    assert inside(here, cleaned, tmp_path) == ["clsact"]


def test_note_about_a_link_that_is_gone_is_forgotten(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    inside(here, killed, here.interface, tmp_path)
    here.ip("link", "del", LINK)
    inside(here, cleaned, tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_filters_of_others_and_of_our_other_daemon_stay(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    inside(here, killed_agent, here.interface, tmp_path)
    strangers_filter(here, "egress")
    inside(here, killed, here.interface, tmp_path)
    assert inside(here, cleaned, tmp_path) == ["mobilityagent:ether", "clsact"]


def killed_agent(interface: int, runtime: Path) -> None:
    with trivial_program() as program, contextlib.closing(Netlink()) as netlink:
        Clsact(MOBILITY_AGENT, netlink, runtime).attach("ether", program, interface, Direction.INGRESS)


def both_daemons(interface: int, runtime: Path) -> list[str]:
    with trivial_program() as program, clsact(runtime) as way, contextlib.closing(Netlink()) as netlink:
        way.attach("ether", program, interface, Direction.INGRESS)
        Clsact(MOBILITY_AGENT, netlink, runtime).attach("ether", program, interface, Direction.INGRESS)
        return shown()


def test_both_daemons_have_a_filter_on_one_link(ends: Ends, tmp_path: Path) -> None:
    here, _ = ends
    assert inside(here, both_daemons, here.interface, tmp_path) == ["mobilenode:ether", "mobilityagent:ether", "clsact"]


def refused(interface: int, runtime: Path, way: str) -> list[int | None]:
    """The error numbers for a descriptor that is no program, and for an interface that is not there."""
    errors = []
    with contextlib.closing(Netlink()) as netlink, trivial_program() as program:
        attach: Attacher = tcx.Tcx() if way == "tcx" else Clsact(MOBILE_NODE, netlink, runtime)
        for descriptor, index in ((0, interface), (program, 999)):
            with pytest.raises(KernelError) as caught:
                attach.attach("ether", descriptor, index, Direction.INGRESS)
            errors.append(caught.value.errno)
    return errors


@pytest.mark.parametrize("way", ["tcx", "clsact"])
def test_what_the_kernel_refuses_leaves_nothing(ends: Ends, tmp_path: Path, way: str) -> None:
    here, _ = ends
    if way == "tcx" and not HAS_TCX:
        pytest.skip("this kernel has no tcx")
    assert inside(here, refused, here.interface, tmp_path, way) == [errno.EINVAL, errno.ENODEV]
    assert inside(here, shown) == []
    assert list(tmp_path.iterdir()) == []


def newest(runtime: Path) -> tuple[str, bool, list[dict[str, Any]]]:
    with trivial_program() as program, contextlib.closing(Netlink()) as netlink:
        name = attacher(program, MOBILE_NODE, netlink, runtime).name
        return name, tcx.is_supported(program), tc("filter", "show", "dev", "lo", "ingress")


def test_tcx_is_taken_where_the_kernel_has_it_and_clsact_below_and_trying_leaves_nothing(
    ends: Ends, tmp_path: Path
) -> None:
    name, supported, left = inside(ends[0], newest, tmp_path)
    assert supported == HAS_TCX
    assert name == ("tcx" if supported else "clsact")
    assert left == []
    assert list(tmp_path.iterdir()) == []


def link_left_behind(interface: int) -> None:
    with trivial_program() as program:
        tcx.Tcx().attach("ether", program, interface, Direction.INGRESS)


def test_tcx_link_goes_with_its_process(ends: Ends) -> None:
    here, _ = ends
    if not HAS_TCX:
        pytest.skip("this kernel has no tcx")
    inside(here, link_left_behind, here.interface)
    assert "mn_trivial" not in here.run("bpftool", "prog")
