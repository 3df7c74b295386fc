"""scapy as the other reader and writer: of every message, every option and both extension headers, both ways.

scapy 2.x builds two options with a wrong length unless told otherwise (16 in nonce indices and authorization data).
"""

from __future__ import annotations

from ipaddress import IPv6Address
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import (
    HAO,
    MIP6MH_BA,
    MIP6MH_BE,
    MIP6MH_BRR,
    MIP6MH_BU,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrRouting,
    MIP6MH_CoT,
    MIP6MH_CoTI,
    MIP6MH_HoT,
    MIP6MH_HoTI,
    MIP6OptAltCoA,
    MIP6OptBindingAuthData,
    MIP6OptBRAdvice,
    MIP6OptMNID,
    MIP6OptMobNetPrefix,
    MIP6OptMsgAuth,
    MIP6OptNonceIndices,
    MIP6OptReplayProtection,
    Pad1,
    PadN,
)

from client.core.ipv6 import IPv6Packet
from mipv6.messages import (
    BindingAcknowledgement,
    BindingError,
    BindingRefreshRequest,
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
    Message,
)
from mipv6.mobility_header import unpack
from mipv6.options import (
    AlternateCareOfAddress,
    Authentication,
    BindingAuthorizationData,
    BindingRefreshAdvice,
    MobileNetworkPrefix,
    MobileNodeIdentifier,
    NonceIndices,
    Option,
    ReplayProtection,
)
from tests.mipv6.headers import CARE_OF, COOKIE, CORRESPONDENT, HOME, HOME_AGENT, TOKEN

AUTHENTICATOR = bytes(range(0xA0, 0xAC))
TIMESTAMP = 0xED2A0F1380000000
A, H, L, K = 0x40, 0x20, 0x10, 0x08  # of scapy's seven flags

MESSAGES: list[tuple[Message, Any]] = [
    (BindingRefreshRequest(), MIP6MH_BRR()),
    (HomeTestInit(cookie=COOKIE), MIP6MH_HoTI(cookie=COOKIE)),
    (CareOfTestInit(cookie=COOKIE), MIP6MH_CoTI(cookie=COOKIE)),
    (
        HomeTest(nonce_index=258, cookie=COOKIE, keygen_token=TOKEN),
        MIP6MH_HoT(index=258, cookie=COOKIE, token=TOKEN),
    ),
    (
        CareOfTest(nonce_index=772, cookie=COOKIE, keygen_token=TOKEN),
        MIP6MH_CoT(index=772, cookie=COOKIE, token=TOKEN),
    ),
    (
        BindingUpdate(sequence=7, home_registration=True, link_local=True, key_management=True, lifetime=420),
        MIP6MH_BU(seq=7, flags=A | H | L | K, mhtime=105),
    ),
    (
        BindingUpdate(sequence=7, acknowledge=False, home_registration=True, lifetime=0),
        MIP6MH_BU(seq=7, flags=H, mhtime=0),
    ),
    (
        BindingAcknowledgement(status=135, key_management=True, sequence=65535, lifetime=420),
        MIP6MH_BA(status=135, flags="K", seq=65535, mhtime=105),
    ),
    (BindingError(status=1, home_address=HOME), MIP6MH_BE(status=1, ha=str(HOME))),
]

OPTIONS: list[tuple[Option, Any]] = [
    (BindingRefreshAdvice(240), MIP6OptBRAdvice(rinter=60)),
    (AlternateCareOfAddress(CARE_OF), MIP6OptAltCoA(acoa=str(CARE_OF))),
    (NonceIndices(258, 772), MIP6OptNonceIndices(olen=4, hni=258, coni=772)),
    (
        BindingAuthorizationData(AUTHENTICATOR),
        MIP6OptBindingAuthData(olen=12, authenticator=int.from_bytes(AUTHENTICATOR)),
    ),
    (
        MobileNetworkPrefix(48, IPv6Address("2001:db8:7::")),
        MIP6OptMobNetPrefix(plen=48, prefix="2001:db8:7::"),
    ),
    (MobileNodeIdentifier("alice@example.net"), MIP6OptMNID(subtype=1, id="alice@example.net")),
    (Authentication(1, 4096, AUTHENTICATOR), MIP6OptMsgAuth(subtype=1, mspi=4096, authdata=AUTHENTICATOR)),
    (ReplayProtection(TIMESTAMP), MIP6OptReplayProtection(timestamp=TIMESTAMP)),
]


def without_padding(options: list[Any]) -> list[bytes]:
    """The bytes of the options that scapy found."""
    return [bytes(option) for option in options if not isinstance(option, Pad1 | PadN)]


