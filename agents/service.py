"""What a home agent agrees to, once it knows who asks (RFC 5944 §3.8.2, RFC 3024 §4.3)."""

from __future__ import annotations

from ipaddress import IPv4Address

from agents.claim import Claim
from agents.refusals import Denied
from agents.settings import HomeAgentSettings, ReverseTunnel
from client.core.ipv4 import BROADCAST
from client.core.plan import ANCHOR
from client.mipv4.codes import Code
from client.mipv4.messages import RequestFlags


def check_service(claim: Claim, settings: HomeAgentSettings) -> Denied | None:
    """Why this authentic, fresh request is not granted, or None."""
    request = claim.received.request
    if is_sent_to_many(claim.received.packet.destination, settings) or request.home_agent != settings.address:
        return Denied(Code.HA_UNKNOWN_HOME_AGENT)
    if claim.received.heard.interface == ANCHOR:
        return Denied(Code.HA_PROHIBITED)
    if request.is_deregistration:
        return None
    if not is_unicast(request.care_of_address):
        return Denied(Code.HA_POORLY_FORMED_REQUEST)
    if request.care_of_address == request.home_address:
        return Denied(Code.HA_PROHIBITED)
    return _check_reverse_tunnel(request.flags, settings.reverse_tunnel)


def is_sent_to_many(destination: IPv4Address, settings: HomeAgentSettings) -> bool:
    """Is this how a node asks which home agents there are (RFC 5944 §3.8.2.1)?"""
    return destination in (BROADCAST, settings.network.broadcast_address) or destination.is_multicast


def is_unicast(address: IPv4Address) -> bool:
    """Can this be one host's address on a network?"""
    return not (address.is_unspecified or address.is_multicast or address.is_loopback or address.is_reserved)


def _check_reverse_tunnel(flags: RequestFlags, policy: ReverseTunnel) -> Denied | None:
    asked = RequestFlags.REVERSE_TUNNEL in flags
    if asked and policy is ReverseTunnel.REFUSED:
        return Denied(Code.HA_REVERSE_TUNNEL_UNAVAILABLE)
    if not asked and policy is ReverseTunnel.REQUIRED:
        return Denied(Code.HA_REVERSE_TUNNEL_MANDATORY)
    return None
