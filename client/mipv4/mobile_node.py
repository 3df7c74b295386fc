"""The mobile node: discovery, movement, registration and proof as one machine (RFC 5944 §2.4, §3.6, §4.2.1, §4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address

from client.core.icmp import IcmpType
from client.core.ipv4 import Protocol
from client.core.links import Links
from client.core.machine import (
    NEVER,
    ArpHeard,
    Command,
    Event,
    Heard,
    LinksChanged,
    Output,
    PlanRefused,
    Random,
    Timeout,
    Traffic,
    WallClock,
)
from client.core.plan import ANCHOR, EMPTY, Plan
from client.core.proof import Path, Proof
from client.core.status import Place
from client.mipv4 import plans
from client.mipv4.arp_duty import Announcer, unicast_answer
from client.mipv4.commands import CheckNow, Leave, Pause, Resume, SetReverseTunnel
from client.mipv4.discovery import Discovery
from client.mipv4.history import History
from client.mipv4.identification import Identifications
from client.mipv4.movement import AtHome, Attachment, Nowhere, Surroundings, locate
from client.mipv4.registration import TRIES_PER_HOME_AGENT, Binding, Registration
from client.mipv4.settings import Settings
from client.mipv4.target import Target, target_of

FAREWELL = 2.0
"""Seconds to wait for the answer to a deregistration before a pause or the end."""

AGENT_PENALTY = 60.0
"""Seconds for which an agent that refuses or says nothing is passed over, if there is another way."""

DENIALS_BEFORE_PENALTY = 3
FIRST_RETRY = 4.0
LONGEST_RETRY = 60.0


class MobileNode:
    """Keeps one home address reachable, wherever the links lead."""

    def __init__(self, settings: Settings, wall_clock: WallClock, random: Random, memory: bytes = b"") -> None:
        self.settings = settings
        self.wanted = settings.reverse_tunnel
        self._identifications = Identifications(random)
        self._identifications.restore(memory)
        self.registration = Registration(settings, self._identifications, wall_clock, random)
        self.discovery = Discovery(random)
        self.discovery.home_address = self.registration.home_address
        self.proof = Proof(random, settings.keepalive)
        self.history = History(wall_clock)
        self.links = Links()
        self.attachment: Attachment = Nowhere()
        self.plan_refusals: tuple[str, ...] = ()
        self.paused_until: float | None = None  # NEVER for a pause that only Resume ends
        self._farewell_until: float | None = None
        self.parted_cleanly = False  # did the home agent confirm the last farewell, or had it nothing bound?
        self._announcer = Announcer()
        self._penalties: dict[tuple[int, IPv4Address], float] = {}
        self._overlaps: set[tuple[int, int]] = set()
        self._confirmed: set[tuple[int, int]] = set()
        self._seen: Binding | None = None
        self._retry_at = NEVER
        self._retry_wait = FIRST_RETRY

    @property
    def deadline(self) -> float:
        """The earliest of all parts."""
        if self._farewell_until is not None:
            return min(self._farewell_until, self.registration.deadline)
        if self.paused_until is not None:
            return self.paused_until
        parts = (self.discovery, self.registration, self.proof, self._announcer)
        own = (self._retry_at, *self._penalties.values())
        return min(*(part.deadline for part in parts), *own)

    def memory(self) -> bytes:
        """The clock offset and the identification floor."""
        return self._identifications.pack()

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        outputs = self._dispatch(event, now)
        if self.paused_until is None:
            outputs += self._follow(now)
        return outputs + self._take_note(now)

    def _dispatch(self, event: Event, now: float) -> list[Output]:
        match event:
            case LinksChanged(links=links):
                return self._change_links(links, now)
            case Heard():
                return self._hear(event, now)
            case ArpHeard():
                return self._answer_arp(event)
            case Timeout():
                return self._tick(now)
            case Traffic(sent=sent):
                return [*self.proof.traffic(sent, now)]
            case PlanRefused(reasons=reasons):
                self.plan_refusals = reasons
            case Command():
                return self._obey(event, now)
        return []

    def _change_links(self, links: Links, now: float) -> list[Output]:
        before = {link.index: link.ups for link in self.links.up()}
        after = {link.index: link.ups for link in links.up()}
        for index in after.keys() - before.keys() | {i for i in after if after[i] != before.get(i)}:
            self.history.link_up(index, now)
        self.links = links
        alive = set(after.items())
        self._overlaps &= alive
        self._confirmed &= alive
        return [*self.discovery.change_links(links, now)] if self.paused_until is None else []

    def _hear(self, heard: Heard, now: float) -> list[Output]:
        packet = heard.packet
        if packet.protocol == Protocol.UDP and heard.interface != ANCHOR:
            return [*self.registration.reply(packet, now)]
        if packet.protocol != Protocol.ICMP or not packet.payload:
            return []
        if packet.payload[0] == IcmpType.ROUTER_ADVERTISEMENT and self.paused_until is None:
            self.discovery.hear(heard, now)
        elif packet.payload[0] == IcmpType.ECHO_REPLY:
            self._hear_echo(heard, now)
        return []

    def _hear_echo(self, heard: Heard, now: float) -> None:
        failing = self.proof.failing
        if not self.proof.hear(heard.packet, heard.interface, heard.link_layer_source, now):
            return
        self._retry_at, self._retry_wait = NEVER, FIRST_RETRY
        if failing:
            self.history.note("working-again")
        self.history.arrived(now)

    def _answer_arp(self, heard: ArpHeard) -> list[Output]:
        link, target, home_address = self.links.get(heard.interface), self.registration.target, self.home_address
        if link is None or target is None or home_address is None or target.at_home:
            return []
        return [*unicast_answer(heard, home_address, target.agent_link_layer_address, link.link_layer_address)]

    @property
    def home_address(self) -> IPv4Address | None:
        """Configured, or assigned by the home agent."""
        return self.registration.home_address

    def _tick(self, now: float) -> list[Output]:
        self._penalties = {key: until for key, until in self._penalties.items() if until > now}
        outputs: list[Output] = [*self._announcer.tick(now), *self._end_pauses(now)]
        if self.paused_until is None:
            outputs += self.discovery.tick(now)
            outputs += self._judge_silence(now)
        outputs += self.registration.timeout(now)
        outputs += self.proof.timeout(now)
        return outputs + self._recover(now)

    def _judge_silence(self, now: float) -> list[Output]:
        """What only looked like home and did not answer is not home; an agent that says nothing is passed over."""
        registration = self.registration
        if now < registration.deadline or registration.tries < TRIES_PER_HOME_AGENT or registration.target is None:
            return []
        if registration.target.unconfirmed:
            self._overlaps.add(registration.target.link)
            self.history.note("overlap", network=self.settings.home_network)
        elif registration.target.agent:
            self._penalise(registration.target, now)
        return []

    def _penalise(self, target: Target, now: float) -> None:
        if target.agent:
            self._penalties[(target.link[0], target.agent)] = now + AGENT_PENALTY

    def _recover(self, now: float) -> list[Output]:
        """Nothing comes back: register again at once, then ever more seldom, until something does."""
        if not self.proof.failing:
            self._retry_at = NEVER
            return []
        if self._retry_at == NEVER:
            self.history.note("stalled")
            self._retry_at, self._retry_wait = now, FIRST_RETRY
        if now < self._retry_at:
            return []
        self._retry_at = now + self._retry_wait
        self._retry_wait = min(self._retry_wait * 2, LONGEST_RETRY)
        return [*self.registration.again(now)]

    def _obey(self, command: Command, now: float) -> list[Output]:
        match command:
            case SetReverseTunnel(value=value):
                self.wanted = value
                self.registration.forget_rules()
            case Pause(until=until):
                return self._pause(NEVER if until is None else until, now)
            case Leave():
                return self._pause(NEVER, now)
            case Resume() if self.paused_until is not None:
                return self._resume(now)
            case CheckNow():
                proven = self.proof.is_proven(now)
                return [*self.proof.check(now), *([] if proven else self.registration.again(now))]
        return []

    def _pause(self, until: float, now: float) -> list[Output]:
        self.paused_until = until
        self.proof.end()
        self._retry_at = NEVER
        if self.home_address:
            self._announcer.stop(self.home_address)
        bound = self.registration.binding is not None and self.registration.binding.lifetime > 0
        self.parted_cleanly = not bound
        if not bound:
            self._part()
            return []
        self._farewell_until = now + FAREWELL
        return [*self.registration.deregister(now)]

    def _part(self) -> None:
        self.registration.forget()
        self._farewell_until, self._seen, self.attachment = None, None, Nowhere()

    def _end_pauses(self, now: float) -> list[Output]:
        if self._farewell_until is not None and now >= self._farewell_until:
            self.history.note("left-unconfirmed")
            self._part()
        if self.paused_until is not None and self._farewell_until is None and now >= self.paused_until:
            return self._resume(now)
        return []

    def _resume(self, now: float) -> list[Output]:
        self.paused_until = None
        self._part()
        self.discovery.change_links(Links(), now)
        return [*self.discovery.change_links(self.links, now)]

    @property
    def left(self) -> bool:
        """Is the pause, or the end, in force: nothing is bound, or nobody answered in time?"""
        return self.paused_until is not None and self._farewell_until is None

    def _follow(self, now: float) -> list[Output]:
        """Where are we now, and is it registered?"""
        before, self.attachment = self.attachment, self._locate(now)
        target = target_of(self.attachment, self.home_address, self.wanted)
        arriving = isinstance(self.attachment, AtHome) and self.attachment.certain and not _was_certain(before)
        self._record(before, target, now)
        return [*(self._announce(self.attachment, now) if arriving else ()), *self.registration.aim(target, now)]

    def _locate(self, now: float) -> Attachment:
        def look(refusing: frozenset[tuple[int, IPv4Address]]) -> Attachment:
            return locate(
                Surroundings(
                    settings=self.settings,
                    home_address=self.home_address,
                    links=self.links,
                    agents=self.discovery.agents,
                    now=now,
                    current=self.attachment,
                    refusing=refusing,
                    overlaps=frozenset(self._overlaps),
                    confirmed=frozenset(self._confirmed),
                )
            )

        found = look(frozenset(self._penalties))
        return look(frozenset()) if isinstance(found, Nowhere) and self._penalties else found

    def _announce(self, attachment: Attachment, now: float) -> Sequence[Output]:
        """Home again: first tell the link, then the home agent (§4.6). The plan lets us answer ARP before both."""
        if not isinstance(attachment, AtHome) or self.home_address is None:
            return ()
        link = attachment.link
        return self._announcer.announce(self.home_address, link.link_layer_address, link.index, now)

    def _record(self, before: Attachment, target: Target | None, now: float) -> None:
        if not isinstance(before, Nowhere) and target is None:
            self.history.left(now)
            self.proof.end()
            self._retry_at = NEVER
        if self.home_address and (target is None or not target.at_home):
            self._announcer.stop(self.home_address)
        aimed = self.registration.target
        if target and (aimed is None or _place(aimed) != _place(target)):
            link = self.links.get(target.link[0])
            self.history.moving(f"{target.place.value} {link.name if link else ''}", target.place, target.link[0], now)

    def _take_note(self, now: float) -> list[Output]:
        """Has the home agent agreed, or an agent refused, since we last looked?"""
        binding, registration = self.registration.binding, self.registration
        target = registration.target
        if registration.hints >= DENIALS_BEFORE_PENALTY and target:
            self._penalise(target, now)
        if binding is self._seen:
            return []
        self._seen = binding
        if binding is None:
            self.history.note("binding-ended")
            return []
        self.discovery.home_address = binding.home_address
        if self._farewell_until is not None:
            self.parted_cleanly = True
            self._part()
            return []
        return self._bound(binding, now)

    def _bound(self, binding: Binding, now: float) -> list[Output]:
        target = binding.target
        self.history.note("registered", place=target.place.value, care_of=target.care_of_address, code=binding.code)
        self.history.registered(now, self.registration.requests)
        self.discovery.settle(frozenset({target.link[0]}) if target.place is Place.CO_LOCATED else frozenset())
        if target.at_home:
            if target.unconfirmed:
                self._confirmed.add(target.link)
            self.proof.end()
            self._retry_at = NEVER
            self.history.arrived(now)
            return [*self._follow(now)] if target.unconfirmed else []
        return [*self.proof.begin(_path(binding), now)]

    def plan(self) -> Plan:
        """Everything for where we are; nothing during a pause."""
        if self.left:
            return EMPTY
        return plans.plan(
            plans.Situation(
                home_address=self.home_address,
                home_network=self.settings.home_network,
                links=self.links,
                attachment=self.attachment,
                binding=self.registration.binding,
            )
        )


def _was_certain(attachment: Attachment) -> bool:
    return isinstance(attachment, AtHome) and attachment.certain


def _place(target: Target) -> tuple[object, ...]:
    return (target.place, target.link, target.care_of_address)


def _path(binding: Binding) -> Path:
    """Probes go to the home agent; their answers come out of our tunnel, or from the foreign agent's own hand."""
    target = binding.target
    if target.place is Place.FOREIGN_AGENT:
        interface, link_layer = target.link[0], target.agent_link_layer_address
    else:
        interface, link_layer = ANCHOR, None
    return Path(
        source=binding.home_address, target=binding.home_agent, interface=interface, link_layer_source=link_layer
    )
