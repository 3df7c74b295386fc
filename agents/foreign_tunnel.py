"""In what a foreign agent and a home agent exchange a visitor's packets (RFC 5944 §3.7.3.2, RFC 3519 §4.5)."""

from __future__ import annotations

from dataclasses import dataclass

from agents.received import ReceivedReply, ReceivedRequest
from agents.settings import ForeignLinkSettings
from agents.visitors import Pending
from client.core.ipv4 import Protocol
from client.core.plan import Encapsulation
from client.mipv4.extensions import Extension
from client.mipv4.messages import RequestFlags
from client.mipv4.udp_tunnel import UdpTunnelReply, UdpTunnelRequest

KEEPALIVE = 110.0
"""Seconds, if the home agent names none (RFC 3519 §4.9)."""

SHORTEST_KEEPALIVE = 10.0
"""Seconds, whatever the home agent names: its word may be nobody's, and a node never uses less (RFC 3519 §4.10)."""

BITS = {RequestFlags.GRE: Encapsulation.GRE, RequestFlags.MINIMAL: Encapsulation.MINIMAL}


@dataclass(frozen=True, slots=True, kw_only=True)
class ForeignTunnel:
    """What was agreed on. `keepalive`: seconds, with UDP."""

    encapsulation: Encapsulation
    keepalive: float = KEEPALIVE


def asked_encapsulations(flags: RequestFlags) -> frozenset[Encapsulation]:
    """What the M and G bits of a request ask for."""
    return frozenset(encapsulation for bit, encapsulation in BITS.items() if bit in flags)


def udp_request(received: ReceivedRequest, link: ForeignLinkSettings) -> Extension | None:
    """What an agent behind a NAT adds for its own care-of address, never for a node's (RFC 3519 §4.5).

    It names IP in UDP: the M and G bits of the request are for the case that there is no NAT.
    """
    request = received.request
    ours = request.care_of_address == link.care_of_address and RequestFlags.DECAPSULATION not in request.flags
    if Encapsulation.UDP not in link.encapsulations or not ours or request.is_deregistration:
        return None
    return UdpTunnelRequest(encapsulation=Protocol.IPIP).extension()


def agreed_tunnel(pending: Pending, received: ReceivedReply, proof: Extension) -> ForeignTunnel:
    """What a reply says of our tunnel, behind the node's authenticator; DecodeError if it is malformed.

    Of UDP it counts only if we asked. With both bits GRE is expected, since the home agent says nothing of its choice.
    """
    for_us = [extension for extension in received.reply.extensions if extension.offset > proof.offset]
    answer = UdpTunnelReply.read(for_us) if pending.udp else None
    if answer is not None and answer.will_tunnel:
        keepalive = max(SHORTEST_KEEPALIVE, float(answer.keepalive or KEEPALIVE))
        return ForeignTunnel(encapsulation=Encapsulation.UDP, keepalive=keepalive)
    asked = (encapsulation for bit, encapsulation in BITS.items() if bit in pending.received.request.flags)
    return ForeignTunnel(encapsulation=next(asked, Encapsulation.IPIP))
