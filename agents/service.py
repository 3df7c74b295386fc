"""What a home agent agrees to, once it knows who asks (RFC 5944 §3.8.2, RFC 3024 §4.3)."""

from __future__ import annotations

from collections.abc import Callable
from ipaddress import IPv4Address

from agents.claim import Claim
from agents.refusals import Denied
from agents.settings import HomeAgentSettings, ReverseTunnel
from client.core.ipv4 import BROADCAST
from client.core.plan import ANCHOR
from client.mipv4.codes import Code
from client.mipv4.messages import RegistrationRequest, RequestFlags


def check_service(claim: Claim, settings: HomeAgentSettings, forbidden: Callable[[IPv4Address], bool]) -> Denied | None:
    """Why this authentic, fresh request is not granted, or None.

    `forbidden` tells the care-of addresses that would make a tunnel run in a circle (threat T15).
    """
    request = claim.received.request
    if is_sent_to_many(claim.received.packet.destination, settings) or request.home_agent != settings.address:
        return Denied(Code.HA_UNKNOWN_HOME_AGENT)
    if claim.received.heard.interface == ANCHOR:
        return Denied(Code.HA_PROHIBITED)
    if request.is_deregistration:
        return None
    return _check_care_of_address(request, forbidden) or _check_tunnel(request.flags, settings.reverse_tunnel)


def is_sent_to_many(destination: IPv4Address, settings: HomeAgentSettings) -> bool:
    """Is this how a node asks which home agents there are (RFC 5944 §3.8.2.1)?"""
    return destination in (BROADCAST, settings.network.broadcast_address) or destination.is_multicast


def _check_care_of_address(request: RegistrationRequest, forbidden: Callable[[IPv4Address], bool]) -> Denied | None:
    if not is_unicast(request.care_of_address):
        return Denied(Code.HA_POORLY_FORMED_REQUEST)
    return Denied(Code.HA_PROHIBITED) if forbidden(request.care_of_address) else None


def is_unicast(address: IPv4Address) -> bool:
    """Can this be one host's address on a network?"""
    return not (address.is_unspecified or address.is_multicast or address.is_loopback or address.is_reserved)


def _check_tunnel(flags: RequestFlags, policy: ReverseTunnel) -> Denied | None:
    if flags & (RequestFlags.MINIMAL | RequestFlags.GRE):
        return Denied(Code.HA_ENCAPSULATION_UNAVAILABLE)
    asked = RequestFlags.REVERSE_TUNNEL in flags
    if asked and policy is ReverseTunnel.REFUSED:
        return Denied(Code.HA_REVERSE_TUNNEL_UNAVAILABLE)
    if not asked and policy is ReverseTunnel.REQUIRED:
        return Denied(Code.HA_REVERSE_TUNNEL_MANDATORY)
    return None
