"""The two ways to say no: with a code, or with silence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from client.mipv4.codes import Code


@dataclass(frozen=True, slots=True)
class Dropped:
    """No answer: only counted, under this reason."""

    reason: str


@dataclass(frozen=True, slots=True)
class Denied:
    """A reply with this code goes back."""

    code: Code


Refusal: TypeAlias = Dropped | Denied
