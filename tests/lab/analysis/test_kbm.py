"""Authenticators in captures, judged without our codec: the packets are made by scapy, the keys by hashlib."""

from __future__ import annotations

import ast
import hashlib
import hmac
from ipaddress import IPv6Address
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from scapy.layers.inet6 import (
    HAO,
    MIP6MH_BA,
    MIP6MH_BU,
    IPv6,
    IPv6ExtHdrDestOpt,
    IPv6ExtHdrRouting,
    MIP6MH_CoT,
    MIP6MH_HoT,
    MIP6OptAltCoA,
    MIP6OptBindingAuthData,
    MIP6OptMsgAuth,
    MIP6OptNonceIndices,
    MIP6OptReplayProtection,
    PadN,
)
from scapy.layers.l2 import Ether
from scapy.packet import Packet
from scapy.utils import wrpcap

import lab.analysis
from client.core.secret import Secret
from lab.analysis.frames import Frame, decode
from lab.analysis.kbm import Finding, main, problems, profile_keys, verdicts
from lab.analysis.mobility import Kind
from lab.analysis.pcap import Record
from mipv6.messages import BindingAcknowledgement, BindingUpdate, CareOfTest, HomeTest
from mipv6.mn_ha_authentication import SecurityAssociation, authenticated
from mipv6.options import AlternateCareOfAddress, MobileNodeIdentifier, NonceIndices, ReplayProtection
from mipv6.return_routability import authorised

HOME, CARE_OF = "2001:db8:1::23", "2001:db8:2::7"
HOME_AGENT, CORRESPONDENT = "2001:db8:1::1", "2001:db8:3::99"
HOME_TOKEN, CARE_OF_TOKEN = b"hometokn", b"coa-tokn"
KBM = hashlib.sha1(b"hometokncoa-tokn").digest()
SHARED = bytes(range(16))
ETHER = Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02")
HOME_OPTION = IPv6ExtHdrDestOpt(options=[HAO(hoa=HOME)])
ROUTING = IPv6ExtHdrRouting(type=2, addresses=[HOME])


def packed(address: str) -> bytes:
    """The 16 octets of an address."""
    return bytes(IPv6(src=address, dst="::"))[8:24]


def mac(key: bytes, care_of: str, other: str, message: Packet) -> bytes:
    """First (96, HMAC_SHA1 (key, care-of address | other | message without its last 12 octets)), the checksum zero."""
    header = bytearray(bytes(IPv6(src="::", dst="::") / message)[40:-12])
    header[4:6] = bytes(2)
    return hmac.new(key, packed(care_of) + packed(other) + header, hashlib.sha1).digest()[:12]


def by_kbm(message: Packet, care_of: str = CARE_OF, key: bytes = KBM) -> Packet:
    """The message with the right authenticator in its last option."""
    message.options = [*message.options, MIP6OptBindingAuthData(olen=12)]
    message.options[-1].authenticator = int.from_bytes(mac(key, care_of, CORRESPONDENT, message))
    return message


def by_shared_key(message: Packet, care_of: str = CARE_OF, key: bytes = SHARED) -> Packet:
    """The same of RFC 4285, with a timestamp before it."""
    replay = MIP6OptReplayProtection(timestamp=7)
    option = MIP6OptMsgAuth(subtype=1, mspi=4096, authdata=bytes(12))
    message.options = [*message.options, replay, option]
    body = bytes(IPv6(src="::", dst="::") / message)[40:]
    end = body.index(bytes(option)) + len(bytes(option)) - 12
    header = body[:4] + bytes(2) + body[6:end]
    option.authdata = hmac.new(key, packed(care_of) + packed(HOME) + header, hashlib.sha1).digest()[:12]
    return message


def update(sequence: int = 7, units: int = 105, home_index: int = 5, care_of_index: int = 9) -> Packet:
    """A Binding Update to the correspondent."""
    indices = MIP6OptNonceIndices(olen=4, hni=home_index, coni=care_of_index)
    return MIP6MH_BU(seq=sequence, flags=0x40, mhtime=units, options=[indices])


def acknowledgement(sequence: int = 7) -> Packet:
    """The correspondent's answer."""
    return MIP6MH_BA(status=0, flags=0, seq=sequence, mhtime=105)


HOME_TEST = IPv6(src=CORRESPONDENT, dst=HOME) / MIP6MH_HoT(index=5, cookie=b"c" * 8, token=HOME_TOKEN)
CARE_OF_TEST = IPv6(src=CORRESPONDENT, dst=CARE_OF) / MIP6MH_CoT(index=9, cookie=b"d" * 8, token=CARE_OF_TOKEN)


def out(message: Packet, to: str = CORRESPONDENT) -> Packet:
    """From the laptop abroad."""
    return IPv6(src=CARE_OF, dst=to) / HOME_OPTION / message


def back(message: Packet, source: str = CORRESPONDENT) -> Packet:
    """To the laptop abroad."""
    return IPv6(src=source, dst=CARE_OF) / ROUTING / message


