"""The profiles to choose from as the service lists them, and what a person should see of one before using it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from client.core.status import Limit
from gui.view import phrases
from gui.view.model import Translate


class Profile(msgspec.Struct, frozen=True):
    """One of them: what `profile.list` says."""

    id: str
    name: str = ""
    active: bool = False


class Described(msgspec.Struct, frozen=True):
    """What `profile.validate` and `profile.show` say. No key is in it."""

    summary: dict[str, Any]
    limits: list[Limit] = []
    text: str = ""


def rows(described: Described, translate: Translate) -> list[tuple[str, str]]:
    """Titles and values, in the order in which a person asks for them; what is not there is left out."""
    summary = described.summary
    found = (
        (translate("Name"), summary.get("name")),
        (translate("Home address"), summary.get("home_address")),
        (translate("Home agent"), _joined(summary.get("home_agents"))),
        (translate("IPv6 home address"), summary.get("home_address6")),
        (translate("IPv6 home agent"), _joined(summary.get("home_agents6"))),
        (translate("What goes through home"), _joined(summary.get("tunnelled")) or translate("everything")),
        (translate("Key fingerprint"), _keys(summary.get("keys"))),
        (translate("Attention"), "\n".join(phrases.limit(limit, translate) for limit in described.limits)),
    )
    return [(title, str(value)) for title, value in found if value]


def _joined(values: Sequence[object] | None) -> str:
    return ", ".join(map(str, values or ()))


def _keys(keys: Mapping[str, str] | None) -> str:
    return ", ".join(f"{name}: {digits}" for name, digits in (keys or {}).items())
