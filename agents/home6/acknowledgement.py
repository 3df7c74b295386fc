"""A home agent's Binding Acknowledgement: its fields, its options, and where it goes (RFC 6275 §9.5.4, §10.3)."""

from __future__ import annotations

from dataclasses import dataclass

from agents.home6.admission import Claim
from client.core.machine import Send6
from client.core.plan import ANCHOR
from mipv6.messages import BindingAcknowledgement
from mipv6.mn_ha_authentication import authenticated
from mipv6.options import BindingRefreshAdvice, Option, ReplayProtection
from mipv6.status_codes import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the home agent says to an update. `lifetime` and `refresh` are seconds; no advice without `refresh`."""

    status: Status
    sequence: int
    lifetime: int = 0
    refresh: int = 0
    timestamp: int | None = None


def send_acknowledgement(claim: Claim, answer: Answer) -> Send6:
    """The answer, signed unless ESP does that, on its way back to where the update came from.

    Never by what a binding says.
    """
    update = claim.update
    packet, heard = update.heard.packet, update.heard
    signed = _signed(_acknowledgement(claim, answer), claim)
    routing = update.home_address if update.names_home_address else None
    reply = signed.packet(packet.destination, packet.source, routing=routing)
    if update.names_home_address or heard.interface == ANCHOR or not heard.link_layer_source:
        return Send6(packet=reply)
    # From the home link; what the link believes of the home address is not yet right (§10.3.2).
    return Send6(packet=reply, interface=heard.interface, link_layer_destination=heard.link_layer_source)


def _signed(acknowledgement: BindingAcknowledgement, claim: Claim) -> BindingAcknowledgement:
    if claim.association is None:
        return acknowledgement
    update = claim.update
    return authenticated(acknowledgement, claim.association, update.care_of_address, update.home_address)


def _acknowledgement(claim: Claim, answer: Answer) -> BindingAcknowledgement:
    return BindingAcknowledgement(
        status=answer.status,
        sequence=answer.sequence,
        lifetime=answer.lifetime,
        options=_options(claim, answer),
    )


def _options(claim: Claim, answer: Answer) -> tuple[Option, ...]:
    """The identifier as the update has it (RFC 4285 §4), the timestamp if it has one (§6)."""
    advice = (BindingRefreshAdvice(answer.refresh),) if 0 < answer.refresh < answer.lifetime else ()
    identifier = (claim.update.identifier,) if claim.update.identifier else ()
    replay = (ReplayProtection(answer.timestamp),) if answer.timestamp is not None else ()
    return (*advice, *identifier, *replay)
