"""Tunnels as entries of the BPF maps (client/linux/bpf/layout.h)."""

from __future__ import annotations

from client.core.plan import Encapsulation, End, Tunnel
from client.linux.bpf import layout

_ANY_PEER = bytes(16)


def is_ipv6(tunnel: Tunnel) -> bool:
    """Which maps its entries go into."""
    return tunnel.home_address.version == 6


def fits(tunnel: Tunnel) -> bool:
    """Whether the programs can carry it: one family inside and outside, and UDP and DIRECT in the one they have."""
    family = tunnel.home_address.version
    if tunnel.local.version != family or tunnel.remote.version != family:
        return False
    if family == 6:
        return tunnel.encapsulation in (Encapsulation.IPIP, Encapsulation.DIRECT) and tunnel.copy == 0
    return tunnel.encapsulation is not Encapsulation.DIRECT


def entrance_key(tunnel: Tunnel, copy: int | None = None) -> bytes:
    """By what packets find the entrance; with `copy` that of another copy of the same home address."""
    home = tunnel.home_address.packed
    if is_ipv6(tunnel):
        return layout.ENTRANCE6_KEY.pack(home, _peer(tunnel), layout.ENDS[tunnel.end])
    return layout.ENTRANCE4_KEY.pack(home, layout.ENDS[tunnel.end], tunnel.copy if copy is None else copy, 0)


def entrance(tunnel: Tunnel, mtu: int, copies: int) -> bytes:
    """The way out: at most `mtu` bytes of inner packet; `copies` entrances stand behind this one."""
    encapsulation = layout.ENCAPSULATIONS[tunnel.encapsulation]
    local, remote, interface = tunnel.local.packed, tunnel.remote.packed, tunnel.interface or 0
    if is_ipv6(tunnel):
        return layout.ENTRANCE6.pack(local, remote, interface, mtu, encapsulation, not tunnel.signalling)
    ours, theirs = tunnel.ports or (0, 0)
    return layout.ENTRANCE4.pack(
        local, remote, interface, mtu, encapsulation, copies, ours.to_bytes(2, "big"), theirs.to_bytes(2, "big")
    )


def exit_key(tunnel: Tunnel, encapsulation: Encapsulation | None = None) -> bytes:
    """By what arriving packets are known to be the tunnel's; with `encapsulation` as if it were that one."""
    code = layout.ENCAPSULATIONS[encapsulation or tunnel.encapsulation]
    source, destination, home = tunnel.remote.packed, tunnel.local.packed, tunnel.home_address.packed
    if is_ipv6(tunnel):
        return layout.EXIT6_KEY.pack(source, destination, home, layout.ENDS[tunnel.end], code)
    _, theirs = tunnel.ports or (0, 0)
    return layout.EXIT4_KEY.pack(source, destination, home, theirs.to_bytes(2, "big"), layout.ENDS[tunnel.end], code)


def exit_keys(tunnel: Tunnel) -> tuple[bytes, ...]:
    """All that it takes: with minimal encapsulation, fragments come as IP in IP (RFC 2004 §1)."""
    if tunnel.encapsulation is Encapsulation.MINIMAL:
        return exit_key(tunnel), exit_key(tunnel, Encapsulation.IPIP)
    return (exit_key(tunnel),)


def _peer(tunnel: Tunnel) -> bytes:
    """The correspondent whose packets alone go this way (RFC 6275 §9.3, §11.3)."""
    if tunnel.encapsulation is not Encapsulation.DIRECT:
        return _ANY_PEER
    return (tunnel.remote if tunnel.end is End.MOBILE else tunnel.local).packed