def read_by_scapy(packet: IPv6Packet, layer: type[Any]) -> Any:
    """The message that scapy finds in the packet's bytes, whose checksum it finds right."""
    read = IPv6(packet.pack())
    message = read[layer]
    again = read.copy()
    again[layer].cksum = None
    assert IPv6(bytes(again))[layer].cksum == message.cksum
    return message


@pytest.mark.rfc("6275", "6.1.1")
@pytest.mark.parametrize(("ours", "theirs"), MESSAGES)
def test_we_read_what_scapy_writes(ours: Message, theirs: Any) -> None:
    packet = IPv6(src=str(CARE_OF), dst=str(CORRESPONDENT)) / theirs
    assert unpack(IPv6Packet.unpack(bytes(packet))) == ours


@pytest.mark.rfc("6275", "6.1.1", "checksum")
@pytest.mark.parametrize(("ours", "theirs"), MESSAGES)
def test_scapy_reads_what_we_write(ours: Message, theirs: Any) -> None:
    message = read_by_scapy(ours.packet(CARE_OF, CORRESPONDENT), type(theirs))
    expected = type(theirs)(bytes(IPv6(src=str(CARE_OF), dst=str(CORRESPONDENT)) / theirs)[40:])
    names = [field.name for field in theirs.fields_desc if field.name not in {"options", "autopad"}]
    assert {name: message.getfieldval(name) for name in names} == {name: expected.getfieldval(name) for name in names}
    assert without_padding(message.options) == []


@pytest.mark.rfc("6275", "6.2.1")
@pytest.mark.parametrize(("ours", "theirs"), OPTIONS)
def test_we_read_the_option_that_scapy_writes(ours: Option, theirs: Any) -> None:
    packet = IPv6(src=str(CARE_OF), dst=str(CORRESPONDENT)) / MIP6MH_BU(seq=1, mhtime=1, options=[theirs])
    message = unpack(IPv6Packet.unpack(bytes(packet)))
    assert message.options == (ours,)


@pytest.mark.rfc("6275", "6.2.1")
@pytest.mark.parametrize(("ours", "theirs"), OPTIONS)
def test_scapy_reads_the_option_that_we_write(ours: Option, theirs: Any) -> None:
    update = BindingUpdate(sequence=1, lifetime=4, options=(ours,))
    message = read_by_scapy(update.packet(CARE_OF, CORRESPONDENT), MIP6MH_BU)
    assert without_padding(message.options) == [bytes(theirs)]


@pytest.mark.rfc("6275", "6.2.1")
@given(st.lists(st.sampled_from(OPTIONS), max_size=6))
def test_any_options_together(pairs: list[tuple[Option, Any]]) -> None:
    ours = BindingUpdate(sequence=1, home_registration=True, lifetime=4, options=tuple(pair[0] for pair in pairs))
    theirs = MIP6MH_BU(seq=1, flags=A | H, mhtime=1, options=[pair[1] for pair in pairs])
    written = bytes(IPv6(src=str(CARE_OF), dst=str(CORRESPONDENT)) / theirs)
    assert unpack(IPv6Packet.unpack(written)) == ours
    message = read_by_scapy(ours.packet(CARE_OF, CORRESPONDENT), MIP6MH_BU)
    assert without_padding(message.options) == [bytes(pair[1]) for pair in pairs]


@pytest.mark.rfc("6275", "6.3")
def test_binding_update_with_a_home_address_option() -> None:
    """scapy computes the checksum over the home address, too."""
    ours = BindingUpdate(sequence=7, home_registration=True, lifetime=420)
    option = IPv6ExtHdrDestOpt(options=[HAO(hoa=str(HOME))])
    theirs = IPv6(src=str(CARE_OF), dst=str(HOME_AGENT)) / option / MIP6MH_BU(seq=7, flags=A | H, mhtime=105)
    theirs.hlim = 64
    assert ours.packet(CARE_OF, HOME_AGENT, home_address=HOME).pack() == bytes(theirs)
    assert unpack(IPv6Packet.unpack(bytes(theirs))) == ours


@pytest.mark.rfc("6275", "6.4")
def test_binding_acknowledgement_with_a_type_2_routing_header() -> None:
    """scapy computes the checksum over the final destination, too."""
    ours = BindingAcknowledgement(status=0, sequence=7, lifetime=420)
    header = IPv6ExtHdrRouting(type=2, addresses=[str(HOME)])
    theirs = IPv6(src=str(HOME_AGENT), dst=str(CARE_OF)) / header / MIP6MH_BA(status=0, flags=0, seq=7, mhtime=105)
    theirs.hlim = 64
    assert ours.packet(HOME_AGENT, CARE_OF, routing=HOME).pack() == bytes(theirs)
    assert unpack(IPv6Packet.unpack(bytes(theirs))) == ours
