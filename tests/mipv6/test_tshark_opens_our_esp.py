"""tshark, given the keys, checks and opens our ESP: a Binding Update and its acknowledgement (RFC 3776 §3.1)."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from client.core.ipv6 import IPv6Packet
from client.core.secret import Secret
from mipv6.esp import Association, Sealer, seal
from mipv6.messages import BindingAcknowledgement, BindingUpdate, HomeTestInit
from tests.mipv6.conversation import Dice
from tests.mipv6.headers import CARE_OF, HOME, HOME_AGENT

pytestmark = pytest.mark.lab

KEY = bytes(range(0x40, 0x54))
FIELDS = ("esp.spi", "esp.sequence", "esp.icv_good", "mip6.mhtype")
UPDATE = BindingUpdate(sequence=7, home_registration=True, lifetime=600)
ACKNOWLEDGEMENT = BindingAcknowledgement(status=0, sequence=7, lifetime=600)


def seen(tmp_path: Path, packet: IPv6Packet, key: bytes, cipher: str = "NULL", cipher_key: bytes = b"") -> list[str]:
    """The FIELDS of the packet as tshark reads them with this key."""
    file = tmp_path / "packet.pcap"
    wrpcap(str(file), [Ether(src="02:00:00:00:00:01", dst="02:00:00:00:00:02", type=0x86DD) / packet.pack()])
    secret = f"0x{cipher_key.hex()}" if cipher_key else ""
    row = ("IPv6", "*", "*", "0x00001234", cipher, secret, "HMAC-SHA-1-96 [RFC2404]", f"0x{key.hex()}")
    association = ",".join(f'"{word}"' for word in row)
    switches = ("enable_authentication_check", "enable_encryption_decode")
    settings = [f"uat:esp_sa:{association}", *(f"esp.{switch}:TRUE" for switch in switches)]
    words = [word for setting in settings for word in ("-o", setting)]
    wanted = [word for name in FIELDS for word in ("-e", name)]
    command = ["tshark", "-n", "-r", str(file), *words, "-T", "fields", "-E", "separator=|", *wanted]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.rstrip("\n").split("|")


def sealed(packet: IPv6Packet) -> IPv6Packet:
    return seal(packet, Association(0x1234, Secret(KEY)), 9)


def test_a_binding_update_is_opened_with_the_key(tmp_path: Path) -> None:
    packet = UPDATE.packet(CARE_OF, HOME_AGENT, home_address=HOME)
    assert seen(tmp_path, sealed(packet), KEY) == ["0x00001234", "9", "1", "5"]


def test_an_acknowledgement_is_opened_with_the_key(tmp_path: Path) -> None:
    packet = ACKNOWLEDGEMENT.packet(HOME_AGENT, CARE_OF, routing=HOME)
    assert seen(tmp_path, sealed(packet), KEY) == ["0x00001234", "9", "1", "6"]


def test_with_another_key_the_check_value_is_wrong(tmp_path: Path) -> None:
    packet = UPDATE.packet(CARE_OF, HOME_AGENT, home_address=HOME)
    assert "1" not in seen(tmp_path, sealed(packet), bytes(20))[2:3]


def test_a_home_test_init_in_its_tunnel_is_deciphered_with_the_keys(tmp_path: Path) -> None:
    cipher_key = bytes(range(0x80, 0x90))
    sealer = Sealer(Association(0x1234, Secret(KEY), Secret(cipher_key)), Dice().throw)
    sent = sealer.tunnel(HomeTestInit(cookie=b"cookie!!").packet(HOME, HOME_AGENT + 7), CARE_OF, HOME_AGENT)
    assert seen(tmp_path, sent, KEY, "AES-CBC [RFC3602]", cipher_key) == ["0x00001234", "1", "1", "1"]
