"""Reading netlink is total; what we write is read by others in the tests of those who write."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.linux.netlink.messages import attribute, attributes, messages, nested, number, text, unsigned


def test_attributes_are_padded_and_nested() -> None:
    data = attribute(1, b"abc") + nested(2, number(3, 0x01020304))
    assert len(data) % 4 == 0
    found = attributes(data)
    assert found[1] == b"abc"
    assert unsigned(attributes(found[2])[3]) == 0x01020304


@given(st.binary(max_size=200))
def test_any_bytes_end(data: bytes) -> None:
    assert all(len(value) <= len(data) for value in attributes(data).values())
    assert sum(16 + len(message.body) for message in messages(data)) <= len(data)


@pytest.mark.parametrize("value", [None, b""])
def test_what_is_missing_has_a_default(value: bytes | None) -> None:
    assert unsigned(value, 7) == 7
    assert text(value) == ""
