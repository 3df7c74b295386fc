"""The home agent: answers registrations, keeps bindings, speaks for those who are away (RFC 5944 §3.8, §4.6)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv4Network

from agents.addresses import AssignedAddresses
from agents.admission import Admission, Granted, Repeated
from agents.agreement import Agreement
from agents.bindings import Binding, Bindings
from agents.claim import Claim, read_claim
from agents.home_arp import proxy_arp_reply
from agents.home_plan import HomePlan
from agents.home_reply import Answer, send_reply
from agents.interfaces import link_named, own_addresses
from agents.limits import Allowance
from agents.memberships import Memberships
from agents.nodes import Nodes, NodesChanged
from agents.received import ReceivedRequest, read_registration
from agents.refusals import Denied, Dropped
from agents.replay import Answered, ReplayGuard
from agents.service import is_sent_to_many
from agents.settings import HomeAgentSettings
from client.core.announcements import Announcements
from client.core.errors import DecodeError
from client.core.ipv4 import ANY, IPv4Packet, Protocol
from client.core.links import Link, Links
from client.core.machine import ArpHeard, Event, Heard, LinksChanged, Output, Timeout, WallClock
from client.core.plan import ANCHOR, Encapsulation, Plan
from client.mipv4.codes import Code
from client.mipv4.messages import RequestFlags

DENIALS_PER_SECOND = 20
"""To one network of 256 addresses (threat T12)."""


class HomeAgent:
    """One home network's agent."""

    def __init__(self, settings: HomeAgentSettings, nodes: Nodes, wall_clock: WallClock, memory: bytes = b"") -> None:
        self.settings = settings
        self.bindings = Bindings()
        self.counters: Counter[str] = Counter()
        self.memberships = Memberships(settings.address, self.counters)
        self._plan = HomePlan(settings, self.bindings, self.memberships)
        self._links = Links()
        self._addresses = AssignedAddresses(settings.pool, memory)
        self._replay = ReplayGuard(wall_clock, settings.tolerance)
        self._admission = Admission(settings, self.bindings, self._addresses, self._replay)
        self._admission.nodes = nodes.of_home_agent(settings.address)
        self._announcements = Announcements()
        self._denials = Allowance(DENIALS_PER_SECOND, DENIALS_PER_SECOND)
        self._seen_at_home: dict[IPv4Address, bytes] = {}  # link-layer addresses of nodes, as they last had them

    @property
    def deadline(self) -> float:
        """The end of a binding, the next repetition of a gratuitous ARP, or the next question for groups."""
        return min(self.bindings.deadline, self._announcements.deadline, self.memberships.deadline)

    @property
    def node_count(self) -> int:
        """How many mobile nodes are at home here."""
        return len(self._admission.nodes)

    @property
    def assigned(self) -> frozenset[IPv4Address]:
        """Addresses of the pool that nodes were given."""
        return self._addresses.all()

    def plan(self) -> Plan:
        """What is bound for a node away goes into its tunnels."""
        link = self._home_link
        return self._plan.current(link.index if link is not None else None)

    def memory(self) -> bytes:
        """The home addresses that were given out of the pool."""
        return self._addresses.memory()

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        self._expire(now)
        match event:
            case Heard(packet=packet, interface=interface) if packet.protocol == Protocol.IGMP:
                self._heard_igmp(packet, interface, now)
            case Heard():
                return self._heard(event, now)
            case ArpHeard():
                return [*proxy_arp_reply(event, self._home_link, self.bindings, self._seen_at_home)]
            case LinksChanged(links):
                self._links = links
                self._admission.own_addresses = own_addresses(links)
            case NodesChanged(nodes):
                self._adopt(nodes.of_home_agent(self.settings.address))
            case Timeout():
                return [*self._announcements.due(now), *self.memberships.due(now)]
        return []

    def _expire(self, now: float) -> None:
        for ended in self.bindings.expire(now):
            if not self.bindings.of(ended.home_address):
                self._forget(ended.home_address)

    def _forget(self, home_address: IPv4Address) -> None:
        """What an absent node alone has."""
        self._announcements.stop(home_address)
        self.memberships.forget(home_address)

    def _adopt(self, nodes: Nodes) -> None:
        """Other nodes from now on: what belonged to those that are gone is forgotten at once."""
        self._admission.nodes = nodes
        self._addresses.keep(nodes)
        for binding in list(self.bindings):
            node = nodes.named(binding.nai)
            if node is None or self._addresses.known(node) != binding.home_address:
                self.bindings.forget(binding.home_address)
                self._forget(binding.home_address)

    def _heard_igmp(self, packet: IPv4Packet, interface: int, now: float) -> None:
        """What came out of a tunnel had the inner source of its binding, or it would not have come out."""
        bindings = self.bindings.of(packet.source)
        if interface == ANCHOR and self.settings.multicast and any(binding.reverse_tunnel for binding in bindings):
            self.memberships.heard(packet.source, packet, now)

    # --- registration -----------------------------------------------------------------------------

    def _heard(self, heard: Heard, now: float) -> list[Output]:
        if not self._is_for_us(heard.packet):
            return []
        try:
            received = read_registration(heard)
            if not isinstance(received, ReceivedRequest):
                return []
            claim = read_claim(received, self._admission.find, self.settings.foreign_agents)
        except DecodeError:
            return self._drop(Dropped("malformed"))
        if isinstance(claim, Dropped):
            return self._drop(claim)
        return self._answer(claim, now)

    def _is_for_us(self, packet: IPv4Packet) -> bool:
        to_us = packet.destination == self.settings.address or packet.destination in own_addresses(self._links)
        from_one = not (packet.source.is_multicast or packet.source.is_loopback or packet.source.is_reserved)
        return (to_us or is_sent_to_many(packet.destination, self.settings)) and from_one

    def _answer(self, claim: Claim, now: float) -> list[Output]:
        match self._admission.decide(claim):
            case Granted() as granted:
                return self._accept(claim, granted, now)
            case Repeated(answered):
                return self._repeat(claim, answered, now)
            case Denied() as denied:
                return self._deny(claim, denied.code, now)
            case Dropped() as dropped:
                return self._drop(dropped)

    def _accept(self, claim: Claim, granted: Granted, now: float) -> list[Output]:
        if granted.agreement is None:
            lifetime, outputs = 0, self._release(claim, granted.home_address, now)
        else:
            lifetime = self._lifetime(claim, granted.agreement)
            binding = self._binding(claim, granted.home_address, granted.agreement, now + lifetime)
            outputs = self._bind(claim, binding, now)
        self.counters["accepted"] += 1
        return [self._reply(claim, granted.answered, lifetime, granted.home_address), *outputs]

    def _lifetime(self, claim: Claim, agreement: Agreement) -> int:
        """Seconds; fewer where packets follow a source address that nobody has signed (RFC 3519 §6)."""
        longest = self.settings.max_lifetime
        if agreement.path.encapsulation is Encapsulation.UDP:
            longest = min(longest, self.settings.udp_lifetime)
        return min(claim.received.request.lifetime, longest)

    def _binding(self, claim: Claim, home_address: IPv4Address, agreement: Agreement, expires: float) -> Binding:
        request = claim.received.request
        return Binding(
            nai=claim.node.nai,
            home_address=home_address,
            care_of_address=request.care_of_address,
            identification=request.identification,
            path=agreement.path,
            reverse_tunnel=RequestFlags.REVERSE_TUNNEL in request.flags,
            co_located=RequestFlags.DECAPSULATION in request.flags,
            expires=expires,
            broadcasts=self.settings.broadcasts and RequestFlags.BROADCAST in request.flags,
        )

    def _bind(self, claim: Claim, binding: Binding, now: float) -> list[Output]:
        home_address, link, before = binding.home_address, self._home_link, self.bindings.of(binding.home_address)
        beside_others = RequestFlags.SIMULTANEOUS in claim.received.request.flags
        self.bindings.bind(binding, now, beside_others=beside_others and self.settings.simultaneous_bindings > 1)
        if link is not None and self.settings.multicast and binding.speaks and not any(one.speaks for one in before):
            self.memberships.follow(home_address, now)
        if before or link is None:
            return []
        return [*self._announcements.announce(home_address, link.link_layer_address, link.index, now)]

    def _release(self, claim: Claim, home_address: IPv4Address, now: float) -> list[Output]:
        """All bindings go when the care-of address is the home address, else only the one named (RFC 5944 §3.8.2.2)."""
        request = claim.received.request
        everything = request.care_of_address in (request.home_address, home_address)
        if self.bindings.release(home_address, now, None if everything else request.care_of_address):
            self._forget(home_address)
        return self._welcome(claim, home_address, now) if everything else []

    def _welcome(self, claim: Claim, home_address: IPv4Address, now: float) -> list[Output]:
        """Tell the home link where a node that came back lives now (RFC 5944 §4.6)."""
        heard, link = claim.received.heard, self._home_link
        from_home = link is not None and heard.interface == link.index and heard.packet.source in (ANY, home_address)
        if not from_home or not heard.link_layer_source:
            return []
        self._seen_at_home[home_address] = heard.link_layer_source
        return [*self._announcements.announce(home_address, heard.link_layer_source, heard.interface, now)]

    def _repeat(self, claim: Claim, answered: Answered, now: float) -> list[Output]:
        """The network doubled an accepted request: the same answer, and nothing longer than before."""
        home_address = self._addresses.known(claim.node) or ANY
        request, lifetime = claim.received.request, 0
        if not request.is_deregistration:
            binding = self.bindings.at(home_address, request.care_of_address)
            lifetime = int(binding.expires - now) if binding is not None else 0
            if lifetime == 0:
                return self._deny(claim, Code.HA_IDENTIFICATION_MISMATCH, now)
        self.counters["repeated"] += 1
        return [self._reply(claim, answered, lifetime, home_address)]

    # --- answers ----------------------------------------------------------------------------------

    def _drop(self, dropped: Dropped) -> list[Output]:
        self.counters[dropped.reason] += 1
        return []

    def _deny(self, claim: Claim, code: Code, now: float) -> list[Output]:
        self.counters[f"denied-{code}"] += 1
        proved = code is not Code.HA_MOBILE_NODE_AUTHENTICATION  # forgers do not use up what nodes may hear
        if not self._denials.take((_network_of(claim.received.packet.source), proved), now):
            return self._drop(Dropped("denial-not-sent"))
        request = claim.received.request
        identification = request.identification
        if code is Code.HA_IDENTIFICATION_MISMATCH:
            identification = self._replay.mismatch(identification)
        answered = Answered(identification, b"", code)
        return [self._reply(claim, answered, request.lifetime, request.home_address)]

    def _reply(self, claim: Claim, answered: Answered, lifetime: int, home_address: IPv4Address) -> Output:
        answer = Answer(
            code=answered.code,
            lifetime=lifetime,
            identification=answered.identification,
            home_address=home_address,
            udp=answered.udp,
        )
        return send_reply(claim, answer, self.settings)

    @property
    def _home_link(self) -> Link | None:
        return link_named(self._links, self.settings.interface)


def _network_of(address: IPv4Address) -> IPv4Network:
    return IPv4Network((address, 24), strict=False)
