"""Profiles as text: reading with errors that say where and what, writing with the secrets apart."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from ipaddress import IPv4Address
from typing import Any

import msgspec

from client.core.errors import ProfileError
from client.core.profile import Profile
from client.core.profile_hints import explain_error
from client.core.secret import Secret, read_secret, write_secret

LONGEST = 64 * 1024
"""Bytes of a profile's text."""

DEEPEST = 8
"""Levels of tables."""

_STRING_OR_COMMENT = re.compile(r""""(?:[^"\\\n]|\\.)*"|'[^'\n]*'|#[^\n]*""")
_DEEP_KEY = re.compile(rf"(?:\.[ \t]*[A-Za-z0-9_-]*[ \t]*){{{DEEPEST}}}")
_BARE_KEY = re.compile(r"\A[A-Za-z0-9_-]+\Z")


def read_profile(text: str, secrets: str = "", *, name: str | None = None) -> Profile:
    """Read a profile, or raise ProfileError with the field's path and a hint.

    A transport file has its secrets inside; `secrets` is the text of those that were stored apart: they are taken
    for what the profile names and does not bring. A `name` takes the place of the profile's own.
    """
    values = _read_toml(text)
    if secrets:
        values |= {"secrets": _completed(values, _read_toml(secrets).get("secrets", {}))}
    if name is not None:
        values["name"] = name
    try:
        return msgspec.convert(values, Profile, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ProfileError(explain_error(str(error), values)) from None  # its cause could show a key


def write_profile(profile: Profile) -> tuple[str, str]:
    """The text of a profile without its secrets, and the text of the secrets."""
    values = msgspec.to_builtins(profile, enc_hook=_encode)
    secrets = {"secrets": values.pop("secrets", {})}
    return write_toml(values), write_toml(secrets)


def write_toml(values: Mapping[str, Any], path: tuple[str, ...] = ()) -> str:
    """TOML of nested dicts, lists and scalars, as far as profiles need it."""
    lines = [f"{_key(name)} = {_value(value)}\n" for name, value in values.items() if not _is_table(value)]
    for name, value in values.items():
        header = ".".join(map(_key, (*path, name)))
        if isinstance(value, dict):
            lines.append(f"\n[{header}]\n{write_toml(value, (*path, name))}")
        elif _is_table(value):
            lines += [f"\n[[{header}]]\n{write_toml(table, (*path, name))}" for table in value]
    return "".join(lines)


def _read_toml(text: str) -> dict[str, Any]:
    _check_size(text)
    try:
        values: dict[str, Any] = msgspec.toml.decode(text)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise ProfileError(f"not TOML: {_without_content(error)}") from None
    return values


def _completed(values: Mapping[str, Any], stored: Mapping[str, Any]) -> Any:
    brought = values.get("secrets", {})
    if not isinstance(brought, dict):
        return brought  # refused with the rest
    named = set(_named(values))
    return {name: secret for name, secret in stored.items() if name in named} | brought


def _named(value: Any) -> Iterator[str]:
    """The names of all secrets that something asks for."""
    if isinstance(value, dict):
        if isinstance(value.get("secret"), str):
            yield value["secret"]
        value = list(value.values())
    if isinstance(value, list):
        for part in value:
            yield from _named(part)


def _check_size(text: str) -> None:
    # Python's TOML reader needs quadratic time for deep dotted keys (16 s for 64 KiB of "a.a.a."), so they are
    # refused before. Strings over several lines could hide them from this look, and no profile needs them.
    if len(text) > LONGEST or len(text.encode(errors="replace")) > LONGEST:
        raise ProfileError("longer than 64 KiB")
    if '"""' in text or "'''" in text:
        raise ProfileError("not used in profiles: strings over several lines")
    if _DEEP_KEY.search(_STRING_OR_COMMENT.sub("", text)):
        raise ProfileError(f"nested deeper than {DEEPEST} tables")


def _without_content(error: Exception) -> str:
    # TOML's errors tell the place, and some the text there, which may be a piece of a key.
    place = re.search(r"\(at (.*)\)\Z", str(error))
    return f"syntax error at {place[1]}" if place else "it cannot be read"


def _decode(kind: type, value: Any) -> Any:
    if not isinstance(value, str):
        raise TypeError(f"expected text, got {type(value).__name__}")
    if kind is Secret:
        return read_secret(value)
    if kind is IPv4Address:
        return IPv4Address(value)
    raise NotImplementedError(f"no profile holds a {kind}")


def _encode(value: Any) -> str:
    if isinstance(value, Secret):
        return write_secret(value)
    if isinstance(value, IPv4Address):
        return str(value)
    raise NotImplementedError(f"no profile holds a {type(value)}")


def _is_table(value: Any) -> bool:
    return isinstance(value, dict) or (isinstance(value, list) and bool(value) and isinstance(value[0], dict))


def _key(name: str) -> str:
    return name if _BARE_KEY.match(name) else _value(name)


def _value(value: Any) -> str:
    if isinstance(value, str):
        # TOML's basic strings are JSON's, but for DEL; \u of JSON would be half a surrogate pair.
        return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    return f"[{', '.join(map(_value, value))}]"
