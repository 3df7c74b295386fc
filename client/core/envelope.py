"""A packet of a machine's own in a tunnel's outer packet: for probes that must not obey the tunnel's MTU."""

from __future__ import annotations

import struct
from dataclasses import replace
from ipaddress import IPv4Address

from client.core.checksum import internet_checksum
from client.core.ipv4 import IPv4Packet, Protocol
from client.core.plan import Encapsulation, Tunnel
from client.core.udp import UdpDatagram

GRE, MINIMAL = 47, 55  # IP protocol numbers
_GRE_OF_IPV4 = bytes.fromhex("00000800")  # no checksum, version 0, protocol type IPv4 (RFC 2784 §2)
_TUNNEL_DATA_OF_IP = bytes([4, Protocol.IPIP, 0, 0])  # MIP tunnel data message (RFC 3519 §3.3)
_FORWARDING = struct.Struct("!BBH4s4s")
_SOURCE_PRESENT = 0x80


def enveloped(packet: IPv4Packet, tunnel: Tunnel) -> IPv4Packet:
    """The packet as `tunnel`, between IPv4 addresses, takes it; don't-fragment and type of service as inside.

    Raises TypeError for a tunnel between IPv6 addresses, ValueError for one that cannot hold an IPv4 packet.
    """
    if not isinstance(tunnel.local, IPv4Address) or not isinstance(tunnel.remote, IPv4Address):
        raise TypeError("not a tunnel between IPv4 addresses")
    protocol, payload = _wrapped(packet, tunnel)
    return replace(packet, source=tunnel.local, destination=tunnel.remote, protocol=protocol, payload=payload, ttl=64)


def _wrapped(packet: IPv4Packet, tunnel: Tunnel) -> tuple[int, bytes]:
    match tunnel:
        case Tunnel(encapsulation=Encapsulation.IPIP):
            return Protocol.IPIP, packet.pack()
        case Tunnel(encapsulation=Encapsulation.GRE):
            return GRE, _GRE_OF_IPV4 + packet.pack()
        case Tunnel(encapsulation=Encapsulation.MINIMAL):
            return MINIMAL, _forwarding_header(packet) + packet.payload
        case Tunnel(encapsulation=Encapsulation.UDP, ports=(ours, theirs)):
            return Protocol.UDP, _datagram(packet, tunnel, ours, theirs)
    raise ValueError(f"no IPv4 packet goes into {tunnel.encapsulation.value}, or its ports are missing")


def _forwarding_header(packet: IPv4Packet) -> bytes:
    """The 12 bytes of RFC 2004 §3.1, with the original source."""
    fields = [packet.protocol, _SOURCE_PRESENT, 0, packet.destination.packed, packet.source.packed]
    fields[2] = internet_checksum(_FORWARDING.pack(*fields))
    return _FORWARDING.pack(*fields)


def _datagram(packet: IPv4Packet, tunnel: Tunnel, ours: int, theirs: int) -> bytes:
    datagram = UdpDatagram(source_port=ours, destination_port=theirs, payload=_TUNNEL_DATA_OF_IP + packet.pack())
    return datagram.pack(IPv4Address(tunnel.local), IPv4Address(tunnel.remote))
