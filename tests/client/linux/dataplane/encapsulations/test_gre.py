"""GRE, held against bytes laid out by hand from RFC 2784 and RFC 2890, and against scapy."""

from __future__ import annotations

from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet import IP, UDP
from scapy.layers.l2 import GRE

from client.linux.dataplane.encapsulations.gre import gre_content, gre_headers

LOCAL, REMOTE = IPv4Address("203.0.113.5"), IPv4Address("198.51.100.1")
INNER = bytes(IP(src="10.1.0.7", dst="192.0.2.9", tos=0xB9, flags="DF") / UDP(sport=1, dport=2) / b"payload")


def outer(gre: bytes) -> bytes:
    return bytes(IP(src=str(REMOTE), dst=str(LOCAL), proto=47) / gre)


@pytest.mark.rfc("2784", "2.1")
def test_headers_by_hand() -> None:
    expected = bytes.fromhex(
        "45 b9 0000 0000 4000 40 2f 0000"  # as RFC 2003 §3.1 has them, protocol 47
        "cb007105 c6336401"  # 203.0.113.5, 198.51.100.1
        "0000 0800"  # no flags, version 0; IPv4 inside
    )
    assert gre_headers(LOCAL.packed, REMOTE.packed).encapsulate(INNER) == expected + INNER


def test_scapy_reads_what_we_send() -> None:
    parsed = IP(gre_headers(LOCAL.packed, REMOTE.packed).encapsulate(INNER))
    assert (parsed[GRE].proto, parsed[GRE].version) == (0x0800, 0)
    assert bytes(parsed[GRE].payload) == INNER


@pytest.mark.rfc("2890", "2")
@pytest.mark.parametrize("checksum", [0, 1])
@pytest.mark.parametrize("key", [0, 1])
@pytest.mark.parametrize("sequence", [0, 1])
def test_checksum_key_and_sequence_number_are_accepted(checksum: int, key: int, sequence: int) -> None:
    header = GRE(
        proto=0x0800, chksum_present=checksum, key_present=key, seqnum_present=sequence, key=7, sequence_number=9
    )
    assert gre_content(outer(bytes(header / INNER))) == INNER


@pytest.mark.rfc("2784", "2.2")
def test_wrong_checksum_is_refused() -> None:
    right = bytes(GRE(proto=0x0800, chksum_present=1) / INNER)
    assert gre_content(outer(right)) == INNER
    assert gre_content(outer(right[:-1] + b"\xff")) is None


def test_checksum_by_hand() -> None:
    """0x8000 + 0x0800 + checksum + 0 + 0x4500... : over a payload of zeros the checksum is ~0x8800."""
    header = bytes.fromhex("8000 0800 77ff 0000")
    assert gre_content(outer(header + bytes(20))) == bytes(20)


@pytest.mark.rfc("2784", "2.3")
@pytest.mark.parametrize("bit", range(16))
def test_bits_1_to_5_and_the_version_refuse_a_packet_the_others_do_not(bit: int) -> None:
    """Bit 0 is the checksum, which would be wrong; 2 and 3 are RFC 2890's key and sequence number."""
    flags = 0x8000 >> bit
    content = gre_content(outer(flags.to_bytes(2, "big") + b"\x08\0" + INNER))
    assert (content is None) is (bit in (0, 1, 4, 5, 13, 14, 15))


@pytest.mark.rfc("2784", "2.4")
@pytest.mark.parametrize("kind", [0x86DD, 0x6558, 0x88BE, 0])
def test_what_is_not_ipv4_is_refused(kind: int) -> None:
    assert gre_content(outer(bytes(GRE(proto=kind)) + INNER)) is None


@given(st.binary(max_size=40))
def test_any_bytes_are_refused_or_have_content(data: bytes) -> None:
    found = gre_content(outer(data))
    assert found is None or data.endswith(found)
