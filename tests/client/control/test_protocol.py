"""The control socket reads strict JSON-RPC 2.0, and nothing else gets through (threat T22)."""

from __future__ import annotations

import json
import math
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.control.errors import Exit, RpcCode, RpcError
from client.control.protocol import NotJsonError, read_json, read_request, write_line


def test_a_call_is_read() -> None:
    line = b'{"jsonrpc": "2.0", "id": 1, "method": "pause", "params": {"seconds": 90, "network": false}}\n'
    request = read_request(line)
    assert (request.method, request.params, request.id) == ("pause", {"seconds": 90, "network": False}, 1)


@pytest.mark.parametrize(
    "value",
    [
        b'{"a": NaN}',
        b'{"a": Infinity}',
        b'{"a": -Infinity}',
        b'{"a": 1e999}',
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 9007199254740993}',
        b'{"a": ' + b"9" * 5000 + b"}",
        b"[" * 17 + b"]" * 17,
        b"[" * 60000,
        b'"\\ud800"',
        b'{"\\udc00": 1}',
        b'"\xff"',
        b'{"a": 1} {"b": 2}',
        b"{'a': 1}",
        b"",
    ],
)
def test_json_that_others_read_differently_is_refused(value: bytes) -> None:
    with pytest.raises(NotJsonError):
        read_json(value)


def test_numbers_and_depths_at_the_limit_are_read() -> None:
    assert read_json(b"[9007199254740992, -9007199254740992, 1.5]") == [2**53, -(2**53), 1.5]
    assert read_json(b"[" * 15 + b"]" * 15)


@pytest.mark.parametrize(
    "value",
    [
        b"[]",
        b"7",
        b"null",
        b'{"jsonrpc": "2.0", "id": 1}',
        b'{"jsonrpc": "1.0", "id": 1, "method": "status"}',
        b'{"id": 1, "method": "status"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": 5}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "status", "params": [1]}',
        b'{"jsonrpc": "2.0", "id": [1], "method": "status"}',
        b'{"jsonrpc": "2.0", "id": 1, "method": "status", "extra": 1}',
        b'[{"jsonrpc": "2.0", "id": 1, "method": "status"}]',
    ],
)
def test_json_that_is_no_call_is_an_invalid_request(value: bytes) -> None:
    with pytest.raises(RpcError) as caught:
        read_request(value)
    assert (caught.value.code, caught.value.exit_code) == (RpcCode.INVALID_REQUEST, Exit.USAGE)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_call_or_an_error(data: bytes) -> None:
    try:
        code = read_request(data).jsonrpc
    except RpcError as error:
        code = str(error.code)
    assert code in {"2.0", str(RpcCode.PARSE_ERROR), str(RpcCode.INVALID_REQUEST)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


@given(JSON)
def test_what_is_read_is_what_python_reads(value: Any) -> None:
    text = json.dumps(value).encode()
    try:
        assert read_json(text) == value
    except NotJsonError:
        assert _has_what_we_refuse(value)


def _has_what_we_refuse(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_what_we_refuse, [*value, *value.values()]))
    if isinstance(value, list):
        return any(map(_has_what_we_refuse, value))
    if isinstance(value, str):
        return any("\ud800" <= character <= "\udfff" for character in value)
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) > 2**53


def test_a_frame_is_one_line() -> None:
    assert write_line({"text": "two\nlines"}) == b'{"text":"two\\nlines"}\n'
