"""What the service says as JSON becomes a `Status` or an error, also when a newer one says more than we know."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from client.control.errors import Exit, RpcError
from client.core.status import Place, State, Status
from gui.view.model import Lost

_KNOWN_STATES = frozenset(state.value for state in State)
_KNOWN_PLACES = frozenset(place.value for place in Place)
NOT_OURS = Lost(reason="not-ours")


def read_status(raw: Any) -> Status | Lost:
    """The status in a message; a state that we do not know yet is shown as one that is being worked on."""
    if not isinstance(raw, Mapping) or not isinstance(raw.get("state"), str):
        return NOT_OURS
    try:
        return msgspec.convert(_known(raw), Status)
    except msgspec.ValidationError:
        return NOT_OURS


def _known(raw: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(raw)
    if told["state"] not in _KNOWN_STATES:
        told |= {"state": State.CONNECTING.value, "reason": told["state"]}
    for family in ("v4", "v6"):
        if isinstance(told.get(family), Mapping):
            told[family] = _known_family(told[family])
    return told


def _known_family(raw: Mapping[str, Any]) -> dict[str, Any]:
    told = dict(raw)
    if told.get("place") not in _KNOWN_PLACES:
        told["place"] = None
    if told.get("state") not in _KNOWN_STATES:
        told["state"] = None
    return told


def read_error(raw: Any) -> RpcError:
    """The error object of a response."""
    error: Mapping[str, Any] = raw if isinstance(raw, Mapping) else {}
    found = error.get("data")
    data: Mapping[str, Any] = found if isinstance(found, Mapping) else {}
    number = data.get("exit")
    known = number if isinstance(number, int) and number in Exit._value2member_map_ else Exit.FAILED
    return RpcError(str(error.get("message", "failed")), reason=str(data.get("id", "failed")), exit_code=Exit(known))
