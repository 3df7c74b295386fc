"""What the adversary makes up: right in every detail but the key."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address

from client.core.ipv4 import ALL_SYSTEMS
from client.core.secret import Secret
from client.mipv4.advertisement import AgentAdvertisement, AgentFlags
from client.mipv4.authentication import SecurityAssociation
from client.mipv4.extensions import ExtensionType
from client.mipv4.messages import RegistrationReply, RegistrationRequest
from tests.simulation.chance import Chance

ATTACKER = IPv4Address("10.9.0.66")
ATTACKER_MAC = b"\x02\x66\x66\x66\x66\x66"
SPI = 256
WRONG = SecurityAssociation(spi=SPI, key=Secret(b"not the right key at all"))
OTHER_NODE = SecurityAssociation(spi=300, key=Secret(b"the other mobile node's key"))
"""A real association, of a node that may speak for another home address only (threat T4)."""


def _read(genuine: bytes) -> RegistrationRequest:
    return RegistrationRequest.unpack(genuine[: RegistrationRequest.HEADER.size])


def request(genuine: bytes, chance: Chance) -> bytes:
    """Moves the victim's binding to the attacker, with a fresh identification."""
    read = _read(genuine)
    later = (read.identification + ((1 + chance.below(5)) << 32)) & 0xFFFF_FFFF_FFFF_FFFF
    forged = replace(read, care_of_address=ATTACKER, lifetime=300, identification=later, extensions=())
    signer = chance.pick((WRONG, OTHER_NODE))
    return signer.sign(forged.pack(), ExtensionType.MOBILE_HOME_AUTHENTICATION)


def _reply(genuine: bytes, code: int, lifetime: int, identification: int | None = None) -> bytes:
    read = _read(genuine)
    return RegistrationReply(
        code=code,
        lifetime=lifetime,
        home_address=read.home_address,
        home_agent=read.home_agent,
        identification=read.identification if identification is None else identification,
    ).pack()


def acceptance(genuine: bytes, chance: Chance) -> bytes:
    """Yes, for ever: unsigned, or signed with a wrong key."""
    forged = _reply(genuine, chance.below(2), 0xFFFE)
    if chance.happens(0.2):
        return forged
    return WRONG.sign(forged, ExtensionType.MOBILE_HOME_AUTHENTICATION)


def mismatch(genuine: bytes, chance: Chance) -> bytes:
    """A 133 that would turn the clock, its low 32 bits right (threat T6)."""
    identification = _read(genuine).identification
    turned = (identification + (chance.pick((-3600, -30, 30, 3600, 10**7)) << 32)) & 0xFFFF_FFFF_FFFF_FFFF
    return WRONG.sign(_reply(genuine, 133, 0, turned), ExtensionType.MOBILE_HOME_AUTHENTICATION)


def denial(genuine: bytes, chance: Chance) -> bytes:
    """A foreign agent's refusal, which nobody signs (threat T2)."""
    return _reply(genuine, chance.pick((64, 65, 66, 67, 68, 69, 70, 71, 72, 74, 75, 77, 78, 80, 88, 131)), 1)


def advertisement(chance: Chance, sender: IPv4Address) -> bytes:
    """An agent that is none: sometimes well-formed, sometimes with a wrong TTL, checksum or length (threat T8)."""
    flags = AgentFlags.FOREIGN_AGENT | chance.pick((AgentFlags(0), AgentFlags.REGISTRATION_REQUIRED, AgentFlags.BUSY))
    message = AgentAdvertisement(
        lifetime=chance.pick((3, 9)),
        sequence_number=chance.below(65536),
        registration_lifetime=0xFFFF,
        flags=flags,
        care_of_addresses=(sender,),
        router_addresses=(sender,),
    ).message()
    packet = message.packet(sender, ALL_SYSTEMS, ttl=chance.pick((1, 1, 2, 64)))
    if chance.happens(0.3):
        packet = replace(packet, payload=packet.payload[: -1 - chance.below(8)])
    if chance.happens(0.3):
        payload = bytearray(packet.payload)
        struct.pack_into("!H", payload, 2, chance.below(65536))
        packet = replace(packet, payload=bytes(payload))
    return packet.pack()
