"""Statuses as the service would send them, one for each state."""

from __future__ import annotations

from typing import Any

from client.core.status import State, Status
from gui.reading import read_status

SETTINGS = {
    "reverse_tunnel": {"wanted": "auto", "applied": "on"},
    "broadcasts": {"wanted": "off", "applied": "off"},
}
V4 = {
    "place": "co-located",
    "home_address": "198.51.100.23",
    "coa": "10.0.0.7",
    "ha": "203.0.113.80",
    "expires_s": 1450,
    "encap": "udp",
    "mtu": 1448,
    "path": "reverse",
}


def raw(state: str = "working", **more: Any) -> dict[str, Any]:
    """A status as JSON tells it: away, in a network with a NAT, checked four seconds ago."""
    return {
        "v": 1,
        "state": state,
        "since": "2026-11-23T14:02:11Z",
        "proof": {"kind": "probe", "age_ms": 4012, "rtt_ms": 38},
        "profile": "alice@example.net",
        "network": {"if": "wlan0", "name": "Cafe-Guest", "nat": True},
        "v4": V4,
        "settings": SETTINGS,
        **more,
    }


def status(state: str = "working", **more: Any) -> Status:
    """The same, read as the program reads it."""
    found = read_status(raw(state, **more))
    assert isinstance(found, Status)
    return found


STATES = [state.value for state in State]
