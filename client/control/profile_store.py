"""The daemon's profiles on disk: each without its keys, and the keys apart."""

from __future__ import annotations

import contextlib
from pathlib import Path

from client.control.private_file import read_private_file, write_private_file
from client.core.errors import ProfileError
from client.core.profile import Profile
from client.core.profile_text import read_profile, write_profile


class ProfileStore:
    """Profiles in `profiles`/<id>.toml, their keys in `secrets`/<id>.toml; both readable by their owner alone."""

    def __init__(self, profiles: Path, secrets: Path) -> None:
        self._profiles = profiles
        self._secrets = secrets

    def ids(self) -> list[str]:
        """The ids of all profiles, usable or not."""
        if not self._profiles.is_dir():
            return []
        return sorted(path.name.removesuffix(".toml") for path in self._profiles.glob("[!.]*.toml"))

    def list(self) -> list[Profile]:
        """All that can be used; `load` says what is wrong with the others."""
        found = []
        for profile_id in self.ids():
            with contextlib.suppress(ProfileError):
                found.append(self.load(profile_id))
        return found

    def load(self, profile_id: str) -> Profile:
        """The profile with this id, or ProfileError."""
        if profile_id not in self.ids():  # also keeps "../x" from naming a file
            raise _unknown(profile_id, self.ids())
        path, secrets = self._paths(profile_id)
        try:
            profile = read_profile(read_private_file(path), read_private_file(secrets))
        except ProfileError as error:
            raise ProfileError(f"{path}: {error}") from error
        if profile.id != profile_id:
            raise ProfileError(f"{path} holds the profile {profile.id!r}")
        return profile

    def add(self, text: str, name: str | None = None) -> Profile:
        """Store a transport file's text, under another `name` if given; ProfileError if it cannot be used.

        It replaces one with the same id and a lower serial.
        """
        profile = read_profile(text, name=name)
        self._check_serial(profile)
        self._write(profile)
        return profile

    def text(self, profile_id: str) -> str:
        """What stands in a profile, as TOML, without its keys."""
        stored, _ = write_profile(self.load(profile_id))
        return stored

    def read(self, text: str, profile_id: str | None = None) -> Profile:
        """Read a text, or raise ProfileError; keys that it does not bring are those stored of this profile."""
        if profile_id is None:
            return read_profile(text)
        self.load(profile_id)
        profile = read_profile(text, read_private_file(self._paths(profile_id)[1]))
        if profile.id != profile_id:
            raise ProfileError(f"id: an edited profile keeps its id, {profile_id}; import the text to have another")
        return profile

    def edit(self, profile_id: str, text: str) -> Profile:
        """Put a text in the place of a profile's; its keys stay, but for those that the text brings."""
        profile = self.read(text, profile_id)
        self._write(profile)
        return profile

    def remove(self, profile_id: str) -> None:
        """Forget a profile and its keys, also one that cannot be read; ProfileError if there is none."""
        if profile_id not in self.ids():
            raise _unknown(profile_id, self.ids())
        for path in self._paths(profile_id):
            path.unlink(missing_ok=True)

    def _write(self, profile: Profile) -> None:
        path, secrets_path = self._paths(profile.id)
        stored, secrets = write_profile(profile)
        for directory in (secrets_path.parent, path.parent):
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        write_private_file(secrets_path, secrets)  # first: a profile without its keys is an error
        write_private_file(path, stored)

    def _check_serial(self, profile: Profile) -> None:
        known = next((known for known in self.list() if known.id == profile.id), None)
        if known and profile.serial <= known.serial:
            raise ProfileError(
                f"serial: {profile.serial} does not replace serial {known.serial} of {profile.id}, which is here "
                "already; ask your home agent's owner for a newer file"
            )

    def _paths(self, profile_id: str) -> tuple[Path, Path]:
        return self._profiles / f"{profile_id}.toml", self._secrets / f"{profile_id}.toml"


def _unknown(profile_id: str, ids: list[str]) -> ProfileError:
    return ProfileError(f"no profile {profile_id!r}; there are: {', '.join(ids) or 'none'}")
