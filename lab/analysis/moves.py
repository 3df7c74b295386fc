"""The figures of one move (what each of them is: docs/LAB.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from lab.analysis import news
from lab.analysis.frames import TCP, UDP, Frame, Ip, between, innermost
from lab.analysis.news import Noted
from lab.analysis.signalling import REGISTRATION_PORT, Message, is_agent_advertisement, registrations
from lab.topology import HOME_ADDRESS, LAPTOP_PORT, Network

_MILLISECOND = 1_000_000
_LAPTOP = bytes.fromhex(LAPTOP_PORT.link_layer_address.replace(":", ""))
_HOME = HOME_ADDRESS.packed
_SIGNALLING = REGISTRATION_PORT.to_bytes(2, "big")


@dataclass(frozen=True, slots=True)
class Stay:
    """The laptop in one network: from the moment that the cable left the last one to the same moment of the next."""

    network: Network
    unplugged: int  # nanoseconds since 1970, as are the others
    plugged: int
    end: int


@dataclass(frozen=True, slots=True)
class Moments:
    """What happened when in a stay, in nanoseconds since 1970; None: it did not happen."""

    link_up: int | None
    trigger: int | None  # co-located: the address; with an agent and at home: its first advertisement
    request: int | None
    reply: int | None
    first_packet: int | None  # the first packet of a program that left by the new path, after the trigger
    requests: int  # different Registration Requests in the stay, or until the first command in it
    code: int | None = None  # of the last reply, if none was accepted

    def between(self, start: int | None, end: int | None) -> float | None:
        """Milliseconds from one to the other, never less than 0."""
        return None if start is None or end is None else max(end - start, 0) / _MILLISECOND

    @property
    def registered_ms(self) -> float | None:
        """From the link's coming up to the reply on the wire."""
        return self.between(self.link_up, self.reply)

    @property
    def own_ms(self) -> float | None:
        """The time that is ours: trigger to request, and reply to the first packet by the new path."""
        before = self.between(self.trigger, self.request)
        after = self.between(self.reply, self.first_packet)
        return None if before is None or after is None else before + after


def moments(stay: Stay, frames: Sequence[Frame], notes: Sequence[Noted], until: int | None = None) -> Moments:
    """Find them in the capture on the laptop's cable; `until`: when a person's command changed the registration."""
    link_up = _link_up(stay, frames, notes)
    inside = between(frames, link_up or stay.end, stay.end)
    trigger = _trigger(stay, inside, notes)
    messages = [message for message in registrations(inside) if until is None or message.at < until]
    request, reply, count = _exchange(messages)
    return Moments(
        link_up=link_up,
        trigger=trigger,
        request=request,
        reply=reply.at if reply else None,
        first_packet=_first_packet(stay.network, inside, trigger),
        requests=count,
        code=next((message.code for message in reversed(messages) if not message.is_request), None),
    )


def _link_up(stay: Stay, frames: Sequence[Frame], notes: Sequence[Noted]) -> int | None:
    """The kernel's news, or the first frame on the wire: the news are read late if the processors are busy."""
    told = news.first(notes, "up", stay.plugged, stay.end)
    return None if told is None else min((frame.at for frame in between(frames, stay.plugged, told)), default=told)


def _trigger(stay: Stay, inside: Sequence[Frame], notes: Sequence[Noted]) -> int | None:
    if stay.network.attachment == "co-located":
        return news.first(notes, "address", stay.plugged, stay.end)
    from_laptop = (frame for frame in inside if frame.source != _LAPTOP)
    return next((frame.at for frame in from_laptop if frame.ip and is_agent_advertisement(frame.ip)), None)


def _exchange(messages: Sequence[Message]) -> tuple[int | None, Message | None, int]:
    """When the first request left, the first reply that accepted one, and how many requests there were in all."""
    sent: dict[bytes, int] = {}
    reply: Message | None = None
    for message in messages:
        if message.is_request:
            sent.setdefault(message.token, message.at)
        elif reply is None and message.accepted and message.token in sent:
            reply = message
    return min(sent.values(), default=None), reply, len(sent)


def _first_packet(network: Network, inside: Sequence[Frame], trigger: int | None) -> int | None:
    if trigger is None:
        return None
    return next((frame.at for frame in inside if frame.at >= trigger and _is_by_path(network, frame)), None)


def _is_by_path(network: Network, frame: Frame) -> bool:
    """A program's packet, from the home address, on its way by this network's router."""
    router = bytes.fromhex(network.router.link_layer_address.replace(":", ""))
    if frame.source != _LAPTOP or frame.destination != router or frame.ip is None:
        return False
    if network.attachment == "home" and frame.ip.inner:
        return False
    return is_of_program(innermost(frame.ip))


def is_of_program(packet: Ip) -> bool:
    """Neither signalling nor a probe of the daemon's own."""
    if packet.source != _HOME or packet.protocol not in (TCP, UDP):
        return False
    return packet.protocol == TCP or _SIGNALLING not in (packet.body[:2], packet.body[2:4])
