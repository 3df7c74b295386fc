"""Return routability as the other side sees it: bytes laid out from RFC 6275 §6.1 and §5.2, with hashlib alone."""

from __future__ import annotations

import hashlib
import hmac
import struct
from collections.abc import Callable, Sequence
from dataclasses import replace
from ipaddress import IPv6Address, IPv6Interface

from client.core.ipv6 import IPv6Packet
from client.core.links import Address6, Link, Links
from client.core.machine import Heard6, Output, Send6
from tests.mipv6.headers import CARE_OF, CORRESPONDENT, HOME, carried, checksum

LINK = 2
OTHER_CARE_OF = IPv6Address("2001:db8:4::7")


def dice(seed: int = 1) -> Callable[[], float]:
    """Numbers in [0, 1), the same ones in each run."""
    state = seed

    def throw() -> float:
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) % 2**64
        return (state >> 11) / 2**53

    return throw


def links(*addresses: str, up: bool = True, index: int = LINK) -> Links:
    """One link that leads everywhere."""
    held = tuple(Address6(IPv6Interface(each)) for each in addresses or (f"{CORRESPONDENT}/64",))
    return Links(
        (Link(index=index, name="eth0", link_layer_address=b"\2\0\0\0\0\1", up=up, addresses6=held, routed6=True),)
    )


# --- mobility headers, their checksums zero ---------------------------------------------------------


def init(kind: int, cookie: bytes) -> bytes:
    """|59|1|kind|0|checksum|reserved|cookie|, kind 1 for home, 2 for care-of (§6.1.3, §6.1.4)."""
    return bytes((59, 1, kind, 0, 0, 0, 0, 0)) + cookie


def answer(kind: int, index: int, cookie: bytes, token: bytes) -> bytes:
    """|59|2|kind|0|checksum|nonce index|cookie|token|, kind 3 for home, 4 for care-of (§6.1.5, §6.1.6)."""
    return bytes((59, 2, kind, 0, 0, 0)) + struct.pack("!H", index) + cookie + token


def update(
    sequence: int,
    kbm: bytes,
    signed: IPv6Address,
    *,
    units: int = 105,
    indices: tuple[int, int],
    flags: int = 0x8000,
    alternate: IPv6Address | None = None,
    correspondent: IPv6Address = CORRESPONDENT,
) -> bytes:
    """A Binding Update (§6.1.7): nonce indices (§6.2.6) at 2n, authorization data (§6.2.7) at 8n + 2, nothing behind.

    `signed` is the address in the authenticator; `units` are of 4 s.
    """
    options = struct.pack("!BBHH", 4, 4, *indices)
    if alternate is not None:
        # PadN of 2 to 8n + 6, the address, and PadN of 4 before the authorization data
        options = b"\1\0" + b"\3\x10" + alternate.packed + options + b"\1\2\0\0"
    size = 12 + len(options) + 14
    header = struct.pack("!BBBBHHHH", 59, size // 8 - 1, 5, 0, 0, sequence, flags, units) + options + b"\5\x0c"
    return header + authenticator(kbm, signed, header, correspondent)


def acknowledgement(status: int, sequence: int, units: int, kbm: bytes | None, signed: IPv6Address = CARE_OF) -> bytes:
    """A Binding Acknowledgement (§6.1.8): PadN of 6 and authorization data, or four bytes of padding."""
    plain = struct.pack("!BBBBHBBHH", 59, 3 if kbm else 1, 6, 0, 0, status, 0, sequence, units)
    if kbm is None:
        return plain + b"\1\2\0\0"
    header = plain + b"\1\4\0\0\0\0" + b"\5\x0c"
    return header + authenticator(kbm, signed, header)


def binding_error(status: int, home_address: IPv6Address) -> bytes:
    """|59|2|7|0|checksum|status|0|home address| (§6.1.9)."""
    return bytes((59, 2, 7, 0, 0, 0, status, 0)) + home_address.packed


# --- keys (§5.2.5, §6.2.7) --------------------------------------------------------------------------


def key(home_token: bytes, care_of_token: bytes = b"") -> bytes:
    """Kbm = SHA-1(home keygen token | care-of keygen token)."""
    return hashlib.sha1(home_token + care_of_token).digest()


def authenticator(kbm: bytes, address: IPv6Address, header: bytes, correspondent: IPv6Address = CORRESPONDENT) -> bytes:
    """First (96, HMAC_SHA1 (Kbm, care-of address | correspondent | MH Data)), the checksum being zero."""
    return hmac.new(kbm, address.packed + correspondent.packed + header, "sha1").digest()[:12]


# --- packets ----------------------------------------------------------------------------------------


def from_home_address(header: bytes, care_of: IPv6Address = CARE_OF, home: IPv6Address = HOME) -> IPv6Packet:
    """A mobility header to the correspondent, with a home address option: its checksum is over the home address."""
    return replace(carried(header, home), source=care_of, home_address=home)


def to_home_address(header: bytes, care_of: IPv6Address = CARE_OF) -> IPv6Packet:
    """A mobility header from the correspondent, with a type 2 routing header."""
    return replace(carried(header, CORRESPONDENT, HOME), destination=care_of, routing=HOME)


def heard(packet: IPv6Packet, interface: int = LINK) -> Heard6:
    """The packet comes by a link."""
    return Heard6(packet=packet, interface=interface)


def sent(outputs: Sequence[Output]) -> list[Send6]:
    """What goes out, all of it IPv6, with right checksums over whom it speaks for and to."""
    packets = [output for output in outputs if isinstance(output, Send6)]
    assert len(packets) == len(outputs)
    for packet in (send.packet for send in packets):
        blank = packet.payload[:4] + bytes(2) + packet.payload[6:]
        if packet.next_header == 135:
            assert packet.payload[4:6] == checksum(blank, packet.sender, packet.receiver)
    return packets


def plain(packet: IPv6Packet) -> bytes:
    """A mobility header as it was before its checksum."""
    return packet.payload[:4] + bytes(2) + packet.payload[6:]
