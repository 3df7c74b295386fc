"""Building a Registration Request and judging what comes back (RFC 5944 §3.6.1, §3.6.2.1)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from enum import Enum, auto
from ipaddress import IPv4Address

from client.core.ipv4 import ANY, IPv4Packet, Protocol
from client.core.machine import Send
from client.core.plan import Encapsulation
from client.core.status import Place
from client.core.udp import UdpDatagram
from client.mipv4.authentication import authenticates
from client.mipv4.codes import Code, is_accepted, is_from_foreign_agent
from client.mipv4.extensions import Extension, ExtensionType, nai_extension
from client.mipv4.messages import PORT, RegistrationReply, RegistrationRequest, RequestFlags
from client.mipv4.settings import Settings
from client.mipv4.target import Target
from client.mipv4.udp_tunnel import UdpTunnelReply

NEIGHBOUR_TTL = 255
"""Shows a foreign agent that nobody stands between us: it refuses the T bit otherwise (RFC 3024 §4.1.1)."""

DEFAULT_TTL = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Pending:
    """The latest request: the only one that a reply may answer."""

    request: RegistrationRequest
    target: Target
    home_agent: IPv4Address
    sent_at: float


class Verdict(Enum):
    """What a reply is worth."""

    PROVEN = auto()  # the home agent's own words
    HINT = auto()  # a foreign agent's words, or a refusal that our key cannot check
    COMPLAINT = auto()  # that the agent cannot check our key, signed with one that we cannot check: only shown
    WORTHLESS = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """All that goes into one request."""

    target: Target
    home_address: IPv4Address | None
    home_agent: IPv4Address
    lifetime: int
    identification: int


def build(settings: Settings, ask: Ask) -> RegistrationRequest:
    """The request, unsigned."""
    return RegistrationRequest(
        flags=_flags(ask.target, deregistration=not ask.lifetime),
        lifetime=ask.lifetime,
        home_address=ask.home_address or ANY,
        home_agent=ask.home_agent,
        care_of_address=ask.target.care_of_address,
        identification=ask.identification,
        extensions=tuple(_extensions(settings, ask)),
    )


_BITS = {Encapsulation.GRE: RequestFlags.GRE, Encapsulation.MINIMAL: RequestFlags.MINIMAL}


def _flags(target: Target, *, deregistration: bool) -> RequestFlags:
    """The bits of §3.3; who gives up a binding asks for nothing that belongs to one."""
    flags = RequestFlags(0)
    if target.place is Place.CO_LOCATED:
        flags |= RequestFlags.DECAPSULATION
    if target.reverse_tunnel:
        flags |= RequestFlags.REVERSE_TUNNEL
    if deregistration:
        return flags
    if target.udp_tunnel and target.udp_tunnel.force:
        flags |= RequestFlags.REVERSE_TUNNEL  # a home agent that does not take it would be of no use (RFC 3519 §3.1.5)
    if target.broadcasts:
        flags |= RequestFlags.BROADCAST
    if target.simultaneous:
        flags |= RequestFlags.SIMULTANEOUS
    return flags | _BITS.get(target.encapsulation, RequestFlags(0))


def _extensions(settings: Settings, ask: Ask) -> Iterator[Extension]:
    if settings.nai:
        yield nai_extension(settings.nai)
    wanted = ask.target.udp_tunnel
    if wanted and ask.lifetime:
        # The G and M bits are for where no NAT is; inside UDP we put plain IP (RFC 3519 §3.1.4).
        plain = ask.target.encapsulation is Encapsulation.IPIP
        yield replace(wanted, encapsulation=0 if plain else Protocol.IPIP).extension()


def send(settings: Settings, pending: Pending) -> Send:
    """The signed request on its way: extensions in the order of §3.6.1.3."""
    target = pending.target
    payload = settings.associations[0].sign(pending.request.pack(), ExtensionType.MOBILE_HOME_AUTHENTICATION)
    if target.agent:
        for association in settings.foreign_associations.get(target.agent, ())[:1]:
            payload = association.sign(payload, ExtensionType.MOBILE_FOREIGN_AUTHENTICATION)
    datagram = UdpDatagram(source_port=PORT, destination_port=PORT, payload=payload)
    ttl = NEIGHBOUR_TTL if target.agent else DEFAULT_TTL
    packet = datagram.packet(target.source, target.agent or pending.home_agent, ttl=ttl)
    return Send(
        packet=packet,
        interface=target.link[0],
        link_layer_destination=target.agent_link_layer_address,
        # At home our own routes lead to the home agent; the main table may be empty there.
        signalling=not target.at_home or target.unconfirmed,
    )


def read_reply(packet: IPv4Packet) -> tuple[RegistrationReply, bytes]:
    """The reply in a packet and the bytes that its authenticators cover, or DecodeError."""
    payload = UdpDatagram.unpack(packet).payload
    reply = RegistrationReply.unpack(payload)
    UdpTunnelReply.read(reply.extensions)  # a malformed one, which must not be skipped, condemns all
    return reply, payload


def judge(settings: Settings, pending: Pending, reply: RegistrationReply, payload: bytes) -> Verdict:
    """Identification first, then the authenticators that the code calls for (RFC 5944 §3.6.2.1)."""
    request = pending.request
    if not reply.echoes(request) or not _names_us(request, reply):
        return Verdict.WORTHLESS
    if not _foreign_agent_is_true(settings, pending, reply, payload):
        return Verdict.COMPLAINT if reply.code == Code.FA_MOBILE_NODE_AUTHENTICATION else Verdict.WORTHLESS
    if is_from_foreign_agent(reply.code):
        return Verdict.HINT if pending.target.agent else Verdict.WORTHLESS
    proven = authenticates(payload, reply.extensions, ExtensionType.MOBILE_HOME_AUTHENTICATION, settings.associations)
    if proven:
        return Verdict.PROVEN
    # With a wrong key we cannot check the very reply that tells us so (§3.6.2.1): show it, change nothing for it.
    return Verdict.HINT if reply.code == Code.HA_MOBILE_NODE_AUTHENTICATION else Verdict.WORTHLESS


def _names_us(request: RegistrationRequest, reply: RegistrationReply) -> bool:
    """Is it about our home address; or does it, once we asked for one, assign us one (RFC 5944 §3.6)?"""
    if request.home_address != ANY:
        return reply.home_address == request.home_address
    return not is_accepted(reply.code) or is_host(reply.home_address)


def is_host(address: IPv4Address) -> bool:
    """Can this be the address of one node?"""
    return not (address.is_unspecified or address.is_multicast or address.is_loopback or address.is_reserved)


def _foreign_agent_is_true(settings: Settings, pending: Pending, reply: RegistrationReply, payload: bytes) -> bool:
    agent = pending.target.agent
    shared = settings.foreign_associations.get(agent, ()) if agent else ()
    kind = ExtensionType.MOBILE_FOREIGN_AUTHENTICATION
    return not shared or authenticates(payload, reply.extensions, kind, shared)
