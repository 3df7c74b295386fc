"""A link: frames go from one port to the others, and on the way things happen to them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from ipaddress import IPv4Address, IPv4Interface

from tests.simulation.chance import Chance
from tests.simulation.timeline import Timeline

BROADCAST = b"\xff" * 6


class Kind(Enum):
    """What a frame carries."""

    IP = "ip"
    ARP = "arp"


@dataclass(frozen=True, slots=True)
class Frame:
    """One frame, its payload as bytes."""

    source: bytes
    destination: bytes
    kind: Kind
    payload: bytes

    @property
    def is_group(self) -> bool:
        """Broadcast or multicast: bit 0 of the first byte."""
        return bool(self.destination[0] & 1)


@dataclass(slots=True, eq=False)
class Port:
    """A network interface, plugged into at most one link. `ups` counts how often it came up."""

    index: int
    name: str
    link_layer_address: bytes
    receive: Callable[[Port, Frame], None]
    owner: str
    lan: Lan | None = None
    addresses: list[IPv4Interface] = field(default_factory=list)
    gateway: IPv4Address | None = None
    ups: int = 0


@dataclass(slots=True)
class Impairment:
    """How bad a link is: probabilities, and seconds."""

    delay: float = 0.001
    jitter: float = 0.0
    loss: float = 0.0
    duplication: float = 0.0
    reordering: float = 0.0
    corruption: float = 0.0
    mute: str | None = None  # frames that this host sends are lost: a one-way partition
    deaf: str | None = None  # frames to this host are lost: the other way


class Lan:
    """One broadcast domain."""

    def __init__(self, name: str, timeline: Timeline, chance: Chance, happened: Callable[[str], None]) -> None:
        self.name = name
        self.impairment = Impairment()
        self.ports: list[Port] = []
        self.taps: list[Callable[[Lan, Port, Frame], bool]] = []
        self._timeline = timeline
        self._chance = chance
        self._happened = happened

    def plug(self, port: Port) -> None:
        """The port comes up here."""
        port.lan = self
        port.ups += 1
        self.ports.append(port)

    def unplug(self, port: Port) -> None:
        """The port goes down; what is on its way to it is lost."""
        port.lan = None
        self.ports.remove(port)

    def transmit(self, port: Port, frame: Frame) -> None:
        """A port sends a frame. A tap that returns True takes it away."""
        taken = [tap(self, port, frame) for tap in self.taps]
        if True not in taken:
            self.inject(frame, port.owner)

    def inject(self, frame: Frame, owner: str = "") -> None:
        """A frame appears on the link, from whomever."""
        for port in self.ports:
            if port.link_layer_address != frame.source and (
                frame.is_group or frame.destination == port.link_layer_address
            ):
                self._carry(port, frame, owner)

    def _carry(self, port: Port, frame: Frame, owner: str) -> None:
        state, draw = self.impairment, self._chance.happens
        if (state.mute is not None and state.mute == owner) or (state.deaf is not None and state.deaf == port.owner):
            self._happened("partition")
            return
        if state.loss and draw(state.loss):
            self._happened("loss")
            return
        self._arrive(port, self._damaged(frame), self._delay())
        if state.duplication and draw(state.duplication):
            self._happened("duplication")
            self._arrive(port, frame, self._delay() + self._chance.between(0.0, 0.5))

    def _damaged(self, frame: Frame) -> Frame:
        if frame.kind is Kind.ARP or not self._chance.happens(self.impairment.corruption):
            return frame
        self._happened("corruption")
        data = bytearray(frame.payload)
        data[self._chance.below(len(data))] ^= 1 + self._chance.below(255)
        return Frame(frame.source, frame.destination, frame.kind, bytes(data))

    def _delay(self) -> float:
        state = self.impairment
        delay = state.delay
        if state.jitter:
            self._happened("jitter")
            delay += self._chance.between(0.0, state.jitter)
        if state.reordering and self._chance.happens(state.reordering):
            self._happened("reordering")
            delay += self._chance.between(0.01, 3.0)
        return delay

    def _arrive(self, port: Port, frame: Frame, delay: float) -> None:
        ups = port.ups

        def arrive() -> None:
            if port.lan is self and port.ups == ups:
                port.receive(port, frame)

        self._timeline.after(delay, arrive)
