"""The home agent: answers registrations, keeps bindings, speaks for those who are away (RFC 5944 §3.8, §4.6)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address, IPv4Network

from agents.addresses import AssignedAddresses
from agents.bindings import Binding, Bindings
from agents.claim import Claim, check_authenticators, check_foreign_agent, read_claim
from agents.home_arp import proxy_arp_reply
from agents.home_plan import HomePlan
from agents.home_reply import Answer, send_reply
from agents.interfaces import link_named, own_addresses
from agents.limits import Allowance
from agents.nodes import Node, Nodes, NodesChanged
from agents.received import ReceivedRequest, read_registration
from agents.refusals import Denied, Dropped, Refusal
from agents.replay import Answered, ReplayGuard
from agents.service import check_service, is_sent_to_many
from agents.settings import HomeAgentSettings
from client.core.announcements import Announcements
from client.core.errors import DecodeError
from client.core.ipv4 import ANY, IPv4Packet
from client.core.links import Link, Links
from client.core.machine import ArpHeard, Event, Heard, LinksChanged, Output, Timeout, WallClock
from client.core.plan import Plan
from client.mipv4.codes import Code
from client.mipv4.messages import RequestFlags

DENIALS_PER_SECOND = 20
"""To one network of 256 addresses (threat T12)."""


class HomeAgent:
    """One home network's agent."""

    def __init__(self, settings: HomeAgentSettings, nodes: Nodes, wall_clock: WallClock, memory: bytes = b"") -> None:
        self.settings = settings
        self.bindings = Bindings()
        self._plan = HomePlan(settings.address, self.bindings)
        self.counters: Counter[str] = Counter()
        self._nodes = nodes.of_home_agent(settings.address)
        self._links = Links()
        self._addresses = AssignedAddresses(settings.pool, memory)
        self._replay = ReplayGuard(wall_clock, settings.tolerance)
        self._announcements = Announcements()
        self._denials = Allowance(DENIALS_PER_SECOND, DENIALS_PER_SECOND)
        self._seen_at_home: dict[IPv4Address, bytes] = {}  # link-layer addresses of nodes, as they last had them

    @property
    def deadline(self) -> float:
        """The end of a binding, or the next repetition of a gratuitous ARP."""
        return min(self.bindings.deadline, self._announcements.deadline)

    @property
    def node_count(self) -> int:
        """How many mobile nodes are at home here."""
        return len(self._nodes)

    @property
    def assigned(self) -> frozenset[IPv4Address]:
        """Addresses of the pool that nodes were given."""
        return self._addresses.all()

    def plan(self) -> Plan:
        """What is bound for a node away goes into its tunnel."""
        return self._plan.current()

    def memory(self) -> bytes:
        """The home addresses that were given out of the pool."""
        return self._addresses.memory()

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        self._expire(now)
        match event:
            case Heard():
                return self._heard(event, now)
            case ArpHeard():
                return [*proxy_arp_reply(event, self._home_link, self.bindings, self._seen_at_home)]
            case LinksChanged(links):
                self._links = links
            case NodesChanged(nodes):
                self._adopt(nodes.of_home_agent(self.settings.address))
            case Timeout():
                return [*self._announcements.due(now)]
        return []

    def _expire(self, now: float) -> None:
        for ended in self.bindings.expire(now):
            self._announcements.stop(ended.home_address)

    def _adopt(self, nodes: Nodes) -> None:
        """Other nodes from now on: what belonged to those that are gone is forgotten at once."""
        self._nodes = nodes
        self._addresses.keep(nodes)
        for binding in list(self.bindings):
            node = nodes.named(binding.nai)
            if node is None or self._addresses.known(node) != binding.home_address:
                self.bindings.forget(binding.home_address)
                self._announcements.stop(binding.home_address)

    # --- registration -----------------------------------------------------------------------------

    def _heard(self, heard: Heard, now: float) -> list[Output]:
        if not self._is_for_us(heard.packet):
            return []
        try:
            received = read_registration(heard)
            if not isinstance(received, ReceivedRequest):
                return []
            claim = read_claim(received, self._find, self.settings.foreign_agents)
        except DecodeError:
            return self._drop(Dropped("malformed"))
        if isinstance(claim, Dropped):
            return self._drop(claim)
        return self._answer(claim, now)

    def _is_for_us(self, packet: IPv4Packet) -> bool:
        to_us = packet.destination == self.settings.address or packet.destination in own_addresses(self._links)
        from_one = not (packet.source.is_multicast or packet.source.is_loopback or packet.source.is_reserved)
        return (to_us or is_sent_to_many(packet.destination, self.settings)) and from_one

    def _find(self, nai: str | None, home_address: IPv4Address) -> Node | None:
        if nai is None:
            nai = self._addresses.holder(home_address)
        return self._nodes.named(nai) if nai is not None else self._nodes.living_at(home_address)

    def _answer(self, claim: Claim, now: float) -> list[Output]:
        """The checks in the RFC's order: authentication comes before meaning."""
        refusal = check_authenticators(claim)
        if refusal:
            return self._refuse(claim, refusal, now)
        identification = claim.received.request.identification
        if not self._replay.is_timely(identification):
            return self._refuse(claim, Denied(Code.HA_IDENTIFICATION_MISMATCH), now)
        repeated = self._replay.repeated(claim.node.nai, claim.covered)
        if repeated:
            return self._repeat(claim, repeated, now)
        if not self._replay.is_new(claim.node.nai, identification):
            return self._refuse(claim, Denied(Code.HA_IDENTIFICATION_MISMATCH), now)
        refusal = check_foreign_agent(claim) or check_service(claim, self.settings, self._makes_a_loop)
        if refusal:
            return self._refuse(claim, refusal, now)
        home_address = self._home_address(claim)
        if isinstance(home_address, Denied):
            return self._refuse(claim, home_address, now)
        return self._accept(claim, home_address, now)

    def _makes_a_loop(self, care_of_address: IPv4Address) -> bool:
        """Is this an address that we would tunnel to, or our own (threat T15)?"""
        if care_of_address in self.settings.own_care_of_addresses:
            return False
        ours = care_of_address == self.settings.address or care_of_address in own_addresses(self._links)
        return ours or self._find(None, care_of_address) is not None

    def _home_address(self, claim: Claim) -> IPv4Address | Denied:
        """The node's own home address, whether or not it named it; never another one (threat T4)."""
        asked = claim.received.request.home_address
        if asked != ANY and self._addresses.known(claim.node) != asked:
            return Denied(Code.HA_PROHIBITED)
        home_address = self._addresses.of(claim.node, self._nodes, {self.settings.address, *own_addresses(self._links)})
        if home_address is None or self._is_full(claim, home_address):
            return Denied(Code.HA_RESOURCES)
        return home_address

    def _is_full(self, claim: Claim, home_address: IPv4Address) -> bool:
        new = not claim.received.request.is_deregistration and self.bindings.of(home_address) is None
        return new and len(self.bindings) >= self.settings.max_bindings

    def _accept(self, claim: Claim, home_address: IPv4Address, now: float) -> list[Output]:
        request = claim.received.request
        code = Code.ACCEPTED
        if RequestFlags.SIMULTANEOUS in request.flags:
            code = Code.ACCEPTED_NO_SIMULTANEOUS  # one binding is kept (RFC 5944 §3.4)
        self._replay.accept(claim.node.nai, Answered(request.identification, claim.covered, code))
        if request.is_deregistration:
            arps = self._release(claim, home_address, now)
        else:
            arps = self._bind(claim, home_address, now)
        lifetime = min(request.lifetime, self.settings.max_lifetime)
        self.counters["accepted"] += 1
        return [self._reply(claim, code, lifetime, home_address), *arps]

    def _bind(self, claim: Claim, home_address: IPv4Address, now: float) -> list[Output]:
        request = claim.received.request
        was_at_home = self.bindings.of(home_address) is None
        binding = Binding(
            nai=claim.node.nai,
            home_address=home_address,
            care_of_address=request.care_of_address,
            identification=request.identification,
            reverse_tunnel=RequestFlags.REVERSE_TUNNEL in request.flags,
            co_located=RequestFlags.DECAPSULATION in request.flags,
            expires=now + min(request.lifetime, self.settings.max_lifetime),
        )
        self.bindings.bind(binding, now)
        link = self._home_link
        if not was_at_home or link is None:
            return []
        return [*self._announcements.announce(home_address, link.link_layer_address, link.index, now)]

    def _release(self, claim: Claim, home_address: IPv4Address, now: float) -> list[Output]:
        """All bindings go when the care-of address is the home address, else only the one named (RFC 5944 §3.8.2.2)."""
        request = claim.received.request
        binding = self.bindings.of(home_address)
        everything = request.care_of_address in (request.home_address, home_address)
        if binding is not None and (everything or binding.care_of_address == request.care_of_address):
            self.bindings.release(home_address, now)
            self._announcements.stop(home_address)
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
        binding = self.bindings.of(home_address)
        lifetime = 0
        if not claim.received.request.is_deregistration:
            lifetime = int(binding.expires - now) if binding is not None else 0
            if lifetime == 0:
                return self._refuse(claim, Denied(Code.HA_IDENTIFICATION_MISMATCH), now)
        self.counters["repeated"] += 1
        return [self._reply(claim, answered.code, lifetime, home_address)]

    # --- answers ----------------------------------------------------------------------------------

    def _drop(self, dropped: Dropped) -> list[Output]:
        self.counters[dropped.reason] += 1
        return []

    def _refuse(self, claim: Claim, refusal: Refusal, now: float) -> list[Output]:
        if isinstance(refusal, Dropped):
            return self._drop(refusal)
        self.counters[f"denied-{refusal.code}"] += 1
        proved = refusal.code is not Code.HA_MOBILE_NODE_AUTHENTICATION  # forgers do not use up what nodes may hear
        if not self._denials.take((_network_of(claim.received.packet.source), proved), now):
            return self._drop(Dropped("denial-not-sent"))
        request = claim.received.request
        return [self._reply(claim, refusal.code, request.lifetime, request.home_address)]

    def _reply(self, claim: Claim, code: Code, lifetime: int, home_address: IPv4Address) -> Output:
        identification = claim.received.request.identification
        if code is Code.HA_IDENTIFICATION_MISMATCH:
            identification = self._replay.mismatch(identification)
        answer = Answer(code=code, lifetime=lifetime, identification=identification, home_address=home_address)
        return send_reply(claim, answer, self.settings)

    @property
    def _home_link(self) -> Link | None:
        return link_named(self._links, self.settings.interface)


def _network_of(address: IPv4Address) -> IPv4Network:
    return IPv4Network((address, 24), strict=False)
