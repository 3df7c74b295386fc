"""The packets that a foreign agent makes: relayed requests, relayed replies, and denials (RFC 5944 §3.7.2, §3.7.3)."""

from __future__ import annotations

from ipaddress import IPv4Address

from agents.received import ReceivedReply, ReceivedRequest
from agents.settings import Associations
from client.core.ipv4 import ALL_MOBILITY_AGENTS, ANY, BROADCAST
from client.core.machine import Send
from client.core.udp import UdpDatagram
from client.mipv4.codes import Code
from client.mipv4.extensions import Extension, ExtensionType
from client.mipv4.messages import PORT, RegistrationReply


def relayed_request(
    received: ReceivedRequest,
    proof: Extension,
    care_of_address: IPv4Address,
    home_agent: Associations,
    udp: Extension | None = None,
) -> Send:
    """The request up to the node's own authenticator; behind it our wish, and ours if the home agent expects that."""
    message = received.message[: proof.end]
    if udp is not None:
        message += udp.pack()
    if home_agent:
        message = home_agent[0].sign(message, ExtensionType.FOREIGN_HOME_AUTHENTICATION)
    datagram = UdpDatagram(source_port=PORT, destination_port=PORT, payload=message)
    return Send(packet=datagram.packet(care_of_address, received.request.home_agent))


def relayed_reply(
    received: ReceivedReply, proof: Extension, request: ReceivedRequest, own: IPv4Address, visitor: Associations
) -> Send:
    """The reply up to the home agent's authenticator, and ours behind it if we share a key with the visitor."""
    message = received.message[: proof.end]
    return _to_visitor(message, received.reply.home_address, request, own, visitor)


def denial(request: ReceivedRequest, code: Code, lifetime: int, own: IPv4Address, visitor: Associations) -> Send:
    """Our own no. It is signed if we share a key with the visitor, else only a hint to it."""
    reply = RegistrationReply(
        code=code,
        lifetime=lifetime,
        home_address=request.request.home_address,
        home_agent=request.request.home_agent,
        identification=request.request.identification,
    )
    return _to_visitor(reply.pack(), reply.home_address, request, own, visitor)


def _to_visitor(
    message: bytes, home_address: IPv4Address, request: ReceivedRequest, own: IPv4Address, visitor: Associations
) -> Send:
    """One frame to the link-layer address that the request came from: its address is not ours to resolve."""
    if visitor:
        message = visitor[0].sign(message, ExtensionType.MOBILE_FOREIGN_AUTHENTICATION)
    asked = request.packet.destination
    source = own if asked == ALL_MOBILITY_AGENTS else asked
    destination = home_address if home_address != ANY else BROADCAST
    datagram = UdpDatagram(source_port=PORT, destination_port=request.datagram.source_port, payload=message)
    return Send(
        packet=datagram.packet(source, destination),
        interface=request.heard.interface,
        link_layer_destination=request.heard.link_layer_source,
    )
