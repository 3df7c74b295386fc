"""The data plane of a plan for IPv6: RFC 2473 tunnels, home address options and type 2 routing headers."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.plan import Encapsulation, End, Plan, Tunnel


def tunnels(plan: Plan) -> Iterator[Tunnel]:
    """Those of a plan."""
    return (item for item in plan if isinstance(item, Tunnel))


def tunnel_for(plan: Plan, inner: IPv6Packet) -> Tunnel | None:
    """The way of a packet at our anchor: the direct one of its correspondent, else the tunnel."""
    fitting = [tunnel for tunnel in tunnels(plan) if tunnel.sends and _is_of(tunnel, inner)]
    direct = [tunnel for tunnel in fitting if tunnel.encapsulation is Encapsulation.DIRECT]
    return next(iter(direct or fitting), None)


def _is_of(tunnel: Tunnel, inner: IPv6Packet) -> bool:
    home, other = (inner.source, inner.destination)[:: 1 if tunnel.end is End.MOBILE else -1]
    correspondent = tunnel.remote if tunnel.end is End.MOBILE else tunnel.local
    return tunnel.home_address == home and (tunnel.encapsulation is not Encapsulation.DIRECT or correspondent == other)


def encapsulate(tunnel: Tunnel, inner: IPv6Packet) -> IPv6Packet:
    """The packet as it leaves."""
    local, remote = _pair(tunnel)
    if tunnel.encapsulation is not Encapsulation.DIRECT:
        return IPv6Packet(source=local, destination=remote, next_header=NextHeader.IPV6, payload=inner.pack())
    if tunnel.end is End.MOBILE:
        return replace(inner, source=local, home_address=inner.source)
    return replace(inner, destination=remote, routing=inner.destination)


def _pair(tunnel: Tunnel) -> tuple[IPv6Address, IPv6Address]:
    assert isinstance(tunnel.local, IPv6Address), "a tunnel of the other family"
    assert isinstance(tunnel.remote, IPv6Address), "a tunnel of the other family"
    return tunnel.local, tunnel.remote


def came_by(plan: Plan, outer: IPv6Packet, inner: IPv6Packet) -> bool:
    """Is there a tunnel for this packet within a packet?"""
    return any(
        tunnel.receives
        and tunnel.encapsulation is Encapsulation.IPIP
        and (tunnel.local, tunnel.remote) == (outer.destination, outer.source)
        and tunnel.home_address == (inner.destination if tunnel.end is End.MOBILE else inner.source)
        for tunnel in tunnels(plan)
    )


def came_directly(plan: Plan, packet: IPv6Packet) -> bool:
    """Is there a direct path for this packet with a home address option or a type 2 routing header?"""
    end = End.HOME if packet.home_address is not None else End.MOBILE
    home = packet.home_address if packet.home_address is not None else packet.routing
    return any(
        tunnel.receives
        and tunnel.encapsulation is Encapsulation.DIRECT
        and (tunnel.end, tunnel.home_address) == (end, home)
        and (tunnel.local, tunnel.remote) == (packet.destination, packet.source)
        for tunnel in tunnels(plan)
    )
