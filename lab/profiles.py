"""Changes to the laptop's profile, as a person with an editor would make them."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeAlias

from lab.errors import LabError

Preparation: TypeAlias = Callable[[Path], None]
Simple: TypeAlias = str | bool | int
Value: TypeAlias = Simple | list[str] | list[str | Mapping[str, Simple]]
TABLE = "[mipv4]\n"
_SECRET = re.compile(r'"base64:[A-Za-z0-9+/=]+"')


def unchanged(_profile: Path) -> None:
    """The profile as add-node made it."""


def with_mipv4(**fields: Value) -> Preparation:
    """Sets keys of the table [mipv4]."""

    def change(profile: Path) -> None:
        text = profile.read_text()
        if TABLE not in text:
            raise LabError("the profile has no table [mipv4]")
        for name, value in fields.items():
            text = re.sub(rf"(?m)^{name} = .*\n", "", text)
            text = text.replace(TABLE, f"{TABLE}{name} = {toml(value)}\n")
        profile.write_text(text)

    return change


def change_key(profile: Path) -> None:
    """Put another key into a profile."""
    other = base64.b64encode(b"some other secret").decode()
    text, count = _SECRET.subn(f'"base64:{other}"', profile.read_text())
    if not count:
        raise LabError("the profile holds no key that could be changed")
    profile.write_text(text)


def toml(value: Value | Mapping[str, Simple]) -> str:
    """A value as TOML writes it; a simple one as JSON does."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, Mapping):
        return f"{{ {', '.join(f'{name} = {toml(each)}' for name, each in value.items())} }}"
    return json.dumps(value)
