"""What a home agent grants beyond a lifetime: the encapsulation, and what is needed behind a NAT (RFC 3519 §4.4)."""

from __future__ import annotations

from dataclasses import dataclass

from client.core.plan import Encapsulation
from client.mipv4.codes import Code
from client.mipv4.extensions import ExtensionType, of_type
from client.mipv4.messages import PORT, RegistrationReply, RegistrationRequest, RequestFlags
from client.mipv4.target import Target
from client.mipv4.udp_tunnel import UdpTunnelReply


@dataclass(frozen=True, slots=True, kw_only=True)
class Grant:
    """How packets go between us and the home agent."""

    encapsulation: Encapsulation
    ports: tuple[int, int] | None = None
    nat: bool = False
    keepalive: float | None = None
    simultaneous: bool = False


def grant_of(target: Target, request: RegistrationRequest, reply: RegistrationReply) -> Grant:
    """What an accepting reply, signed by the home agent, says to this request."""
    simultaneous = RequestFlags.SIMULTANEOUS in request.flags and reply.code == Code.ACCEPTED
    udp = udp_tunnel_reply(target, reply)
    if udp is None or not udp.will_tunnel or request.is_deregistration:
        return Grant(encapsulation=target.encapsulation, simultaneous=simultaneous)
    return Grant(
        encapsulation=Encapsulation.UDP,
        ports=(PORT, PORT),  # requests go from and to port 434, and data must go as they do
        nat=not udp.forced,
        keepalive=float(udp.keepalive) or None,
        simultaneous=simultaneous,
    )


def udp_tunnel_reply(target: Target, reply: RegistrationReply) -> UdpTunnelReply | None:
    """Its UDP Tunnel Reply, if we asked for one and the home agent's authenticator covers it."""
    if target.udp_tunnel is None:
        return None
    signatures = of_type(reply.extensions, ExtensionType.MOBILE_HOME_AUTHENTICATION)
    end = signatures[0].offset if signatures else 0
    return UdpTunnelReply.read(extension for extension in reply.extensions if extension.offset < end)
