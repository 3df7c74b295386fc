"""Someone on the links: sees all signalling, keeps it, and replays, alters, delays, reflects and forges. Has no key."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv4Address

from client.core.errors import DecodeError
from client.core.ipv4 import IPv4Packet, Protocol
from client.core.udp import UdpDatagram
from tests.simulation import forgery
from tests.simulation.chance import Chance
from tests.simulation.faults import Fault, Plot
from tests.simulation.host import is_of_interest
from tests.simulation.journal import Journal
from tests.simulation.lan import Frame, Kind, Lan, Port
from tests.simulation.timeline import Timeline
from tests.simulation.topology import PLACES

MEAN_PAUSE = 8.0
KEPT = 400
HELD = 0.1


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame with signalling, and where it was."""

    lan: Lan
    frame: Frame
    packet: IPv4Packet


class Adversary:
    """Strikes at random moments, with the attacks of its plot."""

    def __init__(self, plot: Plot, lans: dict[str, Lan], timeline: Timeline, chance: Chance, journal: Journal) -> None:
        self._plot = plot
        self._timeline = timeline
        self._chance = chance
        self._journal = journal
        self._seen: deque[Seen] = deque(maxlen=KEPT)
        self._active = True
        self._attacks: list[tuple[Fault, Callable[[], bool]]] = [
            (fault, attack) for fault, attack in self._all_attacks() if plot.has(fault)
        ]
        for lan in lans.values():
            lan.taps.append(self._tap)
        if self._attacks:
            timeline.after(chance.wait(MEAN_PAUSE), self._strike)

    def stop(self) -> None:
        """The attack is over."""
        self._active = False

    def _all_attacks(self) -> list[tuple[Fault, Callable[[], bool]]]:
        return [
            (Fault.REPLAY, self._replay),
            (Fault.ALTER, self._alter),
            (Fault.REFLECT, self._reflect),
            (Fault.FORGE_REQUEST, self._forge_request),
            (Fault.FORGE_REPLY, lambda: self._answer(forgery.acceptance)),
            (Fault.FORGE_MISMATCH, lambda: self._answer(forgery.mismatch)),
            (Fault.FORGE_DENIAL, lambda: self._answer(forgery.denial)),
            (Fault.FORGE_ADVERTISEMENT, self._forge_advertisement),
            (Fault.IMPOSTOR, self._impersonate),
        ]

    def _tap(self, lan: Lan, port: Port, frame: Frame) -> bool:
        if not self._active or frame.kind is not Kind.IP:
            return False
        try:
            packet = IPv4Packet.unpack(frame.payload)
        except DecodeError:
            return False
        if not is_of_interest(packet):
            return False
        self._seen.append(Seen(lan, frame, packet))
        if not self._plot.has(Fault.DELAY) or packet.protocol != Protocol.UDP or not self._chance.happens(HELD):
            return False
        self._journal.fault(Fault.DELAY.value)
        self._timeline.after(self._chance.pick((0.5, 3.0, 6.5, 8.0, 40.0, 900.0)), lambda: lan.inject(frame))
        return True

    def _strike(self) -> None:
        if not self._active:
            return
        fault, attack = self._chance.pick(self._attacks)
        if attack():
            self._journal.note(f"adversary: {fault.value}")
            self._journal.fault(fault.value)
        self._timeline.after(self._chance.wait(MEAN_PAUSE), self._strike)

    def _pick(self, wanted: Callable[[Seen], bool]) -> Seen | None:
        fitting = [seen for seen in self._seen if wanted(seen)]
        return self._chance.pick(fitting) if fitting else None

    def _replay(self) -> bool:
        seen = self._pick(lambda seen: True)
        if seen is not None:
            seen.lan.inject(seen.frame)
        return seen is not None

    def _alter(self) -> bool:
        seen = self._pick(_is_registration)
        if seen is None:
            return False
        datagram = UdpDatagram.unpack(seen.packet)
        payload = bytearray(datagram.payload)
        for _ in range(1 + self._chance.below(2)):
            payload[self._chance.below(len(payload))] ^= 1 << self._chance.below(8)
        self._inject(seen, replace(datagram, payload=bytes(payload)))
        return True

    def _inject(self, seen: Seen, datagram: UdpDatagram) -> None:
        packet = datagram.packet(seen.packet.source, seen.packet.destination, ttl=seen.packet.ttl)
        seen.lan.inject(replace(seen.frame, payload=packet.pack()))

    def _reflect(self) -> bool:
        seen = self._pick(_is_registration)
        if seen is None or seen.frame.is_group:
            return False
        datagram = UdpDatagram.unpack(seen.packet)
        packet = datagram.packet(seen.packet.destination, seen.packet.source)
        seen.lan.inject(Frame(seen.frame.destination, seen.frame.source, Kind.IP, packet.pack()))
        return True

    def _forge_request(self) -> bool:
        """A request for the victim's home address: with a wrong key, or signed by another, honest-looking node."""
        seen = self._latest(lambda seen: seen.lan.name == "home" and _is_request(seen))
        if seen is None:
            return False
        forged = forgery.request(_payload(seen), self._chance)
        packet = UdpDatagram(source_port=434, destination_port=434, payload=forged).packet(
            forgery.ATTACKER, seen.packet.destination
        )
        seen.lan.inject(replace(seen.frame, payload=packet.pack()))
        return True

    def _latest(self, wanted: Callable[[Seen], bool]) -> Seen | None:
        return next((seen for seen in reversed(self._seen) if _is_registration(seen) and wanted(seen)), None)

    def _answer(self, forge: Callable[[bytes, Chance], bytes]) -> bool:
        """Answer the mobile node's latest request in another's name, on its own link."""
        seen = self._latest(lambda seen: seen.lan.name in PLACES and _is_request(seen))
        if seen is None:
            return False
        datagram = UdpDatagram(source_port=434, destination_port=434, payload=forge(_payload(seen), self._chance))
        packet = datagram.packet(seen.packet.destination, seen.packet.source)
        seen.lan.inject(Frame(seen.frame.destination, seen.frame.source, Kind.IP, packet.pack()))
        return True

    def _forge_advertisement(self) -> bool:
        seen = self._pick(lambda seen: seen.lan.name in PLACES)
        if seen is not None:
            packet = forgery.advertisement(self._chance, IPv4Address("10.66.0.66"))
            seen.lan.inject(Frame(forgery.ATTACKER_MAC, b"\xff" * 6, Kind.IP, packet))
        return seen is not None

    def _impersonate(self) -> bool:
        """A living agent's own advertisement, from another link-layer address."""
        seen = self._pick(lambda seen: seen.packet.protocol == Protocol.ICMP and seen.packet.payload[0] == 9)
        if seen is not None:
            seen.lan.inject(replace(seen.frame, source=forgery.ATTACKER_MAC))
        return seen is not None


def _payload(seen: Seen) -> bytes:
    return UdpDatagram.unpack(seen.packet).payload


def _is_request(seen: Seen) -> bool:
    payload = _payload(seen)
    return payload[:1] == b"\x01" and len(payload) >= 24


def _is_registration(seen: Seen) -> bool:
    if seen.packet.protocol != Protocol.UDP:
        return False
    try:
        return len(UdpDatagram.unpack(seen.packet).payload) >= 20
    except DecodeError:
        return False
