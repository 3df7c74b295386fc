"""JSON-RPC 2.0, one object a line: what both ends of the control socket read and write."""

from __future__ import annotations

import json
import math
from ipaddress import IPv4Address, IPv4Interface, IPv4Network
from typing import Any, NoReturn

import msgspec

from client.control.errors import Exit, RpcCode, RpcError

FRAME_LIMIT = 64 * 1024
"""Bytes of the longest request, its newline included."""

LARGEST_INTEGER = 2**53
"""Beyond it other JSON readers lose digits."""

DEEPEST = 16
"""Levels of arrays and objects within a frame."""


class Request(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A call. Without an id it is a notification, which nobody answers."""

    jsonrpc: str
    method: str
    params: dict[str, Any] = {}
    id: int | str | None = None


class NotJsonError(ValueError):
    """A line is not the strict JSON that we speak."""


def read_request(line: bytes) -> Request:
    """Read one call, or raise RpcError (parse error or invalid request)."""
    try:
        request = msgspec.convert(read_json(line), Request)
    except NotJsonError as error:
        raise RpcError(str(error), reason="parse-error", exit_code=Exit.USAGE, code=RpcCode.PARSE_ERROR) from error
    except msgspec.ValidationError as error:
        raise RpcError(
            str(error), reason="invalid-request", exit_code=Exit.USAGE, code=RpcCode.INVALID_REQUEST
        ) from error
    if request.jsonrpc != "2.0":
        raise RpcError("not JSON-RPC 2.0", reason="invalid-request", exit_code=Exit.USAGE, code=RpcCode.INVALID_REQUEST)
    return request


def read_json(line: bytes) -> Any:
    """Read one line: strict UTF-8, no NaN, no duplicate key, no number or depth that other readers refuse."""
    try:
        value = json.loads(
            line.decode(),
            object_pairs_hook=_without_duplicates,
            parse_constant=_refuse_constant,
            parse_int=_small_integer,
            parse_float=_finite_float,
        )
    except RecursionError as error:
        raise NotJsonError("nested too deeply") from error
    except NotJsonError:
        raise
    except ValueError as error:  # JSONDecodeError and UnicodeDecodeError are both of this kind
        raise NotJsonError(f"not JSON: {error}") from error
    _check(value, DEEPEST)
    return value


def write_line(value: Any) -> bytes:
    """One object as a line; IP addresses and networks become their text."""
    return msgspec.json.encode(value, enc_hook=_plain) + b"\n"


def _plain(value: Any) -> str:
    if isinstance(value, IPv4Address | IPv4Network | IPv4Interface):
        return str(value)
    raise TypeError(f"{type(value).__name__} is nothing that goes over the control socket")


def response(call: int | str | None, result: Any) -> dict[str, Any]:
    """The answer to a call that succeeded."""
    return {"jsonrpc": "2.0", "id": call, "result": result}


def error_response(call: int | str | None, error: RpcError) -> dict[str, Any]:
    """The answer to a call that failed; `call` (its id) is None when it could not be read."""
    return {"jsonrpc": "2.0", "id": call, "error": error.as_json()}


def notification(method: str, params: Any) -> dict[str, Any]:
    """What the service says without being asked again."""
    return {"jsonrpc": "2.0", "method": method, "params": params}


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        raise NotJsonError("a key stands twice in one object")
    return value


def _refuse_constant(constant: str) -> NoReturn:
    raise NotJsonError(f"{constant} is not JSON")


def _small_integer(digits: str) -> int:
    if len(digits) > 17 or abs(int(digits)) > LARGEST_INTEGER:
        raise NotJsonError("an integer beyond 2**53")
    return int(digits)


def _finite_float(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise NotJsonError("a number too large")
    return value


def _check(value: Any, depth: int) -> None:
    if depth == 0:
        raise NotJsonError("nested too deeply")
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, list):
        for item in value:
            _check(item, depth - 1)
    elif isinstance(value, dict):
        for key, item in value.items():
            _check_text(key)
            _check(item, depth - 1)


def _check_text(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotJsonError("half of a surrogate pair") from error
