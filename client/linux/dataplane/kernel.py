"""Adds and removes plan items in the kernel, one call each; knows what of them still stands."""

from __future__ import annotations

import errno
from pathlib import Path

from client.core.errors import KernelError
from client.core.plan import ANCHOR, Anchor, Item, Neighbour, QuietArp, Relay, Route, Rule, Tunnel
from client.linux.bpf.clsact import Clsact
from client.linux.dataplane.anchor import AnchorInterface, addresses_of
from client.linux.dataplane.fingerprint import Fingerprint, anycast_routes, dumped, fingerprint, protocol
from client.linux.dataplane.keepers import Keepers
from client.linux.dataplane.neighbours import forget_passing_neighbours, neighbour_requests
from client.linux.dataplane.routes import route_requests
from client.linux.dataplane.rules import rule_requests
from client.linux.dataplane.segmenter import remove_segmenter
from client.linux.netlink.codes import MessageType
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import Request
from client.linux.ownership import Owner

_ALREADY_GONE = (errno.ENOENT, errno.ESRCH, errno.ENODEV, errno.EADDRNOTAVAIL)
_DELETIONS = {
    MessageType.NEWROUTE: MessageType.DELROUTE,
    MessageType.NEWRULE: MessageType.DELRULE,
    MessageType.NEWNEIGH: MessageType.DELNEIGH,
}


class Kernel:
    """What we have in the kernel besides tunnels."""

    def __init__(self, owner: Owner, netlink: Netlink, runtime_directory: Path) -> None:
        self._owner = owner
        self._netlink = netlink
        self._runtime_directory = runtime_directory
        self._keepers = Keepers(owner, netlink, runtime_directory)
        self._removals: dict[object, tuple[Fingerprint, Request]] = {}
        self.anchor: AnchorInterface | None = None

    @property
    def descriptor(self) -> int | None:
        """The anchor's descriptor, while there is an anchor."""
        return None if self.anchor is None else self.anchor.descriptor

    @property
    def leaves_mobility_to_us(self) -> bool:
        """Whether packets that name a home address are ours to refuse."""
        return self._keepers.has_mobility

    @property
    def esp_heard(self) -> tuple[int, int] | None:
        """The SPIs under which ESP is ours, the first and the last; None is no ESP at all."""
        return self._keepers.esp_heard

    def add(self, item: Item) -> None:
        """Have the kernel hold the item, in place of what has its key. Raises KernelError."""
        match item:
            case Anchor():
                self._anchor().configure(item)
            case Route() | Rule() | Neighbour():
                addition, removal = self._requests(item)
                self._netlink.request(addition, allow=(errno.EEXIST,) if isinstance(item, Rule) else ())
                self._removals[item.key] = (fingerprint(addition), removal)
            case Tunnel() | Relay():
                pass  # the data plane's
            case _:
                self._keepers.keep(item)

    def replaced(self, old: Item, new: Item) -> None:
        """Take away what remains of an item whose successor stands. Raises KernelError."""
        if isinstance(old, Anchor) and isinstance(new, Anchor) and self.anchor is not None:
            for address in set(addresses_of(old)) - set(addresses_of(new)):
                self.anchor.forget(address)

    def settle(self, item: Item) -> None:
        """What is left to do once the whole plan stands. Raises KernelError."""
        if isinstance(item, QuietArp):
            forget_passing_neighbours(self._netlink, item.interface)

    def remove(self, item: Item) -> None:
        """Have the kernel hold the item no longer. Raises KernelError."""
        match item:
            case Anchor():
                self._drop_anchor()
            case Route() | Rule() | Neighbour():
                _, removal = self._removals[item.key]
                self._netlink.request(removal, allow=_ALREADY_GONE)
                del self._removals[item.key]
            case Tunnel() | Relay():
                pass
            case _:
                self._keepers.drop(item)

    def standing(self) -> frozenset[object]:
        """The keys of what the kernel still holds as we asked for it, as far as one look can tell."""
        messages = dumped(self._netlink)
        shown = {fingerprint(message) for message in messages}
        standing = frozenset(key for key, (print_, _) in self._removals.items() if print_ in shown)
        return standing | self._keepers.standing(anycast_routes(messages))

    def stands(self, item: Item, standing: frozenset[object]) -> bool:
        """Whether the kernel still holds this item; `standing` is what `standing()` said."""
        match item:
            case Anchor():
                return self.anchor is not None and self.anchor.holds(item)
            case Route() | Rule() | Neighbour() | Tunnel() | Relay():
                return item.key in standing
            case _:
                return self._keepers.stands(item, standing)

    def forget(self, item: Item) -> None:
        """The kernel lost it: nothing is left to remove."""
        match item:
            case Anchor():
                if self.anchor is not None and not self.anchor.exists():
                    self._drop_anchor()
            case Route() | Rule() | Neighbour() | Tunnel() | Relay():
                self._removals.pop(item.key, None)
            case _:
                self._keepers.forget(item)

    def clean(self) -> None:
        """Remove what a daemon before us left, told by its marks. Raises KernelError."""
        for message in dumped(self._netlink):
            if protocol(message) == self._owner.protocol:
                deletion = Request(_DELETIONS[MessageType(message.type)], 0, message.body)
                self._netlink.request(deletion, allow=_ALREADY_GONE)
        self._keepers.recover()
        Clsact(self._owner, self._netlink, self._runtime_directory).clean()
        remove_segmenter(self._owner, self._netlink)

    def _requests(self, item: Route | Rule | Neighbour) -> tuple[Request, Request]:
        match item:
            case Route():
                return route_requests(item, self._index(item.interface), self._owner)
            case Rule():
                return rule_requests(item, self._owner)
            case Neighbour():
                return neighbour_requests(item, self._owner)

    def _index(self, interface: int) -> int:
        if interface != ANCHOR:
            return interface
        if self.anchor is None:
            raise KernelError(errno.ENODEV, "there is no anchor")
        return self.anchor.index

    def _anchor(self) -> AnchorInterface:
        if self.anchor is None:
            self.anchor = AnchorInterface(self._owner, self._netlink)
        return self.anchor

    def _drop_anchor(self) -> None:
        if self.anchor is not None:
            self.anchor.close()
            self.anchor = None


def cleanup(owner: Owner, runtime_directory: Path) -> None:
    """Remove what a killed daemon left, without being one. Raises KernelError."""
    netlink = Netlink()
    try:
        Kernel(owner, netlink, runtime_directory).clean()
    finally:
        netlink.close()
