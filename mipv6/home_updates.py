"""Binding Updates to the home agent, and whether an acknowledgement answers one (RFC 6275 §11.7.1, §11.7.3)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from client.core.machine import Send6
from mipv6.binding import Target
from mipv6.messages import BindingAcknowledgement, BindingUpdate
from mipv6.mn_ha_authentication import authenticated, is_authenticated, mn_ha_option
from mipv6.options import AlternateCareOfAddress, MobileNodeIdentifier, Option, ReplayProtection, find
from mipv6.sequence import is_greater
from mipv6.settings import Settings
from mipv6.status_codes import Status

_LOW = 0xFFFF_FFFF


class Verdict(Enum):
    """What an acknowledgement is worth."""

    PROVEN = "proven"
    COMPLAINT = "complaint"  # a refusal to our latest update that nobody signed: to be shown, never to be obeyed
    WORTHLESS = "worthless"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """A Binding Update on its way."""

    update: BindingUpdate
    target: Target
    home_agent: IPv6Address
    link_layer_destination: bytes | None
    sent_at: float

    @property
    def timestamp(self) -> int | None:
        """The time of day that it bears, if it does."""
        option = find(self.update.options, ReplayProtection)
        return option.timestamp if option else None

    def send(self, home_address: IPv6Address) -> Send6:
        """As it leaves: from the care-of address with a home address option; at home from the home address.

        It is a frame to the router, since routes of former links may still stand in the kernel.
        """
        at_home = self.target.at_home
        packet = self.update.packet(
            self.target.care_of_address, self.home_agent, home_address=None if at_home else home_address
        )
        return Send6(
            packet=packet,
            interface=self.target.hop.interface,
            link_layer_destination=self.link_layer_destination,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What an update is to say."""

    sequence: int
    lifetime: int
    timestamp: int | None


def build(settings: Settings, home_address: IPv6Address, target: Target, wanted: Wanted) -> BindingUpdate:
    """The update, signed if we share a key with the home agent (RFC 4285 §5.1).

    The L bit is never set: the home agent would defend our link-local address, for which the kernel looks for
    duplicates on each link that comes up, on the home link, too (§11.5.5 forbids that).
    """
    update = BindingUpdate(
        sequence=wanted.sequence,
        acknowledge=True,
        home_registration=True,
        lifetime=wanted.lifetime,
        options=tuple(_options(settings, target, wanted)),
    )
    if settings.association is None:
        return update
    return authenticated(update, settings.association, target.care_of_address, home_address)


def _options(settings: Settings, target: Target, wanted: Wanted) -> list[Option]:
    options: list[Option] = [AlternateCareOfAddress(target.care_of_address)]
    if settings.association is not None and settings.identity is not None:
        options.append(MobileNodeIdentifier(settings.identity))
    if wanted.timestamp is not None:
        options.append(ReplayProtection(wanted.timestamp))
    return options


def judge(
    settings: Settings,
    home_address: IPv6Address,
    pending: Pending,
    packet: IPv6Packet,
    acknowledgement: BindingAcknowledgement,
) -> Verdict:
    """All checks but the meaning of the status: authentication comes before that."""
    if not _is_addressed(home_address, pending, packet) or not _matches(pending, acknowledgement):
        return Verdict.WORTHLESS
    association = settings.association
    if association is None:  # then it came in ESP, or it would not be here
        return Verdict.PROVEN
    if is_authenticated(packet, acknowledgement, (association,), pending.target.care_of_address, home_address):
        return Verdict.PROVEN
    unsigned = mn_ha_option(acknowledgement) is None or acknowledgement.status == Status.AUTHENTICATION_FAILED
    refused = acknowledgement.status >= Status.REASON_UNSPECIFIED
    return Verdict.COMPLAINT if unsigned and refused else Verdict.WORTHLESS


def _is_addressed(home_address: IPv6Address, pending: Pending, packet: IPv6Packet) -> bool:
    """From whom we asked, to where we are; by a type 2 routing header unless we are at home (§9.5.4)."""
    if packet.source != pending.home_agent or packet.home_address is not None:
        return False
    routing = None if pending.target.at_home else home_address
    return (packet.destination, packet.routing) == (pending.target.care_of_address, routing)


def _matches(pending: Pending, acknowledgement: BindingAcknowledgement) -> bool:
    """Does it answer this update (§11.7.3; RFC 4285 §6)?"""
    out_of_window = acknowledgement.status == Status.SEQUENCE_NUMBER_OUT_OF_WINDOW
    if not out_of_window and acknowledgement.sequence != pending.update.sequence:
        return False
    if pending.timestamp is None:  # for a number below ours this update would not be refused: that is an old answer
        return not out_of_window or not is_greater(pending.update.sequence, acknowledgement.sequence)
    option = find(acknowledgement.options, ReplayProtection)
    if acknowledgement.status == Status.IDENTIFICATION_MISMATCH:
        return option is not None and option.timestamp & _LOW == pending.timestamp & _LOW
    if acknowledgement.status in (Status.IDENTIFICATION_REQUIRED, Status.AUTHENTICATION_FAILED) and option is None:
        return True
    return option is not None and option.timestamp == pending.timestamp
