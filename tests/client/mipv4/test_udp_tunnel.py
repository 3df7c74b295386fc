"""The extensions of RFC 3519, byte by byte."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.mipv4.extensions import read_extensions
from client.mipv4.udp_tunnel import UdpTunnelReply, UdpTunnelRequest


@pytest.mark.rfc("3519", "3.1")
@pytest.mark.parametrize(
    ("request_", "data"),
    [
        (UdpTunnelRequest(), "90 06 00 00 00 00 0000"),
        (UdpTunnelRequest(force=True), "90 06 00 00 80 00 0000"),
        (UdpTunnelRequest(through_agent=True), "90 06 00 00 40 00 0000"),
        (UdpTunnelRequest(force=True, encapsulation=4), "90 06 00 00 80 04 0000"),
    ],
)
def test_request_is_type_144_with_its_flags_in_the_fifth_byte(request_: UdpTunnelRequest, data: str) -> None:
    assert request_.extension().pack() == bytes.fromhex(data)
    assert UdpTunnelRequest.read(read_extensions(bytes.fromhex(data), 0)) == request_


@pytest.mark.rfc("3519", "3.1.3")
def test_first_reserved_fields_are_ignored_and_the_third_is_shown() -> None:
    assert UdpTunnelRequest.read(read_extensions(bytes.fromhex("9006 00ff 3f00 0000"), 0)) == UdpTunnelRequest()
    odd = UdpTunnelRequest.read(read_extensions(bytes.fromhex("9006 0000 0000 0001"), 0))
    assert odd == UdpTunnelRequest(reserved=1)


@pytest.mark.rfc("3519", "3.1")
def test_request_of_another_sub_type_is_none_and_one_of_another_length_is_refused() -> None:
    assert UdpTunnelRequest.read(read_extensions(bytes.fromhex("9006 0100 0000 0000"), 0)) is None
    with pytest.raises(DecodeError, match="wrong length"):
        UdpTunnelRequest.read(read_extensions(bytes.fromhex("9004 0000 0000"), 0))


@pytest.mark.rfc("3519", "3.2")
@pytest.mark.parametrize(
    ("reply", "data", "tunnels"),
    [
        (UdpTunnelReply(keepalive=110), "2c 06 00 00 0000 006e", True),
        (UdpTunnelReply(forced=True, keepalive=10), "2c 06 00 00 8000 000a", True),
        (UdpTunnelReply(code=63), "2c 06 00 3f 0000 0000", True),
        (UdpTunnelReply(code=64), "2c 06 00 40 0000 0000", False),
        (UdpTunnelReply(code=255), "2c 06 00 ff 0000 0000", False),
    ],
)
def test_reply_is_type_44_and_codes_below_64_assent(reply: UdpTunnelReply, data: str, tunnels: bool) -> None:
    assert reply.extension().pack() == bytes.fromhex(data)
    assert UdpTunnelReply.read(read_extensions(bytes.fromhex(data), 0)) == reply
    assert reply.will_tunnel is tunnels


@pytest.mark.rfc("3519", "3.2")
@pytest.mark.parametrize("data", ["2c06 0100 0000 0000", "2c05 0000 0000 00", "2c00"])
def test_reply_that_is_malformed_or_of_another_sub_type_is_refused(data: str) -> None:
    with pytest.raises(DecodeError, match="UDP tunnel"):
        UdpTunnelReply.read(read_extensions(bytes.fromhex(data.replace(" ", "")), 0))


def test_message_without_them_has_none() -> None:
    assert UdpTunnelRequest.read(()) is None
    assert UdpTunnelReply.read(()) is None


@given(st.binary(max_size=64))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        extensions = read_extensions(data, 0)
        UdpTunnelRequest.read(extensions)
        UdpTunnelReply.read(extensions)
