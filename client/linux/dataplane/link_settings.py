"""Settings of links that we change for as long as a plan wants it, and give back.

What was set before is kept in a small file as well, for the successor of a daemon that was killed.
"""

from __future__ import annotations

import errno
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, TypeAlias

from client.core.errors import KernelError

Values: TypeAlias = dict[str, int]


class Settings(Protocol):
    """How a kind of settings is read and written."""

    @property
    def wanted(self) -> Mapping[str, int]:
        """What is set while a plan wants it."""

    def read(self, interface: int) -> tuple[str, Values]:
        """The link's name, and its settings as far as this kernel has them. Raises KernelError."""

    def write(self, interface: int, values: Values) -> None:
        """Set them. Raises KernelError."""


class LinkSettings:
    """One kind, of all links."""

    def __init__(self, settings: Settings, file: Path) -> None:
        self._settings = settings
        self._file = file
        self._former: dict[int, tuple[str, Values]] = {}

    def keep(self, interface: int) -> None:
        """Set what is wanted, or raise KernelError."""
        if interface not in self._former:
            self._former[interface] = self._settings.read(interface)
            self._save()  # before the change: a daemon killed in between gives back what is there already
        known = self._former[interface][1]
        self._settings.write(interface, {key: value for key, value in self._settings.wanted.items() if key in known})

    def drop(self, interface: int) -> None:
        """Give the link its former settings, but for those that somebody else has set since."""
        name, former = self._former.pop(interface, ("", {}))
        try:
            _, now = self._settings.read(interface)
            ours = {key: value for key, value in former.items() if now.get(key) == self._settings.wanted[key]}
            self._settings.write(interface, ours)
        except KernelError as error:
            if error.errno != errno.ENODEV:
                self._former[interface] = (name, former)
                raise
        finally:
            self._save()

    def stands(self, interface: int) -> bool:
        """Whether the link has now what is wanted, as far as this kernel knows it."""
        try:
            _, now = self._settings.read(interface)
        except KernelError:
            return False
        return all(now.get(key, value) == value for key, value in self._settings.wanted.items())

    def forget(self, interface: int) -> None:
        """If the link is gone, so are its settings: another may get its index."""
        if interface in self._former and self._named(interface) is None:
            del self._former[interface]
            self._save()

    def recover(self) -> None:
        """Give back what a daemon before us changed and could not give back."""
        left = self._load()
        # An index may belong to another link by now: the name must agree.
        self._former |= {index: entry for index, entry in left.items() if self._named(index) == entry[0]}
        for interface in list(self._former):
            self.drop(interface)
        self._save()

    def _named(self, interface: int) -> str | None:
        try:
            return self._settings.read(interface)[0]
        except KernelError:
            return None

    def _save(self) -> None:
        if not self._former:
            self._file.unlink(missing_ok=True)
            return
        plain = {str(interface): [name, former] for interface, (name, former) in self._former.items()}
        fresh = self._file.with_suffix(".new")
        fresh.write_text(json.dumps(plain), encoding="utf-8")
        fresh.replace(self._file)

    def _load(self) -> dict[int, tuple[str, Values]]:
        """What a daemon before us wrote; a file that is not ours to read says nothing."""
        try:
            plain = json.loads(self._file.read_text(encoding="utf-8"))
            return {
                int(interface): (str(name), {key: int(former[key]) for key in self._settings.wanted if key in former})
                for interface, (name, former) in plain.items()
            }
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
