"""Judges a run by RFC 6275 alone: it sees what machines hear, send and want, and reads the wire by itself."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from ipaddress import IPv6Address

from client.core.ipv6 import IPv6Packet
from client.core.machine import Heard6, Output, Send6
from client.core.plan import Encapsulation, End, Plan, Tunnel
from tests.simulation.ipv6.process import Process
from tests.simulation.ipv6.world import CARD, CORRESPONDENTS, HOME_ADDRESS, HOME_AGENT, World

HOME_TEST, CARE_OF_TEST, UPDATE = 3, 4, 5
NONCE_LIFETIME, BINDING_LIFETIME, TOKEN_LIFETIME = 240.0, 420.0, 210.0
SLACK = 20.0
"""Seconds that a message may be on its way here, plus what an address was under test."""


@dataclass(frozen=True, slots=True)
class Update:
    """What a Binding Update says (§6.1.7)."""

    sequence: int
    home_registration: bool
    lifetime: int


def message_type(packet: IPv6Packet) -> int | None:
    """The MH type."""
    return packet.payload[2] if packet.next_header == 135 and len(packet.payload) >= 8 else None


def read_update(packet: IPv6Packet) -> Update | None:
    """§6.1.7."""
    if message_type(packet) != UPDATE or len(packet.payload) < 12:
        return None
    sequence, flags, units = struct.unpack_from("!HHH", packet.payload, 6)
    return Update(sequence, bool(flags & 0x4000), 4 * units)


class Oracle:
    """One for all machines."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._check = world.journal.check
        self._held: dict[IPv6Address, float] = {}  # care-of addresses, and when they were last seen held
        self._sequences: dict[tuple[IPv6Address, int, int], bytes] = {}  # of updates, by their receiver
        self._tests: dict[tuple[str, int, IPv6Address], float] = {}  # answers sent by a correspondent, to whom
        self.home_updates = 0
        for process in world.processes.values():
            process.observers.append(self)

    def heard(self, process: Process, heard: Heard6) -> None:
        """What machines hear is judged by what they do."""

    def acted(self, process: Process, plan: Plan, outputs: Sequence[Output]) -> None:
        """Messages first, then the plan."""
        self._look()
        for output in outputs:
            if isinstance(output, Send6):
                self._sent(process, output.packet)
        self.planned(process, plan)

    def _look(self) -> None:
        now = self._world.timeline.now
        for one in self._world.mobile_node.addresses[CARD].held:
            self._held[one.ip] = now

    def _sent(self, process: Process, packet: IPv6Packet) -> None:
        if process.name == "mobile":
            self._mobile_sent(packet)
        kind = message_type(packet)
        if kind in (HOME_TEST, CARE_OF_TEST):
            self._tests[process.name, kind, packet.destination] = self._world.timeline.now

    def _mobile_sent(self, packet: IPv6Packet) -> None:
        update = read_update(packet)
        if packet.next_header == 135:
            own = packet.source == HOME_ADDRESS or self._world.mobile_node.has_usable(packet.source)
            self._check("tentative", own, f"signalling from {packet.source}, which may not be used")
        if update is None:
            return
        # A correspondent tells a node that has forgotten all its last number (status 135), and that goes on from there.
        life = 0 if update.home_registration else self._world.processes["mobile"].life
        key = (packet.destination, update.sequence, life)
        before = self._sequences.setdefault(key, packet.payload)
        self._check("sequence", before == packet.payload, f"sequence number {update.sequence} again")
        if update.home_registration:
            self.home_updates += 1
            self._check("receiver", packet.destination == HOME_AGENT, f"home update to {packet.destination}")

    def planned(self, process: Process, plan: Plan) -> None:
        """Tunnels lead only to where the mobile node has been, and direct ones only where it has proved to be."""
        for tunnel in plan:
            if isinstance(tunnel, Tunnel):
                self._judge(process, tunnel)

    def _judge(self, process: Process, tunnel: Tunnel) -> None:
        self._check("whose", tunnel.home_address == HOME_ADDRESS, f"{process.name}: a tunnel for another home address")
        if tunnel.end is End.MOBILE:
            known = (HOME_AGENT,) if tunnel.encapsulation is Encapsulation.IPIP else CORRESPONDENTS
            self._check("remote", tunnel.remote in known, f"{process.name}: a tunnel to {tunnel.remote}")
        elif tunnel.sends:
            assert isinstance(tunnel.remote, IPv6Address), "a tunnel of the other family"
            self._judge_far(process, tunnel.remote, direct=tunnel.encapsulation is Encapsulation.DIRECT)

    def _judge_far(self, process: Process, remote: IPv6Address, *, direct: bool) -> None:
        """A home agent or a correspondent sends there."""
        now = self._world.timeline.now
        longest = BINDING_LIFETIME if direct else float(self._world.lifetime)
        held = self._held.get(remote, float("-inf"))
        self._check("had", now <= held + longest + SLACK, f"{process.name} sends to {remote}, not had within {longest}")
        if direct:
            for kind, address in ((HOME_TEST, HOME_ADDRESS), (CARE_OF_TEST, remote)):
                sent = self._tests.get((process.name, kind, address), float("-inf"))
                limit = sent + NONCE_LIFETIME + BINDING_LIFETIME + SLACK
                self._check("tokens", now <= limit, f"{process.name}: direct to {remote}, no token of kind {kind}")

    def strange(self, address: IPv6Address) -> None:
        """A program saw an address of the mobile node that it must not see."""
        self._check("visible", False, f"a program sees {address}")
