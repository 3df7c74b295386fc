"""Keeps a link from telling or answering for addresses that are not its own, and gives back what was set before.

The former settings are kept in a small file as well, for the successor of a daemon that was killed.
"""

from __future__ import annotations

import errno
import json
import struct
from pathlib import Path

from client.core.errors import KernelError
from client.linux.netlink.codes import AF_INET, AF_UNSPEC, INET_CONF, LinkAttribute, MessageType
from client.linux.netlink.connection import Netlink
from client.linux.netlink.messages import LINK, Request, attributes, nested, number, text

ARP_ANNOUNCE = 18  # IPV4_DEVCONF_ARP_ANNOUNCE
ARP_IGNORE = 19  # IPV4_DEVCONF_ARP_IGNORE
QUIET = {ARP_ANNOUNCE: 2, ARP_IGNORE: 1}


class ArpSettings:
    """The ARP settings of links, changed and given back."""

    def __init__(self, netlink: Netlink, file: Path) -> None:
        self._netlink = netlink
        self._file = file
        self._former: dict[int, tuple[str, dict[int, int]]] = {}

    def silence(self, interface: int) -> None:
        """Make the link quiet, or raise KernelError."""
        if interface not in self._former:
            self._former[interface] = self._read(interface)
            self._save()  # before the change: a daemon killed in between gives back what is there already
        self._write(interface, QUIET)

    def restore(self, interface: int) -> None:
        """Give the link its former settings, but for those that somebody else has set since."""
        name, former = self._former.pop(interface, ("", {}))
        try:
            _, now = self._read(interface)
            self._write(interface, {key: value for key, value in former.items() if now[key] == QUIET[key]})
        except KernelError as error:
            if error.errno != errno.ENODEV:
                self._former[interface] = (name, former)
                raise
        finally:
            self._save()

    def quiet(self, interface: int) -> bool:
        """Whether the link is quiet now."""
        try:
            return self._read(interface)[1] == QUIET
        except KernelError:
            return False

    def forget(self, interface: int) -> None:
        """If the link is gone, so are its settings: another may get its index."""
        if interface in self._former and self._named(interface) is None:
            del self._former[interface]
            self._save()

    def recover(self) -> None:
        """Give back what a daemon before us changed and could not give back."""
        left = _load(self._file)
        # An index may belong to another link by now: the name must agree.
        self._former |= {index: entry for index, entry in left.items() if self._named(index) == entry[0]}
        for interface in list(self._former):
            self.restore(interface)
        self._save()

    def _named(self, interface: int) -> str | None:
        try:
            return self._read(interface)[0]
        except KernelError:
            return None

    def _read(self, interface: int) -> tuple[str, dict[int, int]]:
        message = self._netlink.get(MessageType.GETLINK, LINK.pack(AF_UNSPEC, 0, interface, 0, 0))
        found = attributes(message.body[LINK.size :])
        families = attributes(found.get(LinkAttribute.AF_SPEC, b""))
        conf = attributes(families.get(AF_INET, b"")).get(INET_CONF, b"")
        if len(conf) < 4 * ARP_IGNORE:
            raise KernelError(errno.ENODEV, "this link has no IPv4")
        # The kernel sends the settings as an array that begins with setting 1.
        values = {key: struct.unpack_from("=i", conf, 4 * (key - 1))[0] for key in QUIET}
        return text(found.get(LinkAttribute.NAME)), values

    def _write(self, interface: int, values: dict[int, int]) -> None:
        if not values:
            return
        conf = nested(INET_CONF, *(number(key, value) for key, value in values.items()))
        body = LINK.pack(AF_UNSPEC, 0, interface, 0, 0) + nested(LinkAttribute.AF_SPEC, nested(AF_INET, conf))
        self._netlink.request(Request(MessageType.SETLINK, 0, body))

    def _save(self) -> None:
        if not self._former:
            self._file.unlink(missing_ok=True)
            return
        plain = {str(interface): [name, former] for interface, (name, former) in self._former.items()}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(plain), encoding="utf-8")
        fresh.replace(self._file)


def _load(file: Path) -> dict[int, tuple[str, dict[int, int]]]:
    """What a daemon before us wrote; a file that is not ours to read says nothing."""
    try:
        plain = json.loads(file.read_text(encoding="utf-8"))
        return {
            int(interface): (str(name), {key: int(former[str(key)]) for key in QUIET})
            for interface, (name, former) in plain.items()
        }
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return {}
