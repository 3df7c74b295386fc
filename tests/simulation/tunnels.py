"""A data plane: puts packets into tunnels and takes them out, as the `Tunnel` items of a plan say."""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from client.core.envelope import enveloped
from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet
from client.core.plan import Encapsulation, End, Plan, Tunnel

TUNNEL_DATA = 4
HEADER_OF_GRE = bytes.fromhex("00000800")


@dataclass(frozen=True, slots=True)
class Opened:
    """What was in an outer packet, and how: our port and theirs, if it was UDP."""

    encapsulation: Encapsulation
    inner: IPv4Packet
    ports: tuple[int, int] | None = None


def tunnels(plan: Plan) -> list[Tunnel]:
    """The tunnels of a plan."""
    return [item for item in plan if isinstance(item, Tunnel)]


def tunnels_for(plan: Plan, inner: IPv4Packet) -> list[Tunnel]:
    """The tunnels that copies of a packet at our anchor go into: one of each number."""
    found: dict[int, Tunnel] = {}
    for tunnel in tunnels(plan):
        address = inner.source if tunnel.end is End.MOBILE else inner.destination
        if tunnel.sends and address == tunnel.home_address:
            found.setdefault(tunnel.copy, tunnel)
    return [found[copy] for copy in sorted(found)]


def encapsulate(tunnel: Tunnel, inner: IPv4Packet) -> IPv4Packet:
    """As the tunnel wants it (RFC 2003, 2784, 2004, 3519)."""
    return enveloped(inner, tunnel)


def opened(outer: IPv4Packet) -> Opened | None:
    """What is inside, if this is an outer packet of any kind; DecodeError if it is a damaged one."""
    data = outer.payload
    if outer.protocol == 4:
        return Opened(Encapsulation.IPIP, IPv4Packet.unpack(data))
    if outer.protocol == 47 and data[:4] == HEADER_OF_GRE:
        return Opened(Encapsulation.GRE, IPv4Packet.unpack(data[4:]))
    if outer.protocol == 55:
        return Opened(Encapsulation.MINIMAL, _restored(outer))
    if is_tunnel_data(outer):
        theirs, ours = struct.unpack_from("!HH", data)
        return Opened(Encapsulation.UDP, IPv4Packet.unpack(data[12:]), (ours, theirs))
    return None


def is_tunnel_data(packet: IPv4Packet) -> bool:
    """A MIP tunnel data message that holds IP (RFC 3519 §3.3)."""
    return packet.protocol == 17 and packet.payload[8:10] == bytes((TUNNEL_DATA, 4))


def _restored(outer: IPv4Packet) -> IPv4Packet:
    """With the forwarding header of 12 bytes (RFC 2004 §3.1)."""
    if len(outer.payload) < 12:
        raise DecodeError("shorter than a minimal forwarding header", outer.payload)
    protocol, _, _, destination, source = struct.unpack_from("!BBH4s4s", outer.payload)
    return replace(
        outer,
        protocol=protocol,
        source=IPv4Address(source),
        destination=IPv4Address(destination),
        payload=outer.payload[12:],
    )


def tunnel_of(plan: Plan, outer: IPv4Packet, found: Opened) -> Tunnel | None:
    """The tunnel that a packet came by: outer and inner addresses, encapsulation and ports must all fit."""
    for tunnel in tunnels(plan):
        address = found.inner.destination if tunnel.end is End.MOBILE else found.inner.source
        addresses = (tunnel.local, tunnel.remote, tunnel.home_address) == (outer.destination, outer.source, address)
        if tunnel.receives and addresses and (tunnel.encapsulation, tunnel.ports) == (found.encapsulation, found.ports):
            return tunnel
    return None


def may_wait(plan: Plan, found: Opened) -> bool:
    """A home agent's slow path: does it have any binding for this inner source?"""
    return any(t.end is End.HOME and t.receives and t.home_address == found.inner.source for t in tunnels(plan))
