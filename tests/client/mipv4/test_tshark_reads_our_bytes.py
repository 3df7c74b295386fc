"""tshark as the independent eye: it reads in our packets what we meant, and finds no checksum or length wrong."""

from __future__ import annotations

import subprocess
from ipaddress import IPv4Address
from pathlib import Path

import pytest
from scapy.layers.l2 import Ether
from scapy.utils import wrpcap

from client.core.arp import gratuitous_arp
from client.core.ipv4 import ALL_ROUTERS, ALL_SYSTEMS, IPv4Packet
from client.core.secret import Secret
from client.core.udp import UdpDatagram
from client.mipv4.advertisement import AgentAdvertisement, AgentFlags, agent_solicitation
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.extensions import ExtensionType, nai_extension
from client.mipv4.messages import PORT, RegistrationReply, RegistrationRequest, RequestFlags

pytestmark = pytest.mark.lab

HOME, AGENT, CARE_OF = IPv4Address("198.51.100.23"), IPv4Address("198.51.100.1"), IPv4Address("192.0.2.7")
ASSOCIATION = SecurityAssociation(spi=4096, key=Secret(bytes(range(16))))
CHECKS = ["-o", "ip.check_checksum:TRUE", "-o", "udp.check_checksum:TRUE"]


def eye(tmp_path: Path, frame: bytes, ether_type: int, *fields: str) -> list[list[str]]:
    """What tshark reads in these fields of one Ethernet frame; each field is a list of values."""
    file = tmp_path / "packet.pcap"
    wrpcap(str(file), [Ether(src="02:00:00:00:00:01", dst="ff:ff:ff:ff:ff:ff", type=ether_type) / frame])
    wanted = [word for field in (*fields, "_ws.expert.severity", "_ws.malformed") for word in ("-e", field)]
    output = subprocess.run(
        ["tshark", "-n", "-r", str(file), *CHECKS, "-T", "fields", "-E", "separator=|", *wanted],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    *values, severities, malformed = [value.split(",") if value else [] for value in output.rstrip("\n").split("|")]
    assert malformed == []
    assert not {"6291456", "8388608"} & set(severities), "tshark warns or finds an error"
    return values


def ip_eye(tmp_path: Path, packet: IPv4Packet, *fields: str) -> list[list[str]]:
    """The same for an IPv4 packet, whose header checksum must be right."""
    status, *values = eye(tmp_path, packet.pack(), 0x0800, "ip.checksum.status", *fields)
    assert status[0] == "1"
    return values


def signed(message: bytes) -> IPv4Packet:
    """In its UDP datagram, with a Mobile-Home Authentication extension."""
    payload = ASSOCIATION.sign(message, ExtensionType.MOBILE_HOME_AUTHENTICATION)
    return UdpDatagram(source_port=PORT, destination_port=PORT, payload=payload).packet(CARE_OF, AGENT)


@pytest.mark.rfc("5944", "3.3")
@pytest.mark.parametrize(
    ("flag", "field"),
    [
        (RequestFlags.SIMULTANEOUS, "mip.s"),
        (RequestFlags.BROADCAST, "mip.b"),
        (RequestFlags.DECAPSULATION, "mip.d"),
        (RequestFlags.MINIMAL, "mip.m"),
        (RequestFlags.GRE, "mip.g"),
        (RequestFlags.REVERSE_TUNNEL, "mip.t"),
    ],
)
def test_request(tmp_path: Path, flag: RequestFlags, field: str) -> None:
    request = RegistrationRequest(
        flags=flag,
        lifetime=600,
        home_address=HOME,
        home_agent=AGENT,
        care_of_address=CARE_OF,
        identification=0xED2A0F1380000000,
        extensions=(nai_extension("alice@example.net"),),
    )
    names = ["mip.type", "mip.life", "mip.homeaddr", "mip.haaddr", "mip.coa", "mip.ext.type", "mip.nai", "mip.auth.spi"]
    read = ip_eye(tmp_path, signed(request.pack()), field, "mip.flags", "udp.checksum.status", *names)
    assert [values[0] if len(values) == 1 else values for values in read[3:]] == [
        "1",
        "600",
        str(HOME),
        str(AGENT),
        str(CARE_OF),
        ["131", "32"],
        "alice@example.net",
        "0x00001000",
    ]
    assert (read[0], [int(value, 0) for value in read[1]], read[2]) == (["1"], [flag.value], ["1"])


@pytest.mark.rfc("5944", "3.4")
@pytest.mark.parametrize("code", [0, 1, 66, 133, 136])
def test_reply(tmp_path: Path, code: int) -> None:
    reply = RegistrationReply(
        code=code, lifetime=300, home_address=HOME, home_agent=AGENT, identification=0xED2A0F1380000000
    )
    names = ["udp.checksum.status", "mip.type", "mip.code", "mip.life", "mip.homeaddr", "mip.haaddr", "mip.ext.len"]
    read = ip_eye(tmp_path, signed(reply.pack()), *names)
    assert read == [["1"], ["3"], [str(code)], ["300"], [str(HOME)], [str(AGENT)], ["20"]]


@pytest.mark.rfc("5944", "5.7.1")
def test_identification_is_a_time_of_day(tmp_path: Path) -> None:
    """NTP counts from 1900: 2208988800 s before 1970."""
    reply = RegistrationReply(
        code=0, lifetime=300, home_address=HOME, home_agent=AGENT, identification=(2208988800 + 86400) << 32
    )
    [[moment, *_]] = ip_eye(tmp_path, signed(reply.pack()), "mip.ident")
    assert "Jan  2" in moment or "1970-01-02" in moment


@pytest.mark.rfc("5944", "2.1")
def test_advertisement(tmp_path: Path) -> None:
    advertisement = AgentAdvertisement(
        lifetime=30,
        sequence_number=258,
        registration_lifetime=1800,
        flags=AgentFlags.FOREIGN_AGENT | AgentFlags.REVERSE_TUNNEL | AgentFlags.REGISTRATION_REQUIRED,
        care_of_addresses=(CARE_OF, AGENT),
        router_addresses=(CARE_OF,),
        prefix_lengths=(24,),
    )
    packet = advertisement.message().packet(CARE_OF, ALL_SYSTEMS, ttl=1)
    flags = [f"icmp.mip.{letter}" for letter in ("r", "b", "h", "f", "m", "g", "rt", "u", "x")]
    assert ip_eye(tmp_path, packet, *flags) == [["1"], ["0"], ["0"], ["1"], ["0"], ["0"], ["1"], ["0"], ["0"]]
    names = ["icmp.checksum.status", "icmp.mip.type", "icmp.mip.seq", "icmp.mip.life", "icmp.mip.coa"]
    read = ip_eye(tmp_path, packet, *names, "icmp.mip.prefixlength", "ip.ttl")
    assert read == [["1"], ["16", "19", "0"], ["258"], ["1800"], [str(CARE_OF), str(AGENT)], ["24"], ["1"]]


@pytest.mark.rfc("5944", "2.2")
def test_solicitation(tmp_path: Path) -> None:
    packet = agent_solicitation().packet(CARE_OF, ALL_ROUTERS, ttl=1)
    read = ip_eye(tmp_path, packet, "icmp.type", "icmp.code", "icmp.checksum.status", "ip.ttl", "ip.dst")
    assert read == [["10"], ["0"], ["1"], ["1"], ["224.0.0.2"]]


@pytest.mark.rfc("5944", "4.6")
def test_gratuitous_arp(tmp_path: Path) -> None:
    frame = gratuitous_arp(HOME, bytes.fromhex("020000000001")).pack()
    read = eye(tmp_path, frame, 0x0806, "arp.isgratuitous", "arp.src.proto_ipv4", "arp.src.hw_mac")
    assert read == [["1"], [str(HOME)], ["02:00:00:00:00:01"]]
