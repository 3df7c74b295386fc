"""The profiles to choose from, as the service lists them."""

from __future__ import annotations

import msgspec


class Profile(msgspec.Struct, frozen=True):
    """One of them: what `profile.list` says."""

    id: str
    name: str = ""
    active: bool = False
