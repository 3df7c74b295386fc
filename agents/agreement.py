"""How packets will go to a care-of address: what the request asks for, and what this home agent does.

The M and G bits are RFC 5944 §3.3, the UDP Tunnel Request and its reply RFC 3519 §3.1, §3.2, §4.6.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agents.claim import Claim
from agents.path import Path
from agents.received import before
from agents.refusals import Denied
from agents.settings import HomeAgentSettings
from client.core.errors import DecodeError
from client.core.ipv4 import ANY, Protocol
from client.core.plan import Encapsulation
from client.mipv4.codes import Code
from client.mipv4.extensions import Extension, ExtensionType
from client.mipv4.messages import RequestFlags
from client.mipv4.udp_tunnel import DECLINED, UdpTunnelReply, UdpTunnelRequest


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The way of the packets, and what the reply says of UDP (None: nothing was asked)."""

    path: Path
    udp: UdpTunnelReply | None = None


def agree(claim: Claim, settings: HomeAgentSettings) -> Agreement | Denied:
    """The agreement on an authentic request for a binding, or why there is none."""
    asked = read_udp_request(claim)
    if isinstance(asked, Denied):
        return asked
    if asked is not None and (asked.force or is_behind_nat(claim)):
        return _udp(claim, asked, settings)
    encapsulation = _encapsulation(claim.received.request.flags, settings)
    if isinstance(encapsulation, Denied):
        return encapsulation
    path = Path(remote=claim.received.request.care_of_address, encapsulation=encapsulation)
    return Agreement(path=path, udp=None if asked is None else UdpTunnelReply(code=DECLINED))


def is_behind_nat(claim: Claim) -> bool:
    """Does the request come from another address than its sender's (RFC 3519 §4.6, §4.6.1)?"""
    request = claim.received.request
    return claim.received.packet.source not in (request.care_of_address, request.home_address, ANY)


def read_udp_request(claim: Claim) -> UdpTunnelRequest | Denied | None:
    """What the node asks for, or the foreign agent for itself: behind the node's authenticator.

    Only a node that decapsulates may ask before it, only an agent that does may behind it, and both before
    the Foreign-Home Authentication Extension; all else is poorly formed (RFC 3519 §4.5, §4.6.1).
    """
    request, co_located = claim.received.request, RequestFlags.DECAPSULATION in claim.received.request.flags
    extensions = request.extensions
    nodes = before(extensions, claim.proof.offset)
    agents = tuple(_of_the_agent(extensions[len(nodes) :]))
    try:
        by_node, by_agent = UdpTunnelRequest.read(nodes), UdpTunnelRequest.read(agents)
        late = UdpTunnelRequest.read(extensions[len(nodes) + len(agents) :])
    except DecodeError:
        return Denied(Code.HA_POORLY_FORMED_REQUEST)
    asked, misplaced = (by_node, by_agent) if co_located else (by_agent, by_node)
    if misplaced or late or (asked is not None and asked.reserved):
        return Denied(Code.HA_POORLY_FORMED_REQUEST)
    return asked


def _of_the_agent(extensions: tuple[Extension, ...]) -> Iterator[Extension]:
    """Those that an agent's authenticator covers."""
    for extension in extensions:
        if extension.type == ExtensionType.FOREIGN_HOME_AUTHENTICATION:
            return
        yield extension


def _udp(claim: Claim, asked: UdpTunnelRequest, settings: HomeAgentSettings) -> Agreement | Denied:
    """UDP, to where the request came from.

    Through an agent (the R flag) that is not where the node's own packets come from. Nobody tells us of the
    keepalive that would say it, so this is refused, as is all that our administrator does not want.
    """
    allowed = Encapsulation.UDP in settings.encapsulations and (settings.forced_udp or is_behind_nat(claim))
    if asked.through_agent or not allowed:
        return Denied(Code.HA_PROHIBITED)
    if not _is_ip_in_udp(asked, claim.received.request.flags):
        return Denied(Code.HA_UDP_ENCAPSULATION_UNAVAILABLE)
    received = claim.received
    ports = (received.datagram.destination_port, received.datagram.source_port)
    path = Path(remote=received.packet.source, encapsulation=Encapsulation.UDP, ports=ports)
    return Agreement(path=path, udp=UdpTunnelReply(forced=asked.force, keepalive=settings.keepalive))


def _is_ip_in_udp(asked: UdpTunnelRequest, flags: RequestFlags) -> bool:
    """Zero means what the M and G bits say (RFC 3519 §3.1.4)."""
    if asked.encapsulation:
        return asked.encapsulation == Protocol.IPIP
    return not flags & (RequestFlags.MINIMAL | RequestFlags.GRE)


def _encapsulation(flags: RequestFlags, settings: HomeAgentSettings) -> Encapsulation | Denied:
    """The one that a bit asks for; with both bits the one that there is (RFC 5944 §3.3, RFC 3024 §4.3.1)."""
    bits = {RequestFlags.GRE: Encapsulation.GRE, RequestFlags.MINIMAL: Encapsulation.MINIMAL}
    asked = [encapsulation for bit, encapsulation in bits.items() if bit in flags]
    granted = [encapsulation for encapsulation in asked if encapsulation in settings.encapsulations]
    if asked and not granted:
        return Denied(Code.HA_ENCAPSULATION_UNAVAILABLE)
    return granted[0] if granted else Encapsulation.IPIP
