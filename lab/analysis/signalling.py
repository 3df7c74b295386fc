"""The Mobile IP messages in a capture, by their fixed offsets in the RFC."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from lab.analysis.frames import ICMP, Frame, Ip, udp

REGISTRATION_PORT = 434
_REQUEST, _REPLY = 1, 3
_SIMULTANEOUS, _REVERSE_TUNNEL = 0x80, 0x02
_ROUTER_ADVERTISEMENT = 9
_MOBILITY_AGENT = 16


@dataclass(frozen=True, slots=True)
class Message:
    """A registration message. `token`: the low half of its identification, which a reply repeats."""

    at: int
    source: bytes
    destination: bytes
    token: bytes
    is_request: bool
    lifetime: int
    code: int = 0  # of a reply
    reverse_tunnel: bool = False  # asked for by a request
    simultaneous: bool = False  # likewise: the S bit
    care_of_address: bytes = b""  # likewise

    @property
    def accepted(self) -> bool:
        """Does a reply say yes?"""
        return not self.is_request and self.code in (0, 1)


def registration(frame: Frame) -> Message | None:
    """The registration message of a frame (RFC 5944 §3.3, §3.4), also one inside a tunnel."""
    ip = frame.ip
    while ip and ip.inner:
        ip = ip.inner
    content = udp(ip) if ip else None
    if ip is None or content is None or REGISTRATION_PORT not in content[:2]:
        return None
    data = content[2]
    if len(data) >= 24 and data[0] == _REQUEST:
        lifetime, token = int.from_bytes(data[2:4], "big"), data[20:24]
        return Message(
            frame.at,
            ip.source,
            ip.destination,
            token,
            True,
            lifetime,
            reverse_tunnel=bool(data[1] & _REVERSE_TUNNEL),
            simultaneous=bool(data[1] & _SIMULTANEOUS),
            care_of_address=data[12:16],
        )
    if len(data) >= 20 and data[0] == _REPLY:
        lifetime, token = int.from_bytes(data[2:4], "big"), data[16:20]
        return Message(frame.at, ip.source, ip.destination, token, False, lifetime, data[1])
    return None


def registrations(frames: Iterable[Frame]) -> list[Message]:
    """All registration messages, in the order of their time."""
    return [message for message in map(registration, frames) if message]


def is_agent_advertisement(ip: Ip) -> bool:
    """An ICMP router advertisement with a mobility agent extension (RFC 5944 §2.1)?"""
    if ip.protocol != ICMP or len(ip.body) < 8 or ip.body[0] != _ROUTER_ADVERTISEMENT:
        return False
    extensions = ip.body[8 + ip.body[4] * ip.body[5] * 4 :]
    while len(extensions) >= 2:
        if extensions[0] == _MOBILITY_AGENT:
            return True
        extensions = extensions[2 + extensions[1] :] if extensions[0] else extensions[1:]
    return False
