"""What a mobile node keeps over restarts: its clock offset, the identification floor, and an address it was given."""

from __future__ import annotations

import json
from ipaddress import IPv4Address

from client.core.identification import Identifications


def pack(identifications: Identifications, assigned: IPv4Address | None) -> bytes:
    """As JSON; `assigned` is the home address that the home agent gave to our NAI, if it did."""
    stored = json.loads(identifications.pack())
    if assigned is not None:
        stored["home_address"] = str(assigned)
    return json.dumps(stored).encode()


def assigned_address(memory: bytes) -> IPv4Address | None:
    """The address that was given before; anything else than one is ignored, since another can be asked for."""
    try:
        stored = json.loads(memory)["home_address"]
        address = IPv4Address(stored if isinstance(stored, str) else "")
    except (ValueError, TypeError, KeyError):
        return None
    return None if address.is_unspecified or address.is_multicast or address.is_loopback else address
