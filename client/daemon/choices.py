"""What people chose and want kept over restarts: the active profile, and settings over what it says."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import msgspec

from client.control.private_file import read_private_file, write_private_file
from client.core.choice import Switch
from client.core.errors import ProfileError
from client.core.profile_checks import prefixes


@dataclass(frozen=True, slots=True, kw_only=True)
class Chosen:
    """What a person set over what the profile says; None: nothing."""

    reverse_tunnel: Switch | None = None
    broadcasts: bool | None = None
    direct_paths: bool | None = None
    tunnelled: tuple[IPv4Network, ...] | None = None  # empty: all


class _Stored(msgspec.Struct, kw_only=True):
    profile: str | None = None
    paused: bool = False
    paused_until: float | None = None
    reverse_tunnel: dict[str, Switch] = {}
    broadcasts: dict[str, bool] = {}
    direct_paths: dict[str, bool] = {}
    tunnelled: dict[str, list[str]] = {}


class Choices:
    """A small file; one that cannot be read counts as empty, since every choice can be made again."""

    def __init__(self, file: Path) -> None:
        self._file = file
        try:
            self._stored = msgspec.json.decode(read_private_file(file), type=_Stored)
        except (OSError, ProfileError, msgspec.DecodeError):
            self._stored = _Stored()

    @property
    def profile(self) -> str | None:
        """The id of the active profile."""
        return self._stored.profile

    def use_profile(self, identity: str) -> None:
        """Remember which profile is active."""
        self._stored.profile = identity
        self._save()

    def forget(self, identity: str) -> None:
        """Nothing is kept of what was chosen for this profile."""
        if self._stored.profile == identity:
            self._stored.profile = None
        by_profile: tuple[dict[str, Any], ...] = (
            self._stored.reverse_tunnel, self._stored.broadcasts, self._stored.direct_paths, self._stored.tunnelled,
        )  # fmt: skip
        for chosen in by_profile:
            chosen.pop(identity, None)
        self._save()

    @property
    def pause(self) -> tuple[bool, float | None]:
        """Whether a person paused it, and until when (seconds since 1970; None: until it is resumed)."""
        return self._stored.paused, self._stored.paused_until

    def set_pause(self, paused: bool, until: float | None = None) -> None:
        """Remember that a person paused or resumed it: a restart is no resume."""
        self._stored.paused, self._stored.paused_until = paused, until
        self._save()

    def chosen(self, profile: str) -> Chosen:
        """What a person set for this profile."""
        return Chosen(
            reverse_tunnel=self._stored.reverse_tunnel.get(profile),
            broadcasts=self._stored.broadcasts.get(profile),
            direct_paths=self._stored.direct_paths.get(profile),
            tunnelled=self._tunnelled(profile),
        )

    def set_reverse_tunnel(self, profile: str, value: Switch) -> None:
        """Remember a person's choice for this profile."""
        self._stored.reverse_tunnel[profile] = value
        self._save()

    def set_broadcasts(self, profile: str, *, value: bool) -> None:
        """Remember whether a person wants the home network's broadcasts, for this profile."""
        self._stored.broadcasts[profile] = value
        self._save()

    def set_direct_paths(self, profile: str, *, value: bool) -> None:
        """Remember whether a person wants direct paths to correspondents, for this profile."""
        self._stored.direct_paths[profile] = value
        self._save()

    def set_tunnelled(self, profile: str, networks: Sequence[IPv4Network] | None) -> None:
        """Remember which prefixes (None: all) use the home address, for this profile."""
        self._stored.tunnelled[profile] = [str(network) for network in networks or ()]
        self._save()

    def _tunnelled(self, profile: str) -> tuple[IPv4Network, ...] | None:
        stored = self._stored.tunnelled.get(profile)
        if not stored:
            return None if stored is None else ()
        try:
            return prefixes("tunnelled", stored)
        except ValueError:
            return None  # damaged: the profile's count

    def _save(self) -> None:
        self._file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        write_private_file(self._file, msgspec.json.encode(self._stored).decode())
