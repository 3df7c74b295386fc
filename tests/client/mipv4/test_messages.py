"""Registration Request and Reply: bytes by hand from the RFC, and scapy as the other reader and writer."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import replace
from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.mobileip import MobileIP, MobileIPRRP, MobileIPRRQ

from client.core.errors import DecodeError
from client.mipv4.extensions import Extension
from client.mipv4.messages import PORT, RegistrationReply, RegistrationRequest, RequestFlags

# RFC 5944 appendix G.2: type 1, D and T, lifetime 600, home address, home agent, care-of address, identification,
# then an NAI (RFC 2794) and a Mobile-Home Authentication extension.
REQUEST_FIXED = bytes.fromhex("01 22 0258 c6336417 c6336401 c0000207 ed2a0f1300abcdef")
NAI = b"\x83\x11alice@example.net"
AUTHENTICATION = bytes.fromhex("20 14 00001000 7ab8cc51c7dccaf57961ca298696e14d")
REQUEST = RegistrationRequest(
    flags=RequestFlags.DECAPSULATION | RequestFlags.REVERSE_TUNNEL,
    lifetime=600,
    home_address=IPv4Address("198.51.100.23"),
    home_agent=IPv4Address("198.51.100.1"),
    care_of_address=IPv4Address("192.0.2.7"),
    identification=0xED2A0F1300ABCDEF,
)

# RFC 5944 appendix G.3: type 3, code 0, lifetime 600, home address, home agent, identification.
REPLY_FIXED = bytes.fromhex("03 00 0258 c6336417 c6336401 ed2a0f1300abcdef")
REPLY = RegistrationReply(
    code=0,
    lifetime=600,
    home_address=IPv4Address("198.51.100.23"),
    home_agent=IPv4Address("198.51.100.1"),
    identification=0xED2A0F1300ABCDEF,
)

addresses = st.ip_addresses(v=4)
shorts = st.integers(0, 0xFFFF)
identifications = st.integers(0, 2**64 - 1)


@pytest.mark.rfc("5944", "3.6.1.2")
@pytest.mark.rfc("5944", "3.3")
@pytest.mark.rfc("5944", "G.2")
def test_request_is_laid_out_as_in_the_rfc() -> None:
    assert REQUEST.pack() == REQUEST_FIXED
    assert RegistrationRequest.unpack(REQUEST_FIXED) == REQUEST


@pytest.mark.rfc("5944", "3.4")
@pytest.mark.rfc("5944", "G.3")
def test_reply_is_laid_out_as_in_the_rfc() -> None:
    assert REPLY.pack() == REPLY_FIXED
    assert RegistrationReply.unpack(REPLY_FIXED) == REPLY


@pytest.mark.rfc("5944", "G.2")
def test_request_with_its_extensions() -> None:
    read = RegistrationRequest.unpack(REQUEST_FIXED + NAI + AUTHENTICATION)
    assert read == replace(REQUEST, extensions=(Extension(131, NAI[2:]), Extension(32, AUTHENTICATION[2:])))
    assert [extension.offset for extension in read.extensions] == [24, 43]
    assert read.pack() == REQUEST_FIXED + NAI + AUTHENTICATION


@pytest.mark.rfc("5944", "G.3")
def test_reply_with_its_extension() -> None:
    read = RegistrationReply.unpack(REPLY_FIXED + AUTHENTICATION)
    assert read.extensions == (Extension(32, AUTHENTICATION[2:]),)
    assert read.extensions[0].offset == 20
    assert read.pack() == REPLY_FIXED + AUTHENTICATION


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize(
    ("bit", "flag"),
    [
        (0x80, RequestFlags.SIMULTANEOUS),
        (0x40, RequestFlags.BROADCAST),
        (0x20, RequestFlags.DECAPSULATION),
        (0x10, RequestFlags.MINIMAL),
        (0x08, RequestFlags.GRE),
        (0x02, RequestFlags.REVERSE_TUNNEL),
    ],
)
def test_each_flag_is_its_bit(bit: int, flag: RequestFlags) -> None:
    data = bytes((1, bit)) + REQUEST_FIXED[2:]
    assert RegistrationRequest.unpack(data).flags == flag
    assert replace(REQUEST, flags=flag).pack() == data


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize("bits", [0x04, 0x01, 0x05], ids=["r", "x", "r and x"])
def test_reserved_bits_are_ignored(bits: int) -> None:
    assert RegistrationRequest.unpack(bytes((1, 0x22 | bits)) + REQUEST_FIXED[2:]) == REQUEST


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize(("lifetime", "deregisters"), [(0, True), (1, False), (0xFFFF, False)])
def test_lifetime_of_zero_deregisters(lifetime: int, deregisters: bool) -> None:
    data = REQUEST_FIXED[:2] + lifetime.to_bytes(2) + REQUEST_FIXED[4:]
    assert RegistrationRequest.unpack(data).is_deregistration is deregisters


@pytest.mark.parametrize("length", range(24))
def test_less_than_the_fixed_part_of_a_request_is_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        RegistrationRequest.unpack(REQUEST_FIXED[:length])


@pytest.mark.parametrize("length", range(20))
def test_less_than_the_fixed_part_of_a_reply_is_refused(length: int) -> None:
    with pytest.raises(DecodeError):
        RegistrationReply.unpack(REPLY_FIXED[:length])


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [0, 2, 3, 4, 16, 17, 18, 255])
def test_other_message_is_no_request(type_: int) -> None:
    with pytest.raises(DecodeError, match="not a registration request"):
        RegistrationRequest.unpack(bytes((type_,)) + REQUEST_FIXED[1:])


@pytest.mark.rfc("5944", "1.8")
@pytest.mark.parametrize("type_", [0, 1, 2, 4, 16, 17, 18, 255])
def test_other_message_is_no_reply(type_: int) -> None:
    with pytest.raises(DecodeError, match="not a registration reply"):
        RegistrationReply.unpack(bytes((type_,)) + REPLY_FIXED[1:])


@pytest.mark.rfc("5944", "1.8")
def test_unknown_extension_up_to_127_condemns_request_and_reply() -> None:
    with pytest.raises(DecodeError, match="unknown extension 100"):
        RegistrationRequest.unpack(REQUEST_FIXED + b"\x64\x00" + AUTHENTICATION)
    with pytest.raises(DecodeError, match="unknown extension 100"):
        RegistrationReply.unpack(REPLY_FIXED + b"\x64\x00" + AUTHENTICATION)


@pytest.mark.rfc("5944", "1.8")
def test_unknown_extension_from_128_is_skipped_in_request_and_reply() -> None:
    [extension] = RegistrationRequest.unpack(REQUEST_FIXED + b"\xc8\x01\x07" + AUTHENTICATION).extensions
    assert (extension.type, extension.offset) == (32, 27)
    [extension] = RegistrationReply.unpack(REPLY_FIXED + b"\xc8\x01\x07" + AUTHENTICATION).extensions
    assert (extension.type, extension.offset) == (32, 23)


@pytest.mark.rfc("5944", "3.6.2.1")
@pytest.mark.parametrize(
    ("identification", "echoes"),
    [
        (0xED2A0F1300ABCDEF, True),
        (0x0000000000ABCDEF, True),  # the home agent's clock in the high half, as after a code 133 (§5.7.1)
        (0xED2A0F1300ABCDEE, False),
        (0xED2A0F1380ABCDEF, False),
    ],
)
def test_reply_answers_by_the_low_half_of_the_identification(identification: int, echoes: bool) -> None:
    assert replace(REPLY, identification=identification).echoes(REQUEST) is echoes


@pytest.mark.rfc("5944", "1.8")
def test_port_is_the_well_known_one() -> None:
    assert PORT == 434


@given(st.integers(0, 255), shorts, addresses, addresses, addresses, identifications)
def test_scapy_reads_the_requests_that_we_write(
    bits: int, lifetime: int, home: IPv4Address, agent: IPv4Address, care_of: IPv4Address, identification: int
) -> None:
    flags = RequestFlags(bits & 0xFA)
    ours = RegistrationRequest(
        flags=flags,
        lifetime=lifetime,
        home_address=home,
        home_agent=agent,
        care_of_address=care_of,
        identification=identification,
    )
    read = MobileIP(ours.pack())[MobileIPRRQ]
    seen = (read.flags, read.lifetime, read.homeaddr, read.haaddr, read.coaddr, read.id)
    assert seen == (flags, lifetime, str(home), str(agent), str(care_of), identification)


@given(st.integers(0, 255), shorts, addresses, addresses, addresses, identifications)
def test_we_read_the_requests_that_scapy_writes(
    bits: int, lifetime: int, home: IPv4Address, agent: IPv4Address, care_of: IPv4Address, identification: int
) -> None:
    theirs = MobileIP(type=1) / MobileIPRRQ(
        flags=bits, lifetime=lifetime, homeaddr=str(home), haaddr=str(agent), coaddr=str(care_of), id=identification
    )
    read = RegistrationRequest.unpack(bytes(theirs))
    assert (read.flags, read.lifetime, read.identification) == (RequestFlags(bits & 0xFA), lifetime, identification)
    assert (read.home_address, read.home_agent, read.care_of_address) == (home, agent, care_of)


@given(st.integers(0, 255), shorts, addresses, addresses, identifications)
def test_scapy_and_we_agree_on_replies(
    code: int, lifetime: int, home: IPv4Address, agent: IPv4Address, identification: int
) -> None:
    theirs = MobileIP(type=3) / MobileIPRRP(
        code=code, lifetime=lifetime, homeaddr=str(home), haaddr=str(agent), id=identification
    )
    ours = RegistrationReply(
        code=code, lifetime=lifetime, home_address=home, home_agent=agent, identification=identification
    )
    assert ours.pack() == bytes(theirs)
    assert RegistrationReply.unpack(bytes(theirs)) == ours


@given(st.binary(max_size=300) | st.binary(max_size=300).map(REQUEST_FIXED.__add__))
def test_any_bytes_are_a_request_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        request = RegistrationRequest.unpack(data)
        assert RegistrationRequest.unpack(request.pack()) == request
        assert request.pack()[2:24] == data[2:24]


@given(st.binary(max_size=300) | st.binary(max_size=300).map(REPLY_FIXED.__add__))
def test_any_bytes_are_a_reply_or_refused(data: bytes) -> None:
    with suppress(DecodeError):
        reply = RegistrationReply.unpack(data)
        assert RegistrationReply.unpack(reply.pack()) == reply
        assert reply.pack()[:20] == data[:20]
