"""What the programs and the daemon share, as bytes: layout.h says the same in C, entry by entry."""

from __future__ import annotations

import struct
from ipaddress import IPv4Address, IPv6Address

from client.core.plan import Encapsulation, End

ENDS = {End.MOBILE: 0, End.HOME: 1}
ENCAPSULATIONS = {
    Encapsulation.IPIP: 0,
    Encapsulation.GRE: 1,
    Encapsulation.MINIMAL: 2,
    Encapsulation.UDP: 3,
    Encapsulation.DIRECT: 4,
}
MOST_COPIES = 4
"""Entrances of one home address that the programs serve."""

ENTRANCE4_KEY = struct.Struct("=4sBBH")
ENTRANCE4 = struct.Struct("=4s4sIHBB2s2s")
EXIT4_KEY = struct.Struct("=4s4s4s2sBB")
EXIT = struct.Struct("=IH6s6sH")
ENTRANCE6_KEY = struct.Struct("=16s16sI")
ENTRANCE6 = struct.Struct("=16s16sIHBB")
EXIT6_KEY = struct.Struct("=16s16s16sHH")
SETTINGS = struct.Struct("=IIIII")
COUNTER = struct.Struct("=QQ")
PEER6 = struct.Struct("=16s")
CORRESPONDENCE = struct.Struct("=QQ")

ENTRANCE4_END = 4
EXIT4_END = 14
ENTRANCE6_END = 32
EXIT6_END = 48
"""Where a key's end stands: the low byte, on the little-endian machines that we run on."""

COUNTER_PLACES = 32
COUNTERS = (
    "sent_ipip",
    "sent_gre",
    "sent_minimal",
    "sent_udp",
    "sent_ipip6",
    "sent_direct",
    "received_ipip",
    "received_gre",
    "received_minimal",
    "received_udp",
    "received_ipip6",
    "received_direct",
    "delivered",
    "copied",
    "declined_too_big",
    "declined_options",
    "declined_fragment",
    "declined_checksum",
    "declined_unknown",
    "declined_many",
    "declined_loop",
    "declined_time_to_live",
    "declined_header",
    "declined_segment",
    "declined_no_route",
    "dropped_congestion",
    "dropped_copy",
    "dropped_error",
)

_ANY6 = IPv6Address("::")


def entrance4_key(home_address: IPv4Address, end: End, copy: int = 0) -> bytes:
    """By whom (END.MOBILE) or to whom (END.HOME) a packet is sent."""
    return ENTRANCE4_KEY.pack(home_address.packed, ENDS[end], copy, 0)


def entrance4(
    local: IPv4Address,
    remote: IPv4Address,
    *,
    mtu: int,
    encapsulation: Encapsulation = Encapsulation.IPIP,
    interface: int = 0,
    copies: int = 0,
    ports: tuple[int, int] = (0, 0),
) -> bytes:
    """Where a packet of at most `mtu` bytes goes; `copies` are behind this one; `ports` are ours and theirs."""
    kind = ENCAPSULATIONS[encapsulation]
    ours, theirs = (port.to_bytes(2, "big") for port in ports)
    return ENTRANCE4.pack(local.packed, remote.packed, interface, mtu, kind, copies, ours, theirs)


def exit4_key(
    remote: IPv4Address,
    local: IPv4Address,
    home_address: IPv4Address,
    end: End,
    encapsulation: Encapsulation = Encapsulation.IPIP,
    source_port: int = 0,
) -> bytes:
    """From whom we take packets, in which encapsulation, and about which home address."""
    port, kind = source_port.to_bytes(2, "big"), ENCAPSULATIONS[encapsulation]
    return EXIT4_KEY.pack(remote.packed, local.packed, home_address.packed, port, ENDS[end], kind)


def exit_value(mtu: int, interface: int = 0, destination: bytes = bytes(6), source: bytes = bytes(6)) -> bytes:
    """Into the anchor; or with an interface to a visitor at `destination`, from our `source` on that link."""
    return EXIT.pack(interface, mtu, destination, source, 0)


def entrance6_key(home_address: IPv6Address, end: End, peer: IPv6Address = _ANY6) -> bytes:
    """As for IPv4; `peer` only with Encapsulation.DIRECT."""
    return ENTRANCE6_KEY.pack(home_address.packed, peer.packed, ENDS[end])


def entrance6(
    local: IPv6Address,
    remote: IPv6Address,
    *,
    mtu: int,
    encapsulation: Encapsulation = Encapsulation.IPIP,
    interface: int = 0,
) -> bytes:
    """Where a packet of at most `mtu` bytes goes."""
    return ENTRANCE6.pack(local.packed, remote.packed, interface, mtu, ENCAPSULATIONS[encapsulation], 0)


def exit6_key(
    remote: IPv6Address,
    local: IPv6Address,
    home_address: IPv6Address,
    end: End,
    encapsulation: Encapsulation = Encapsulation.IPIP,
) -> bytes:
    """From whom we take packets, in which encapsulation, and about which home address."""
    kind = ENCAPSULATIONS[encapsulation]
    return EXIT6_KEY.pack(remote.packed, local.packed, home_address.packed, ENDS[end], kind)
