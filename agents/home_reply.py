"""A home agent's Registration Reply: its fields, its extensions, and where it goes (RFC 5944 §3.8.3)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from agents.claim import Claim
from agents.service import is_sent_to_many
from agents.settings import HomeAgentSettings
from client.core.ipv4 import ANY, BROADCAST
from client.core.machine import Send
from client.core.plan import ANCHOR
from client.core.udp import UdpDatagram
from client.mipv4.codes import Code
from client.mipv4.extensions import ExtensionType, nai_extension
from client.mipv4.messages import RegistrationReply, RequestFlags
from client.mipv4.udp_tunnel import UdpTunnelReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the home agent says to a request."""

    code: Code
    lifetime: int
    identification: int
    home_address: IPv4Address
    udp: UdpTunnelReply | None = None


def send_reply(claim: Claim, answer: Answer, settings: HomeAgentSettings) -> Send:
    """The answer in its packet, on its way back to where the request came from."""
    packet, datagram = claim.received.packet, claim.received.datagram
    to_many = is_sent_to_many(packet.destination, settings)
    source = settings.address if to_many else packet.destination
    destination = _destination(packet.source, answer.home_address)
    reply = UdpDatagram(
        source_port=datagram.destination_port,
        destination_port=datagram.source_port,
        payload=_sign(claim, answer, _reply(claim, answer, settings.address)),
    ).packet(source, destination)
    if not _is_on_link(claim, answer.home_address):
        return Send(packet=reply)
    heard = claim.received.heard
    return Send(packet=reply, interface=heard.interface, link_layer_destination=heard.link_layer_source)


def _reply(claim: Claim, answer: Answer, home_agent: IPv4Address) -> RegistrationReply:
    """What is for the mobile node stands before its authenticator: UDP's extension, and its NAI (RFC 2794 §3)."""
    nai = (nai_extension(claim.nai),) if claim.nai is not None else ()
    udp = (answer.udp.extension(),) if answer.udp is not None and _is_for_the_node(claim) else ()
    return RegistrationReply(
        code=answer.code,
        lifetime=answer.lifetime,
        home_address=answer.home_address,
        home_agent=home_agent,
        identification=answer.identification,
        extensions=(*udp, *nai),
    )


def _sign(claim: Claim, answer: Answer, reply: RegistrationReply) -> bytes:
    """What is for the foreign agent alone stands between the two authenticators (RFC 5944 §3.8.3.3)."""
    signed = claim.association.sign(reply.pack(), ExtensionType.MOBILE_HOME_AUTHENTICATION)
    if answer.udp is not None and not _is_for_the_node(claim):
        signed += answer.udp.extension().pack()
    if claim.foreign_agent:
        return claim.foreign_agent[0].sign(signed, ExtensionType.FOREIGN_HOME_AUTHENTICATION)
    return signed


def _is_for_the_node(claim: Claim) -> bool:
    """Who decapsulates asked for UDP, and is told of it."""
    return RequestFlags.DECAPSULATION in claim.received.request.flags


def _destination(source: IPv4Address, home_address: IPv4Address) -> IPv4Address:
    """A node that does not know its address yet sends from 0.0.0.0; it learns it by this reply."""
    if source != ANY:
        return source
    return home_address if home_address != ANY else BROADCAST


def _is_on_link(claim: Claim, home_address: IPv4Address) -> bool:
    """Did the node send this itself, over a link of ours? Then no binding may catch the reply (RFC 5944 §3.8.3.1)."""
    heard = claim.received.heard
    itself = heard.packet.source in (ANY, home_address)
    return itself and heard.interface != ANCHOR and bool(heard.link_layer_source)
