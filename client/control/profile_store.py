"""The daemon's profiles on disk: each without its keys, and the keys apart."""

from __future__ import annotations

from pathlib import Path

from client.control.private_file import read_private_file, write_private_file
from client.core.errors import ProfileError
from client.core.profile import Profile
from client.core.profile_text import read_profile, write_profile


class ProfileStore:
    """Profiles in `profiles`/<id>.toml, their keys in `state`/secrets/<id>.toml, the id in use in `state`/active."""

    def __init__(self, profiles: Path, state: Path) -> None:
        self._profiles = profiles
        self._secrets = state / "secrets"
        self._active = state / "active"

    def ids(self) -> list[str]:
        """The ids of all profiles, usable or not."""
        if not self._profiles.is_dir():
            return []
        return sorted(path.stem for path in self._profiles.glob("[!.]*.toml"))

    def load(self, profile_id: str) -> Profile:
        """The profile with this id, or ProfileError."""
        if profile_id not in self.ids():  # also keeps "../x" from naming a file
            raise ProfileError(f"no profile {profile_id!r}; there are: {', '.join(self.ids()) or 'none'}")
        path, secrets = self._paths(profile_id)
        profile = read_profile(read_private_file(path), read_private_file(secrets))
        if profile.id != profile_id:
            raise ProfileError(f"{path} holds the profile {profile.id!r}")
        return profile

    def add(self, profile: Profile) -> None:
        """Store a profile; one with the same id is replaced if its serial is lower, else ProfileError."""
        if profile.id in self.ids():
            known = self.load(profile.id)
            if profile.serial <= known.serial:
                raise ProfileError(
                    f"{profile.id}: serial {profile.serial} does not replace serial {known.serial}, which is here "
                    "already; ask your home agent's owner for a newer file"
                )
        path, secrets_path = self._paths(profile.id)
        text, secrets = write_profile(profile)
        _make_directory(secrets_path.parent)
        _make_directory(path.parent)
        write_private_file(secrets_path, secrets)  # first: a profile without its keys is an error
        write_private_file(path, text)

    @property
    def active(self) -> str | None:
        """The id of the profile in use, if it is still there."""
        if not self._active.exists():
            return None
        profile_id = read_private_file(self._active).strip()
        return profile_id if profile_id in self.ids() else None

    def activate(self, profile_id: str) -> Profile:
        """Remember which profile is in use; ProfileError if it cannot be used."""
        profile = self.load(profile_id)
        _make_directory(self._active.parent)
        write_private_file(self._active, f"{profile_id}\n")
        return profile

    def _paths(self, profile_id: str) -> tuple[Path, Path]:
        return self._profiles / f"{profile_id}.toml", self._secrets / f"{profile_id}.toml"


def _make_directory(path: Path) -> None:
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
