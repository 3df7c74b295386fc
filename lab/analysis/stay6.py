"""The figures of one move for IPv6 (what each of them is: docs/LAB.md), from the capture on the laptop's cable."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address, IPv6Interface
from typing import TypeAlias

from lab.analysis import news
from lab.analysis.frames import Frame, between
from lab.analysis.frames6 import TCP, UDP, Ip6, innermost6
from lab.analysis.mobility import Icmp, Kind, MobilityMessage, advertised_prefixes, icmp, messages
from lab.analysis.news import Noted
from lab.topology import LAPTOP_PORT
from lab.topology6 import HOME_ADDRESS6, Network6

_MILLISECOND = 1_000_000
_LAPTOP = bytes.fromhex(LAPTOP_PORT.link_layer_address.replace(":", ""))
_HOME = HOME_ADDRESS6.packed

Messages: TypeAlias = list[MobilityMessage]


@dataclass(frozen=True, slots=True)
class Stay6:
    """The laptop in one network: from the moment that the cable left the last one to the same moment of the next."""

    network: Network6
    unplugged: int  # nanoseconds since 1970, as are the others
    plugged: int
    end: int


@dataclass(frozen=True, slots=True)
class Binding6:
    """What happened when between the laptop and its home agent; nanoseconds since 1970; None: it did not happen."""

    link_up: int | None
    advertisement: int | None  # the first one here that names this network's prefix
    usable: int | None  # when a care-of address here may be used, and is known to belong here; at home: advertisement
    update: int | None
    acknowledgement: int | None  # the first that accepts
    first_packet: int | None  # of a program, from the home address, after the update
    updates: int  # Binding Updates to home agents with different sequence numbers
    statuses: tuple[int, ...]  # of all acknowledgements of home agents, in their order

    @property
    def address_ms(self) -> float | None:
        """The network's time."""
        return elapsed(self.link_up, self.usable)

    @property
    def own_ms(self) -> float | None:
        """Ours: from the usable care-of address to the update on the wire."""
        return elapsed(self.usable, self.update)

    @property
    def binding_ms(self) -> float | None:
        """The home agent's: from the update to the acknowledgement."""
        return elapsed(self.update, self.acknowledgement)

    @property
    def registered_ms(self) -> float | None:
        """All of it: from the link's coming up to the acknowledgement."""
        return elapsed(self.link_up, self.acknowledgement)


def elapsed(start: int | None, end: int | None) -> float | None:
    """Milliseconds from one to the other, never less than 0."""
    return None if start is None or end is None else max(end - start, 0) / _MILLISECOND


def binding(stay: Stay6, frames: Sequence[Frame], notes: Sequence[Noted], agents: Iterable[IPv6Address]) -> Binding6:
    """Find it; `agents`: the addresses of home agents."""
    link_up = _link_up(stay, frames, notes)
    inside = between(frames, link_up or stay.end, stay.end)
    advertisement = _advertisement(stay.network, inside)
    usable = _usable(stay, notes, advertisement)
    packed = {agent.packed for agent in agents}
    updates, answers = _exchange(messages(inside), packed)
    update = updates[0].at if updates else None
    accepted = (answer.at for answer in answers if answer.status < 128 and _answers(answer, updates))
    return Binding6(
        link_up=link_up,
        advertisement=advertisement,
        usable=usable,
        update=update,
        acknowledgement=next(accepted, None),
        first_packet=_first_packet(inside, update),
        updates=len({one.sequence for one in updates}),
        statuses=tuple(answer.status for answer in answers),
    )


def _link_up(stay: Stay6, frames: Sequence[Frame], notes: Sequence[Noted]) -> int | None:
    """The kernel's news, or the first frame on the wire: the news are read late if the processors are busy."""
    told = news.first(notes, "up", stay.plugged, stay.end)
    return None if told is None else min((frame.at for frame in between(frames, stay.plugged, told)), default=told)


def _advertisement(network: Network6, inside: Sequence[Frame]) -> int | None:
    prefix = network.prefix.network_address.packed[:8]
    heard = (frame for frame in inside if frame.source != _LAPTOP and frame.ip6)
    return next((frame.at for frame in heard if frame.ip6 and prefix in advertised_prefixes(frame.ip6)), None)


def _usable(stay: Stay6, notes: Sequence[Noted], advertisement: int | None) -> int | None:
    """An address that the kernel kept from an earlier visit counts only when its prefix is advertised here again."""
    if stay.network.attachment == "home" or advertisement is None:
        return advertisement
    told = [note.at for note in notes if note.event == "address6" and _is_of(note, stay.network)]
    times = [at for at in told if at < stay.end]
    return max(min(times), advertisement) if times else None


def _is_of(note: Noted, network: Network6) -> bool:
    return IPv6Interface(note.address).ip in network.prefix


def _exchange(found: Iterable[MobilityMessage], agents: set[bytes]) -> tuple[Messages, Messages]:
    """The home registrations that the laptop sent, and what home agents answered."""
    updates: Messages = []
    answers: Messages = []
    for message in found:
        if message.is_home_registration and message.packet.destination in agents:
            updates.append(message)
        elif message.kind == Kind.BINDING_ACKNOWLEDGEMENT and message.packet.source in agents:
            answers.append(message)
    return updates, answers


def _answers(answer: MobilityMessage, updates: Iterable[MobilityMessage]) -> bool:
    return any(one.sequence == answer.sequence and one.at <= answer.at for one in updates)


def _first_packet(inside: Sequence[Frame], update: int | None) -> int | None:
    if update is None:
        return None
    return next((frame.at for frame in inside if frame.at >= update and is_from_program(frame)), None)


def is_from_program(frame: Frame) -> bool:
    """A TCP or UDP packet that a program on the laptop sent from the home address."""
    return frame.source == _LAPTOP and frame.ip6 is not None and is_of_program6(innermost6(frame.ip6))


def is_of_program6(packet: Ip6) -> bool:
    """The same, wherever it is seen."""
    return packet.sender == _HOME and packet.protocol in (TCP, UDP)


def anycast_requests(frames: Iterable[Frame]) -> list[tuple[int, Ip6]]:
    """The home agent address discovery requests, and when they went (RFC 6275 §6.5)."""
    packets = [(frame.at, frame.ip6) for frame in frames if frame.ip6]
    return [(at, ip) for at, ip in packets if icmp(ip) == Icmp.HOME_AGENT_REQUEST]
