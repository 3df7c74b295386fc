"""What a foreign agent asks of a Registration Request before it relays it (RFC 5944 §3.7.2.1, RFC 3024 §4.2.1)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from ipaddress import IPv4Address
from typing import TypeAlias

from agents.foreign_tunnel import asked_encapsulations
from agents.received import ReceivedRequest, only_extension
from agents.service import is_unicast
from agents.settings import ForeignAgentSettings, ForeignLinkSettings, ReverseTunnel
from client.core.ipv4 import ANY
from client.core.plan import Encapsulation
from client.mipv4.authentication import authenticates
from client.mipv4.codes import Code
from client.mipv4.extensions import KNOWN, ExtensionType, read_extensions, read_nai
from client.mipv4.messages import INFINITE_LIFETIME, RegistrationRequest, RequestFlags

ENCAPSULATING_DELIVERY = 130
"""The Encapsulating Delivery Style Extension (RFC 3024 §3.3), which we read only to refuse it."""

NEIGHBOUR_TTL = 255
"""The TTL that only a neighbour's packet can still have (RFC 3024 §4.2.1)."""

OwnAddress: TypeAlias = Callable[[IPv4Address], bool]


def foreign_refusal(
    received: ReceivedRequest, link: ForeignLinkSettings, settings: ForeignAgentSettings, is_ours: OwnAddress
) -> Code | None:
    """The code to deny a request with, or None: it may be relayed."""
    return next(_refusals(received, link, settings, is_ours), None)


def _refusals(
    received: ReceivedRequest, link: ForeignLinkSettings, settings: ForeignAgentSettings, is_ours: OwnAddress
) -> Iterator[Code]:
    request = received.request
    if not _is_well_formed(request):
        yield Code.FA_POORLY_FORMED_REQUEST
    if not _is_authentic(received, settings):
        yield Code.FA_MOBILE_NODE_AUTHENTICATION
    if is_ours(request.home_address):
        yield Code.FA_PROHIBITED
    if not is_unicast(request.home_agent) or _is_elsewhere(request.home_agent, settings, is_ours):
        yield Code.INVALID_HOME_AGENT_ADDRESS
    if is_too_long(request.lifetime, link.registration_lifetime):
        yield Code.FA_LIFETIME_TOO_LONG
    if RequestFlags.DECAPSULATION not in request.flags and not request.is_deregistration:
        yield from _tunnel_refusals(received, link)


def _is_well_formed(request: RegistrationRequest) -> bool:
    """Someone must vouch for it, and it must say whose it is."""
    signed = only_extension(request.extensions, ExtensionType.MOBILE_HOME_AUTHENTICATION) is not None
    if request.home_address == ANY:
        return signed and read_nai(request.extensions) is not None
    return signed and is_unicast(request.home_address)


def _is_authentic(received: ReceivedRequest, settings: ForeignAgentSettings) -> bool:
    """A visitor that shares a key with us must use it (RFC 5944 §3.7.2.1)."""
    request = received.request
    associations = settings.visitor_associations(request.home_address, read_nai(request.extensions))
    mobile_foreign = ExtensionType.MOBILE_FOREIGN_AUTHENTICATION
    return not associations or authenticates(received.message, request.extensions, mobile_foreign, associations)


def _is_elsewhere(home_agent: IPv4Address, settings: ForeignAgentSettings, is_ours: OwnAddress) -> bool:
    """Does it name us as a home agent that we are not (RFC 5944 §3.7.2)?"""
    return is_ours(home_agent) and home_agent not in settings.own_home_agents


def is_too_long(lifetime: int, longest: int) -> bool:
    """Is this more than we advertise?"""
    return longest != INFINITE_LIFETIME and lifetime > longest


def _tunnel_refusals(received: ReceivedRequest, link: ForeignLinkSettings) -> Iterator[Code]:
    request = received.request
    if request.care_of_address != link.care_of_address:
        yield Code.FA_INVALID_CARE_OF_ADDRESS
    if asked_encapsulations(request.flags) - link.encapsulations:
        yield Code.FA_ENCAPSULATION_UNAVAILABLE
    if RequestFlags.REVERSE_TUNNEL in request.flags:
        yield from _reverse_tunnel_refusals(received, link)
    elif link.reverse_tunnel is ReverseTunnel.REQUIRED or Encapsulation.UDP in link.encapsulations:
        # Behind a NAT what leaves beside the tunnel gets the NAT's address (RFC 3519 §4.5).
        yield Code.FA_REVERSE_TUNNEL_MANDATORY


def _reverse_tunnel_refusals(received: ReceivedRequest, link: ForeignLinkSettings) -> Iterator[Code]:
    known = KNOWN | {ENCAPSULATING_DELIVERY}
    extensions = read_extensions(received.message, RegistrationRequest.HEADER.size, known)
    if any(extension.type == ENCAPSULATING_DELIVERY for extension in extensions):
        yield Code.FA_DELIVERY_UNSUPPORTED
    if received.packet.ttl != NEIGHBOUR_TTL:
        yield Code.FA_TOO_DISTANT
    if link.reverse_tunnel is ReverseTunnel.REFUSED:
        yield Code.FA_REVERSE_TUNNEL_UNAVAILABLE