def captured(*packets: Packet) -> list[Frame]:
    """Frames a millisecond apart."""
    found = [decode(Record(place * 1_000_000, bytes(ETHER / packet))) for place, packet in enumerate(packets)]
    return [frame for frame in found if frame]


def findings(*packets: Packet, keys: dict[int, bytes] | None = None) -> list[tuple[Kind, str, Finding]]:
    """Kind, authenticator and finding of each verdict."""
    return [(each.kind, each.by, each.finding) for each in verdicts(captured(*packets), keys)]


UPDATE, ACKNOWLEDGEMENT = Kind.BINDING_UPDATE, Kind.BINDING_ACKNOWLEDGEMENT


def test_right_authenticators_agree() -> None:
    packets = [HOME_TEST, CARE_OF_TEST, out(by_kbm(update())), back(by_kbm(acknowledgement()))]
    assert findings(*packets) == [(UPDATE, "Kbm", Finding.AGREES), (ACKNOWLEDGEMENT, "Kbm", Finding.AGREES)]
    assert problems(captured(*packets)) == []


def test_home_test_is_found_in_the_tunnel() -> None:
    tunnelled = IPv6(src=HOME_AGENT, dst=CARE_OF) / HOME_TEST
    assert findings(tunnelled, CARE_OF_TEST, out(by_kbm(update()))) == [(UPDATE, "Kbm", Finding.AGREES)]


def test_wrong_authenticators_differ() -> None:
    wrong = hashlib.sha1(b"coa-toknhometokn").digest()
    for message in (by_kbm(update(), key=wrong), by_kbm(update(), care_of=HOME), by_kbm(update(), HOME_AGENT)):
        assert findings(HOME_TEST, CARE_OF_TEST, out(message)) == [(UPDATE, "Kbm", Finding.DIFFERS)]
    changed = by_kbm(update())
    changed.mhtime = 106
    [problem] = problems(captured(HOME_TEST, CARE_OF_TEST, out(changed)))
    assert problem == "0.002000 binding update 7: the Kbm authenticator DIFFERS"


def test_without_the_token_of_its_nonce_nothing_is_judged() -> None:
    unknown = [(UPDATE, "Kbm", Finding.UNKNOWN)]
    assert findings(HOME_TEST, out(by_kbm(update()))) == unknown
    assert findings(CARE_OF_TEST, out(by_kbm(update()))) == unknown
    assert findings(HOME_TEST, CARE_OF_TEST, out(by_kbm(update(home_index=6)))) == unknown
    assert findings(out(by_kbm(update())), HOME_TEST, CARE_OF_TEST) == unknown
    assert findings(back(by_kbm(acknowledgement()))) == [(ACKNOWLEDGEMENT, "Kbm", Finding.UNKNOWN)]


def test_deletion_has_the_key_of_the_home_token_alone_and_the_home_address() -> None:
    """Sent from home: no care-of test, no home address option."""
    key = hashlib.sha1(HOME_TOKEN).digest()
    sent = IPv6(src=HOME, dst=CORRESPONDENT) / by_kbm(update(units=0), care_of=HOME, key=key)
    answer = IPv6(src=CORRESPONDENT, dst=HOME) / by_kbm(acknowledgement(), care_of=HOME, key=key)
    assert [finding for _, _, finding in findings(HOME_TEST, sent, answer)] == [Finding.AGREES, Finding.AGREES]


def test_alternate_care_of_address_counts() -> None:
    message = update()
    message.options = [MIP6OptAltCoA(acoa=CARE_OF), *message.options]
    sent = IPv6(src="2001:db8:2::8", dst=CORRESPONDENT) / HOME_OPTION / by_kbm(message)
    assert findings(HOME_TEST, CARE_OF_TEST, sent) == [(UPDATE, "Kbm", Finding.AGREES)]


def test_padding_behind_the_authenticator_differs() -> None:
    """RFC 6275 §6.2 forbids it: even an authenticator that is right for what stands before it."""
    option = MIP6OptBindingAuthData(olen=12)
    message = update()
    message.options = [*message.options, option, PadN(optdata=bytes(6))]
    body = bytes(IPv6(src="::", dst="::") / message)[40:]
    covered = packed(CARE_OF) + packed(CORRESPONDENT) + body[:4] + bytes(2) + body[6:-20]
    option.authenticator = int.from_bytes(hmac.new(KBM, covered, hashlib.sha1).digest()[:12])
    assert findings(HOME_TEST, CARE_OF_TEST, out(message)) == [(UPDATE, "Kbm", Finding.DIFFERS)]


def test_authenticators_of_the_shared_key() -> None:
    sent = out(by_shared_key(MIP6MH_BU(seq=7, flags=0x60, mhtime=105)), to=HOME_AGENT)
    answer = back(by_shared_key(acknowledgement()), HOME_AGENT)
    agree = [(UPDATE, "MN-HA", Finding.AGREES), (ACKNOWLEDGEMENT, "MN-HA", Finding.AGREES)]
    assert findings(sent, answer, keys={4096: SHARED}) == agree
    assert [finding for _, _, finding in findings(sent, answer)] == [Finding.UNKNOWN] * 2
    assert [finding for _, _, finding in findings(sent, answer, keys={4096: bytes(16)})] == [Finding.DIFFERS] * 2


