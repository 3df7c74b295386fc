"""Authenticates Binding Updates to the home agent, and their acknowledgements, by a shared key (RFC 4285 §5.1)."""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address
from typing import TypeVar

from client.core.ipv6 import IPv6Packet
from client.core.secret import Secret
from mipv6.messages import BindingAcknowledgement, BindingUpdate, Message
from mipv6.mobility_header import mobility_header
from mipv6.options import Authentication

MN_HA = 1
"""The subtype between mobile node and home agent; others are none of ours."""

FIRST_FREE_SPI = 256
SHORTEST_KEY = 16
AUTHENTICATOR_SIZE = 12

M = TypeVar("M", BindingUpdate, BindingAcknowledgement)


@dataclass(frozen=True, slots=True, kw_only=True)
class SecurityAssociation:
    """What a mobile node and its home agent share: an SPI that names it, and a key. The algorithm is HMAC-SHA1."""

    spi: int
    key: Secret

    def __post_init__(self) -> None:
        if not FIRST_FREE_SPI <= self.spi < 2**32:
            raise ValueError(f"SPI {self.spi} is not between 256 and 4294967295")
        if len(self.key) < SHORTEST_KEY:
            raise ValueError(f"the key of SPI {self.spi} is shorter than 128 bits")

    def authenticator(
        self, care_of_address: IPv6Address, home_address: IPv6Address, mobility_header_zeroed: bytes
    ) -> bytes:
        """The 12 bytes over a mobility header, its checksum zero, up to the SPI of the option itself."""
        covered = care_of_address.packed + home_address.packed + mobility_header_zeroed
        return hmac.digest(self.key.reveal(), covered, "sha1")[:AUTHENTICATOR_SIZE]


def authenticated(
    message: M, association: SecurityAssociation, care_of_address: IPv6Address, home_address: IPv6Address
) -> M:
    """The message with an MN-HA authentication option as its last one; it must have none yet.

    `care_of_address` is the one to be registered, or the home address in a deregistration from home; an
    acknowledgement has that of its update.
    """
    blank = _with(message, association.spi, bytes(AUTHENTICATOR_SIZE)).pack_without_checksum()
    covered = blank[:-AUTHENTICATOR_SIZE]
    return _with(message, association.spi, association.authenticator(care_of_address, home_address, covered))


def mn_ha_option(message: Message) -> Authentication | None:
    """The MN-HA option, if it is the one authentication option and the last of all options; None where it is not so.

    An MN-AAA option (RFC 4285 §5.2) is for servers that we do not have; before this one, it is forbidden (§5).
    """
    found = [each for each in message.options if isinstance(each, Authentication)]
    alone = len(found) == 1 and found[0] is message.options[-1]
    return found[0] if alone and found[0].subtype == MN_HA else None


def is_authenticated(
    packet: IPv6Packet,
    message: Message,
    associations: Iterable[SecurityAssociation],
    care_of_address: IPv6Address,
    home_address: IPv6Address,
) -> bool:
    """Does the option of `packet`, which `message` was read from, prove that its sender has the key it names?"""
    option = mn_ha_option(message)
    association = next((each for each in associations if option and each.spi == option.spi), None)
    if option is None or association is None:
        return False
    covered = _covered(mobility_header(packet), option)
    expected = association.authenticator(care_of_address, home_address, covered)
    return hmac.compare_digest(expected, option.authenticator)


def _with(message: M, spi: int, value: bytes) -> M:
    return replace(message, options=(*message.options, Authentication(MN_HA, spi, value)))


def _covered(header: bytes, option: Authentication) -> bytes:
    """The header up to the SPI of its last option, which only padding follows, and the checksum zero."""
    data = option.data()
    on_the_wire = bytes((option.kind, len(data))) + data
    end = header.rindex(on_the_wire) + len(on_the_wire) - len(option.authenticator)
    return header[:4] + bytes(2) + header[6:end]
