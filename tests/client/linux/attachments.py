"""Where programs are attached in a namespace, in either way, as the kernel shows it."""

from __future__ import annotations

import json
import os
from pathlib import Path

from tests.client.linux.namespaces import Namespace

HAS_TCX = tuple(int(part) for part in os.uname().release.split(".")[:2]) >= (6, 6)


def opened(process: int | None) -> list[str]:
    """Kinds of BPF objects that a process holds open: "bpf-prog", "bpf-map", "bpf_link"."""
    names = (str(each.readlink()) for each in Path(f"/proc/{process}/fd").iterdir())
    return sorted(name.removeprefix("anon_inode:") for name in names if "bpf" in name)


def filters(namespace: Namespace) -> list[str]:
    """Names of the BPF filters on all interfaces."""
    links = [link["ifname"] for link in json.loads(namespace.ip("-j", "link"))]
    return [
        found["options"]["bpf_name"]
        for link in links
        for side in ("ingress", "egress")
        for found in json.loads(namespace.run("tc", "-j", "filter", "show", "dev", link, side) or "[]")
        if "bpf_name" in found.get("options", {})
    ]


def qdiscs(namespace: Namespace) -> list[str]:
    """Interfaces that have a clsact qdisc."""
    told = json.loads(namespace.run("tc", "-j", "qdisc", "show"))
    return [qdisc["dev"] for qdisc in told if qdisc["kind"] == "clsact"]


def attached(namespace: Namespace, process: int | None) -> int:
    """How many programs a daemon has attached, which is alone in this namespace."""
    return opened(process).count("bpf_link") if HAS_TCX else len(filters(namespace))
