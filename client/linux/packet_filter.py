"""Classic BPF for our packet sockets: the kernel hands us signalling and nothing else."""

from __future__ import annotations

import ctypes
import socket
import struct
from collections.abc import Iterable
from dataclasses import dataclass

LOAD_HALF = 0x28  # ldh [k]
LOAD_BYTE = 0x30  # ldb [k]
LOAD_WORD = 0x20  # ld [k]
LOAD_HALF_INDEXED = 0x48  # ldh [x + k]
LOAD_BYTE_INDEXED = 0x50  # ldb [x + k]
HEADER_LENGTH = 0xB1  # ldxb 4 * ([k] & 0xf)
JUMP_EQUAL = 0x15
JUMP_GREATER = 0x25
JUMP_NOT_LESS = 0x35
JUMP_ANY_BIT = 0x45
RETURN = 0x06

PACKET_TYPE = 0xFFFFF000 + 4  # SKF_AD_OFF + SKF_AD_PKTTYPE
HOST, BROADCAST, MULTICAST = 0, 1, 2
MOBILE_IP_PORT = 434
TUNNEL_DATA = 4  # first byte of a MIP tunnel data message (RFC 3519 §3.3)
ICMP_TYPES = (0, 3, 9, 10, 11)
ICMP6_TYPES = (1, 2, 3, 4, 129, 130, 131, 132, 133, 134, 135, 136, 143, 144, 145, 146, 147)
_SO_ATTACH_FILTER = 26
_WHOLE = 0x40000
_UDP_HEADER = 8
_DESTINATION = 16  # where IPv4 names it
_IPV6_HEADER = 40
_MOBILITY = 135
_NEXT_HEADER = 6  # where IPv6 names it
_BEFORE_A_HOME_ADDRESS = (socket.IPPROTO_HOPOPTS, socket.IPPROTO_ROUTING, socket.IPPROTO_DSTOPTS)


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction; jumps go to the labels `true` and `false` ("": the next instruction)."""

    code: int
    k: int = 0
    true: str = ""
    false: str = ""
    label: str = ""


def signalling() -> bytes:
    """IPv4 to us (not overheard, not our own): UDP port 434, the ICMP types that matter, IGMP; no fragments.

    What tunnel data messages of port 434 hold is for the data plane.
    """
    return assemble(
        *_addressed_to_us(),
        Instruction(LOAD_HALF, 6),
        Instruction(JUMP_ANY_BIT, 0x3FFF, true="drop"),
        Instruction(HEADER_LENGTH, 0),
        Instruction(LOAD_BYTE, 9),
        Instruction(JUMP_EQUAL, socket.IPPROTO_UDP, true="udp"),
        Instruction(JUMP_EQUAL, socket.IPPROTO_IGMP, true="take"),
        Instruction(JUMP_EQUAL, socket.IPPROTO_ICMP, false="drop"),
        Instruction(LOAD_BYTE_INDEXED, 0),
        *(Instruction(JUMP_EQUAL, type_, true="take") for type_ in ICMP_TYPES),
        Instruction(RETURN, 0),
        Instruction(LOAD_HALF_INDEXED, 2, label="udp"),
        Instruction(JUMP_EQUAL, MOBILE_IP_PORT, true="message"),
        Instruction(LOAD_HALF_INDEXED, 0),
        Instruction(JUMP_EQUAL, MOBILE_IP_PORT, false="drop"),
        Instruction(LOAD_BYTE_INDEXED, _UDP_HEADER, label="message"),
        Instruction(JUMP_EQUAL, TUNNEL_DATA, true="drop"),
        Instruction(RETURN, _WHOLE, label="take"),
        Instruction(RETURN, 0, label="drop"),
    )


def signalling6(esp: tuple[int, int] | None = None) -> bytes:
    """IPv6 to us: mobility headers and the ICMPv6 types that matter, behind other headers, too.

    `esp`: with ESP under the SPIs from this one to that one; behind other headers under any.
    """
    first, last = esp or (1, 0)
    return assemble(
        *_addressed_to_us(),
        Instruction(LOAD_BYTE, _NEXT_HEADER),
        Instruction(JUMP_EQUAL, _MOBILITY, true="take"),
        Instruction(JUMP_EQUAL, socket.IPPROTO_ICMPV6, true="icmp"),
        *_if_any(esp, Instruction(JUMP_EQUAL, socket.IPPROTO_ESP, true="esp")),
        *(Instruction(JUMP_EQUAL, kind, true="behind") for kind in _BEFORE_A_HOME_ADDRESS),
        Instruction(RETURN, 0),
        # What these headers stand before can be anything: programs' packets by a direct path, too.
        Instruction(LOAD_BYTE, _IPV6_HEADER, label="behind"),
        Instruction(JUMP_EQUAL, _MOBILITY, true="take"),
        Instruction(JUMP_EQUAL, socket.IPPROTO_ICMPV6, true="take"),
        *_if_any(esp, Instruction(JUMP_EQUAL, socket.IPPROTO_ESP, true="take")),
        *(Instruction(JUMP_EQUAL, kind, true="take") for kind in _BEFORE_A_HOME_ADDRESS),
        Instruction(RETURN, 0),
        Instruction(LOAD_BYTE, _IPV6_HEADER, label="icmp"),
        *(Instruction(JUMP_EQUAL, type_, true="take") for type_ in ICMP6_TYPES),
        Instruction(RETURN, 0),
        Instruction(LOAD_WORD, _IPV6_HEADER, label="esp"),
        Instruction(JUMP_GREATER, last, true="drop"),
        Instruction(JUMP_NOT_LESS, first, true="take"),
        Instruction(RETURN, 0),
        Instruction(RETURN, _WHOLE, label="take"),
        Instruction(RETURN, 0, label="drop"),
    )


def to_many(broadcasts: Iterable[bytes] = ()) -> bytes:
    """What came in for all hosts or for a group, by its link-layer address, or by one of these IPv4 addresses."""
    return assemble(
        Instruction(LOAD_WORD, PACKET_TYPE),
        Instruction(JUMP_EQUAL, BROADCAST, true="take"),
        Instruction(JUMP_EQUAL, MULTICAST, true="take"),
        Instruction(JUMP_EQUAL, HOST, false="drop"),
        Instruction(LOAD_WORD, _DESTINATION),
        *(Instruction(JUMP_EQUAL, int.from_bytes(each, "big"), true="take") for each in broadcasts),
        Instruction(RETURN, 0),
        Instruction(RETURN, _WHOLE, label="take"),
        Instruction(RETURN, 0, label="drop"),
    )


def home_addresses() -> bytes:
    """IPv6 to this host alone that begins with hop-by-hop options, a routing header or destination options."""
    return assemble(
        Instruction(LOAD_WORD, PACKET_TYPE),
        Instruction(JUMP_EQUAL, HOST, false="drop"),
        Instruction(LOAD_BYTE, _NEXT_HEADER),
        *(Instruction(JUMP_EQUAL, kind, true="take") for kind in _BEFORE_A_HOME_ADDRESS),
        Instruction(RETURN, 0, label="drop"),
        Instruction(RETURN, _WHOLE, label="take"),
    )


def arp() -> bytes:
    """ARP that came in (not overheard, not our own)."""
    return assemble(
        *_addressed_to_us(),
        Instruction(RETURN, _WHOLE),
        Instruction(RETURN, 0, label="drop"),
    )


def tunnel_data() -> bytes:
    """On a UDP socket: tunnel data messages and nothing else."""
    return assemble(
        Instruction(LOAD_BYTE, _UDP_HEADER),
        Instruction(JUMP_EQUAL, TUNNEL_DATA, false="drop"),
        Instruction(RETURN, _WHOLE),
        Instruction(RETURN, 0, label="drop"),
    )


def nothing() -> bytes:
    """No packet at all."""
    return assemble(Instruction(RETURN, 0))


def assemble(*program: Instruction) -> bytes:
    """The program as struct sock_filter[]."""
    places = {line.label: number for number, line in enumerate(program) if line.label}
    code = b""
    for number, line in enumerate(program):
        true, false = (places[label] - number - 1 if label else 0 for label in (line.true, line.false))
        code += struct.pack("=HBBI", line.code, true, false, line.k)
    return code


def attach(sock: socket.socket, code: bytes) -> None:
    """Put the program on a socket; what it does not take never reaches the socket."""
    program = ctypes.create_string_buffer(code, len(code))
    sock.setsockopt(socket.SOL_SOCKET, _SO_ATTACH_FILTER, struct.pack("@HP", len(code) // 8, ctypes.addressof(program)))


def _if_any(esp: tuple[int, int] | None, instruction: Instruction) -> tuple[Instruction, ...]:
    return () if esp is None else (instruction,)


def _addressed_to_us() -> tuple[Instruction, ...]:
    return (
        Instruction(LOAD_WORD, PACKET_TYPE),
        Instruction(JUMP_EQUAL, HOST, true="ours"),
        Instruction(JUMP_EQUAL, BROADCAST, true="ours"),
        Instruction(JUMP_EQUAL, MULTICAST, true="ours", false="drop"),
        Instruction(LOAD_WORD, PACKET_TYPE, label="ours"),
    )
