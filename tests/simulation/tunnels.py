"""A data plane: puts packets into tunnels and takes them out, as the `Tunnel` items of a plan say."""

from __future__ import annotations

from ipaddress import IPv4Address

from client.core.ipv4 import IPv4Packet, Protocol
from client.core.plan import End, Plan, Tunnel


def tunnels(plan: Plan) -> list[Tunnel]:
    """The tunnels of a plan."""
    return [item for item in plan if isinstance(item, Tunnel)]


def tunnel_for(plan: Plan, inner: IPv4Packet) -> Tunnel | None:
    """The tunnel that a packet at our anchor goes into."""
    for tunnel in tunnels(plan):
        address = inner.source if tunnel.end is End.MOBILE else inner.destination
        if tunnel.sends and address == tunnel.home_address:
            return tunnel
    return None


def encapsulate(tunnel: Tunnel, inner: IPv4Packet) -> IPv4Packet:
    """IP within IP (RFC 2003)."""
    assert isinstance(tunnel.local, IPv4Address)
    assert isinstance(tunnel.remote, IPv4Address)
    return IPv4Packet(source=tunnel.local, destination=tunnel.remote, protocol=Protocol.IPIP, payload=inner.pack())


def tunnel_of(plan: Plan, outer: IPv4Packet, inner: IPv4Packet) -> Tunnel | None:
    """The tunnel that a packet came by: its outer and inner addresses must both fit."""
    for tunnel in tunnels(plan):
        address = inner.destination if tunnel.end is End.MOBILE else inner.source
        fits = (tunnel.local, tunnel.remote, tunnel.home_address) == (outer.destination, outer.source, address)
        if tunnel.receives and fits:
            return tunnel
    return None
