"""What a mobile node keeps over restarts: its clock offset, numbers that must not come again, and its home agent."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.identification import Identifications
from mipv6.home_sequence import HomeSequence
from mipv6.renumbering import Renumbered


@dataclass(frozen=True, slots=True, kw_only=True)
class Remembered:
    """What a former run left, as far as it can be read: all of it can be found out anew."""

    home_agent: IPv6Address | None = None
    sequence: object = None
    correspondents: bytes = b""
    renumbered: Renumbered | None = None


def pack(
    identifications: Identifications,
    sequence: HomeSequence,
    home_agent: IPv6Address | None,
    correspondents: bytes,
    renumbered: Renumbered | None = None,
) -> bytes:
    """As JSON."""
    stored = json.loads(identifications.pack())
    stored["sequence"] = sequence.reserved
    if home_agent is not None:
        stored["home_agent"] = str(home_agent)
    if correspondents:
        stored["correspondents"] = base64.b64encode(correspondents).decode()
    if renumbered is not None:
        stored["renumbered"] = [str(renumbered.entered), str(renumbered.now)]
    return json.dumps(stored).encode()


def read(memory: bytes) -> Remembered:
    """What `pack` made; anything else is ignored."""
    try:
        stored = json.loads(memory)
    except (ValueError, RecursionError):
        return Remembered()
    if not isinstance(stored, dict):
        return Remembered()
    return Remembered(
        home_agent=_address(stored.get("home_agent")),
        sequence=stored.get("sequence"),
        correspondents=_bytes(stored.get("correspondents")),
        renumbered=_renumbered(stored.get("renumbered")),
    )


def _address(text: object) -> IPv6Address | None:
    try:
        return IPv6Address(text) if isinstance(text, str) else None
    except ValueError:
        return None


def _renumbered(pair: object) -> Renumbered | None:
    entered, now = map(_address, pair) if isinstance(pair, list) and len(pair) == 2 else (None, None)
    return Renumbered(entered, now) if entered and now else None


def _bytes(text: object) -> bytes:
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (ValueError, binascii.Error):
        return b""
