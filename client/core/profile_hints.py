"""What is wrong with a profile, in words: where, what, and what was probably meant."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import msgspec

from client.core.profile import (
    DirectPaths,
    Dns,
    Ikev2,
    IpsecManual,
    IPv4Profile,
    IPv6Profile,
    Key,
    Probe,
    Profile,
    Required,
    Rfc4285,
)

_TABLES: Mapping[str, tuple[type[msgspec.Struct], ...]] = {
    "": (Profile,),
    "mipv4": (IPv4Profile,),
    "mipv4.key": (Key,),
    "mipv6": (IPv6Profile,),
    "mipv6.auth": (Rfc4285, IpsecManual, Ikev2),
    "mipv6.direct_paths": (DirectPaths,),
    "dns": (Dns,),
    "probe": (Probe,),
    "required": (Required,),
}

_PLACED = re.compile(r"\A(?P<words>.*?)(?: - at `(?P<key>key in )?\$\.?(?P<path>[^`]*)`)?\Z", re.DOTALL)
_UNKNOWN = re.compile(r"\AObject contains unknown field `(.*)`\Z", re.DOTALL)
_MISSING = re.compile(r"\AObject missing required field `(.*)`\Z", re.DOTALL)
_CHOICE = re.compile(r"\AInvalid (?:enum )?value '?(.*?)'?\Z", re.DOTALL)
_OWN_CHECK = re.compile(r"\A[a-z_0-9]+: ")


def explain_error(error: str, values: Mapping[str, Any]) -> str:
    """The words of a msgspec.ValidationError as a sentence that begins with the field's path."""
    placed = _PLACED.match(error)
    words, path = (placed["words"], placed["path"] or "") if placed else (error, "")
    if unknown := _UNKNOWN.match(words):
        return f"{_join(path, unknown[1])}: unknown field{_guess(unknown[1], _fields(path))}"
    if missing := _MISSING.match(words):
        return f"{_join(path, missing[1])}: is missing{_perhaps(missing[1], path, values)}"
    if _OWN_CHECK.match(words):
        return _join(path, words)
    if choice := _CHOICE.match(words):
        return f"{path}: {choice[1]!r} is none of {_choices(path)}{_guess(choice[1], _choices(path))}"
    if "matching regex" in words:
        words = "must be a name of letters, digits and @ . _ + - only, which begins with a letter or digit"
    words = words.replace("`", "")
    return f"{path}: {words[:1].lower()}{words[1:]}" if path else words


def _perhaps(name: str, path: str, values: Mapping[str, Any]) -> str:
    """Was a missing field there under a name that is nearly right?"""
    table: Any = values
    for part in re.findall(r"[^.\[\]]+", path):
        table = table[int(part)] if isinstance(table, list) else table.get(part, {})
    strange = [key for key in table if key not in _fields(path)] if isinstance(table, dict) else []
    close = difflib.get_close_matches(name, strange, n=1)
    return f"; is {close[0]!r} a misspelling of it?" if close else ""


def _guess(name: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else ""


def _fields(path: str) -> set[str]:
    structs = _TABLES.get(re.sub(r"\[.*?\]", "", path), ())
    tags = {"method"} if len(structs) > 1 else set()
    return tags | {field.encode_name for struct in structs for field in _of(struct)}


def _choices(path: str) -> list[str]:
    """The values that a field with a choice may have."""
    table, _, name = re.sub(r"\[.*?\]", "", path).rpartition(".")
    kinds = [field.type for struct in _TABLES.get(table, ()) for field in _of(struct) if field.encode_name == name]
    if name == "method":
        return ["rfc4285", "ipsec-manual", "ikev2"]
    return [str(value) for kind in kinds for value in _values(kind)]


def _values(kind: Any) -> list[Any]:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [member.value for member in kind]
    if get_origin(kind) is Literal:
        return list(get_args(kind))
    return [value for inner in get_args(kind)[:1] for value in _values(inner)]


def _of(struct: type[msgspec.Struct]) -> tuple[msgspec.structs.FieldInfo, ...]:
    return msgspec.structs.fields(struct)


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