@pytest.mark.parametrize(
    ("packets", "exit_code", "last"),
    [
        ([HOME_TEST, CARE_OF_TEST, out(by_kbm(update()))], 0, "1 authenticators, 1 agree"),
        ([HOME_TEST, out(by_kbm(update()))], 1, "1 authenticators, 0 agree"),
        ([HOME_TEST], 1, "0 authenticators, 0 agree"),
    ],
)
def test_captures_are_judged(tmp_path: Path, packets: list[Packet], exit_code: int, last: str) -> None:
    file = tmp_path / "correspondent.pcap"
    wrpcap(str(file), [ETHER / packet for packet in packets])
    result = CliRunner().invoke(main, [str(file), "--key", "0x1000=base64:AAECAwQFBgcICQoLDA0ODw=="])
    assert (result.exit_code, result.output.splitlines()[-1]) == (exit_code, last)


PROFILE = """
[mipv6]
auth = { method = "rfc4285", id = "alice@example.net", spi = 4096, replay = "timestamp", secret = "alice-ha6" }
[secrets]
alice-ha6 = "base64:AAECAwQFBgcICQoLDA0ODw=="
"""


def test_key_comes_from_the_profile(tmp_path: Path) -> None:
    file, profile = tmp_path / "home.pcap", tmp_path / "alice.mobilenode"
    profile.write_text(PROFILE)
    wrpcap(str(file), [ETHER / out(by_shared_key(MIP6MH_BU(seq=7, flags=0x60, mhtime=105)), to=HOME_AGENT)])
    result = CliRunner().invoke(main, [str(file), "--profile", str(profile)])
    assert result.output.splitlines()[-1] == "1 authenticators, 1 agree"
    assert profile_keys(PROFILE) == {4096: SHARED}
    assert profile_keys('[mipv4]\nauth = "none"') == {}


def test_what_mipv6_writes_agrees() -> None:
    """Both ends are ours: this is the third, which has nothing of either."""
    home, care_of, agent, other = map(IPv6Address, (HOME, CARE_OF, HOME_AGENT, CORRESPONDENT))
    association = SecurityAssociation(spi=4096, key=Secret(SHARED))
    options = (AlternateCareOfAddress(care_of), MobileNodeIdentifier("alice@example.net"), ReplayProtection(7))
    registration = BindingUpdate(sequence=1, home_registration=True, lifetime=420, options=options)
    granted = BindingAcknowledgement(status=0, sequence=1, lifetime=420, options=(ReplayProtection(7),))
    direct = BindingUpdate(sequence=2, lifetime=420, options=(NonceIndices(5, 9),))
    taken = BindingAcknowledgement(status=0, sequence=2, lifetime=420)
    sent = [
        HomeTest(nonce_index=5, cookie=bytes(8), keygen_token=HOME_TOKEN).packet(other, home),
        CareOfTest(nonce_index=9, cookie=bytes(8), keygen_token=CARE_OF_TOKEN).packet(other, care_of),
        authenticated(registration, association, care_of, home).packet(care_of, agent, home_address=home),
        authenticated(granted, association, care_of, home).packet(agent, care_of, routing=home),
        authorised(direct, KBM, care_of, other).packet(care_of, other, home_address=home),
        authorised(taken, KBM, care_of, other).packet(other, care_of, routing=home),
    ]
    found = findings(*(IPv6(packet.pack()) for packet in sent), keys={4096: SHARED})
    assert found == [(kind, by, Finding.AGREES) for by in ("MN-HA", "Kbm") for kind in (UPDATE, ACKNOWLEDGEMENT)]


def test_key_that_is_none_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "empty.pcap"
    wrpcap(str(file), [ETHER / HOME_TEST])
    assert CliRunner().invoke(main, [str(file), "--key", "4096=secret"]).exit_code == 2


@given(st.sampled_from([3, 4, 5, 6]), st.integers(0, 12), st.binary(max_size=80))
def test_any_message_is_judged(kind: int, length: int, data: bytes) -> None:
    body = bytes([59, length, kind, 0, 0, 0]) + data.ljust(2, b"\0")
    packet: Any = IPv6(src=CARE_OF, dst=CORRESPONDENT, nh=135) / body
    assert all(each.finding is not Finding.AGREES for each in verdicts(captured(packet), {0: SHARED}))


def test_judge_shares_no_code_with_the_judged() -> None:
    """Nothing in lab/analysis imports mipv6."""
    folder = Path(lab.analysis.__file__).parent
    trees = [ast.parse(file.read_text(encoding="utf-8")) for file in folder.glob("*.py")]
    nodes = [node for tree in trees for node in ast.walk(tree)]
    names = [alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in nodes if isinstance(node, ast.ImportFrom)]
    assert [name for name in names if name.split(".")[0] == "mipv6"] == []
    assert "lab.analysis.frames" in names
