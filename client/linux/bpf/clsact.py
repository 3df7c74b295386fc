"""Attaches programs as filters with direct action on a clsact queueing discipline, for kernels without tcx.

Filters and qdiscs outlive who made them. Ours bear our name and priority; the qdiscs that we made are noted
in a small file, so that the successor of a killed daemon knows which to remove: one that was there stays.
"""

from __future__ import annotations

import errno
import json
import socket
from dataclasses import dataclass
from pathlib import Path

from client.linux.bpf.hook import Direction
from client.linux.netlink.codes import (
    AF_UNSPEC,
    CLSACT,
    CLSACT_EGRESS,
    CLSACT_HANDLE,
    CLSACT_INGRESS,
    DIRECT_ACTION,
    BpfFilterAttribute,
    Flag,
    MessageType,
    TrafficAttribute,
)
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import TRAFFIC, Message, Request, attribute, attributes, nested, number, text
from client.linux.ownership import Owner

_PARENTS = {Direction.INGRESS: CLSACT_INGRESS, Direction.EGRESS: CLSACT_EGRESS}
_ALL_PROTOCOLS = socket.htons(3)  # ETH_P_ALL
_HANDLE = 1
# The interface went, and with it all that was on it: which of these the kernel says depends on what it misses first.
_ALREADY_GONE = (errno.ENODEV, errno.ENOENT, errno.EINVAL)


@dataclass(frozen=True, slots=True)
class ClsactFilter:
    """One filter of ours."""

    owner: Clsact
    interface: int
    direction: Direction

    def close(self) -> None:
        """Remove it, and the qdisc if that is ours and nobody else uses it. Raises KernelError."""
        self.owner.detach(self.interface, self.direction)


class Clsact:
    """The filters and qdiscs of one daemon."""

    name = "clsact"

    def __init__(self, owner: Owner, netlink: Netlink, runtime_directory: Path) -> None:
        self._owner = owner
        self._netlink = netlink
        self._file = runtime_directory / f"{owner.anchor}-clsact.json"
        self._ours = _load(self._file)  # index and name of the interfaces whose qdisc we made

    def attach(self, program: str, descriptor: int, interface: int, direction: Direction) -> ClsactFilter:
        """Attach a program. Raises KernelError (ENOENT: the kernel lacks clsact or cls_bpf)."""
        self._provide_qdisc(interface)
        options = nested(
            TrafficAttribute.OPTIONS,
            number(BpfFilterAttribute.DESCRIPTOR, descriptor),
            attribute(BpfFilterAttribute.NAME, f"{self._owner.name}:{program}".encode() + b"\0"),
            number(BpfFilterAttribute.FLAGS, DIRECT_ACTION),
        )
        body = self._filter(interface, _PARENTS[direction]) + attribute(TrafficAttribute.KIND, b"bpf\0") + options
        try:
            self._netlink.request(Request(MessageType.NEWTFILTER, Flag.CREATE | Flag.EXCLUSIVE, body))
        except OSError:
            self._release_qdisc(interface)
            raise
        return ClsactFilter(self, interface, direction)

    def detach(self, interface: int, direction: Direction) -> None:
        """Remove our filter there. Raises KernelError."""
        self._delete_filter(interface, _PARENTS[direction])
        self._release_qdisc(interface)

    def clean(self) -> None:
        """Remove what a daemon before us left. Raises KernelError."""
        for interface in self._with_clsact():
            for parent in _PARENTS.values():
                if any(
                    _names(message).startswith(f"{self._owner.name}:") for message in self._filters(interface, parent)
                ):
                    self._delete_filter(interface, parent)
        for interface in list(self._ours):
            self._release_qdisc(interface)

    def _provide_qdisc(self, interface: int) -> None:
        if interface in self._with_clsact():
            return
        # Noted before it is made: a daemon that is killed in between leaves a note about nothing.
        self._ours[interface] = _name(interface)
        self._save()
        body = _qdisc(interface) + attribute(TrafficAttribute.KIND, b"clsact\0")
        try:
            self._netlink.request(Request(MessageType.NEWQDISC, Flag.CREATE | Flag.EXCLUSIVE, body))
        except OSError:
            del self._ours[interface]
            self._save()
            raise

    def _release_qdisc(self, interface: int) -> None:
        """Remove a qdisc that we made, unless others have put filters there meanwhile."""
        name = self._ours.get(interface)
        if name is None:
            return
        if name == _name(interface):
            if any(self._filters(interface, parent) for parent in _PARENTS.values()):
                return
            self._netlink.request(Request(MessageType.DELQDISC, 0, _qdisc(interface)), allow=_ALREADY_GONE)
        del self._ours[interface]
        self._save()

    def _with_clsact(self) -> set[int]:
        """The interfaces that have such a qdisc, whoever made it."""
        told = self._netlink.dump(MessageType.GETQDISC, TRAFFIC.pack(AF_UNSPEC, 0, 0, 0, 0))
        return {TRAFFIC.unpack_from(message.body)[1] for message in told if _kind(message) in ("clsact", "ingress")}

    def _filters(self, interface: int, parent: int) -> list[Message]:
        """The filters there; the kernel tells of each more than once."""
        if _name(interface) == "":
            return []
        return self._netlink.dump(MessageType.GETTFILTER, TRAFFIC.pack(AF_UNSPEC, interface, 0, parent, 0))

    def _delete_filter(self, interface: int, parent: int) -> None:
        request = Request(MessageType.DELTFILTER, 0, self._filter(interface, parent))
        self._netlink.request(request, allow=_ALREADY_GONE)

    def _filter(self, interface: int, parent: int) -> bytes:
        return TRAFFIC.pack(AF_UNSPEC, interface, _HANDLE, parent, self._owner.priority << 16 | _ALL_PROTOCOLS)

    def _save(self) -> None:
        if not self._ours:
            self._file.unlink(missing_ok=True)
            return
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(self._ours), encoding="utf-8")
        fresh.replace(self._file)


def _qdisc(interface: int) -> bytes:
    return TRAFFIC.pack(AF_UNSPEC, interface, CLSACT_HANDLE, CLSACT, 0)


def _kind(message: Message) -> str:
    return text(attributes(message.body[TRAFFIC.size :]).get(TrafficAttribute.KIND))


def _names(message: Message) -> str:
    """The name that a BPF filter was given."""
    options = attributes(message.body[TRAFFIC.size :]).get(TrafficAttribute.OPTIONS, b"")
    return text(attributes(options).get(BpfFilterAttribute.NAME)) if _kind(message) == "bpf" else ""


def _name(interface: int) -> str:
    """The interface's name, or "" if it is gone."""
    try:
        return socket.if_indextoname(interface)
    except OSError:
        return ""


def _load(file: Path) -> dict[int, str]:
    """What a daemon before us wrote; a file that is not ours to read says nothing."""
    try:
        return {int(interface): str(name) for interface, name in json.loads(file.read_text(encoding="utf-8")).items()}
    except (OSError, ValueError, AttributeError):
        return {}
