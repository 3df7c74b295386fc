"""A key that cannot be shown by accident (threat T24)."""

from __future__ import annotations

import base64
import binascii
from typing import NoReturn

_SCHEME = "base64"


class Secret:
    """Key bytes without a repr, str or pickle that tells them; `reveal` is the only way to them."""

    __slots__ = ("_value",)

    def __init__(self, value: bytes) -> None:
        self._value = bytes(value)

    def reveal(self) -> bytes:
        """The key itself, for an authentication algorithm or a file that only root can read."""
        return self._value

    def __len__(self) -> int:
        return len(self._value)

    def __repr__(self) -> str:
        return "Secret(...)"

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Secret) and self._value == other._value

    def __hash__(self) -> int:
        return hash(self._value)

    def __reduce__(self) -> NoReturn:
        raise TypeError("a Secret is never pickled")


def read_secret(text: str) -> Secret:
    """The key in "base64:...", as files hold it; ValueError without showing what else it is."""
    scheme, _, encoded = text.partition(":")
    try:
        key = base64.b64decode(encoded.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        key = b""
    if scheme != _SCHEME or not key:
        raise ValueError('a secret looks like "base64:..."')
    return Secret(key)


def write_secret(secret: Secret) -> str:
    """A key as text, for a file that only its owner can read."""
    return f"{_SCHEME}:{base64.b64encode(secret.reveal()).decode()}"
