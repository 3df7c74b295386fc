"""The home agent for IPv6: bindings, those who are away on the home link, and who may know of it (RFC 6275 §10)."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from ipaddress import IPv6Address

from agents.home6.advertiser import Advertiser6
from agents.home6.bindings import Binding6
from agents.home6.discovery import Discovery
from agents.home6.home_link import HomeLink
from agents.home6.plan import HomePlan6
from agents.home6.prefix_deliveries import PrefixDeliveries
from agents.home6.prefixes import HomePrefixes, PrefixesChanged
from agents.home6.protection import Opened, Protection, one_hop_on
from agents.home6.registrar import Registrar
from agents.home6.residents import Residents
from agents.home6.settings import Home6Settings, HomePrefix
from agents.home6.update import Update, read_update
from agents.nodes import Node, Nodes, NodesChanged
from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message, Icmp6Type
from client.core.ipv6 import IPv6Packet, NextHeader
from client.core.links import Link, Links
from client.core.machine import Event, Heard6, LinksChanged, Output, Random, Send6, WallClock
from client.core.plan import Plan
from mipv6.allowance import Allowance
from mipv6.esp import spi_of
from mipv6.messages import BindingUpdate
from mipv6.mobility_header import unpack
from mipv6.neighbour_messages import NeighbourAdvertisement, NeighbourSolicitation
from mipv6.refusals import Refusals

ERRORS_PER_SECOND = 20
"""To one network of 64 bits (threat T12)."""


class HomeAgent6:
    """One home link's agent. Of mobility headers it hears home registrations alone, unless it is by itself."""

    def __init__(
        self, settings: Home6Settings, nodes: Nodes, wall_clock: WallClock, random: Random, memory: bytes = b""
    ) -> None:
        self.settings = settings
        self.counters: Counter[str] = Counter()
        self.prefixes = HomePrefixes(settings.prefixes)
        self._residents = Residents(nodes, self.prefixes)
        self.registrar = Registrar(settings, self.prefixes, self._residents, wall_clock, self.counters, memory)
        self.bindings = self.registrar.bindings
        self._plan = HomePlan6(settings, self.prefixes, self.bindings, self.registrar.trials)
        self._home_link = HomeLink(settings, self.bindings)
        self.discovery = Discovery(settings, self.prefixes, random, self.counters)
        self._advertiser = Advertiser6(settings, self.prefixes, random, self.counters)
        self._deliveries = PrefixDeliveries(settings, self.prefixes, self.bindings, random, self.counters)
        self._protection = Protection(self._residents, self.bindings, random, self.counters)
        self._refusals = Refusals(Allowance(ERRORS_PER_SECOND), self.counters)
        self._plan.expect_esp(nodes.esp_spis)

    @property
    def deadline(self) -> float:
        """The end of a binding or a trial, or the next thing to say unasked."""
        speakers = (self._home_link, self._advertiser, self._deliveries)
        return min(self.registrar.deadline, *(speaker.deadline for speaker in speakers))

    @property
    def node_count(self) -> int:
        """How many mobile nodes are at home here."""
        return len(self._residents.nodes.fixed_addresses6)

    def plan(self) -> Plan:
        """What is bound for a node away goes into its tunnel."""
        link = self._home_link.link
        return self._plan.current(link.index if link is not None else None)

    def memory(self) -> bytes:
        """Sequence numbers of nodes without timestamps; of the others, what is older than our start is refused."""
        return self.registrar.sequences.memory()

    def care_of_address(self, home_address: IPv6Address) -> IPv6Address | None:
        """Where a node is bound; None while it is at home."""
        binding = self.bindings.of(home_address)
        return binding.care_of_address if binding is not None else None

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        return [self._protection.seal(output) for output in self._handle(event, now)]

    def protects(self, packet: IPv6Packet) -> bool:
        """Is this the ESP of one of our nodes?"""
        try:
            return self._residents.nodes.protected_by(spi_of(packet)) is not None
        except DecodeError:
            return False

    def intercepts(self, packet: IPv6Packet) -> bool:
        """Is this for a node that is away?"""
        return self.bindings.of(packet.destination) is not None

    def pass_on(self, output: Output) -> Output:
        """A mobility header for one of our nodes goes in ESP, if that has it; all else as it is."""
        sealed = self._protection.pass_on(output.packet) if isinstance(output, Send6) else None
        return sealed or output

    def _handle(self, event: Event, now: float) -> list[Output]:
        self.prefixes.begin(now)
        outputs = self._expire(now)
        match event:
            case Heard6():
                outputs += self._heard(event, now)
            case LinksChanged(links):
                outputs += self._adopt_links(links, now)
            case NodesChanged(nodes):
                self._adopt_nodes(nodes, now)
            case PrefixesChanged(prefixes):
                self._adopt_prefixes(prefixes, now)
        if not isinstance(event, Heard6):
            outputs += self._due(now)
        return outputs

    def _expire(self, now: float) -> list[Output]:
        """Ends first: what is heard now finds things as they are now."""
        for ended in self.bindings.expire(now):
            self._leave(ended)
        outputs: list[Output] = []
        for binding, acknowledgement in self.registrar.passed(now):
            self._deliveries.bound(binding, now)
            outputs += [acknowledgement, *self._home_link.announce(binding, now)]
        return outputs

    def _due(self, now: float) -> list[Output]:
        deliveries = self._deliveries.due(self._home_link.link, now)
        return [*self._home_link.due(now), *self._advertiser.due(now), *deliveries]

    # --- what a person or the kernel changed --------------------------------------------------------

    def _adopt_links(self, links: Links, now: float) -> list[Output]:
        addresses = {address.ip for link in links.links for address in link.addresses6}
        local = {link.link_local for link in links.links if link.link_local}
        self.registrar.admission.own_addresses = addresses | local
        announced = self._home_link.adopt(links, now)
        self._advertiser.attend(self._home_link.link, now)
        return [*announced]

    def _adopt_nodes(self, nodes: Nodes, now: float) -> None:
        """Other nodes from now on: what belonged to those that are gone is forgotten at once."""
        before, self._residents.nodes = Residents(self._residents.nodes, self.prefixes), nodes
        self._plan.expect_esp(nodes.esp_spis)
        for home_address in before.nodes.fixed_addresses6 | {binding.home_address for binding in self.bindings}:
            was, is_ = before.at(home_address), self._residents.at(home_address)
            if was is not None and (is_ is None or is_.nai != was.nai):
                self._forget(home_address)
            elif was is not None and is_ is not None and was.v6 != is_.v6:
                self._protect(home_address, is_, now)

    def _protect(self, home_address: IPv6Address, node: Node, now: float) -> None:
        """Its keys are others: the tunnel does as they say from now on, and a trial under the old ones is void."""
        binding, protected = self.bindings.of(home_address), node.v6 is not None and node.v6.esp is not None
        self.registrar.trials.end(home_address)
        if binding is not None and binding.protected is not protected:
            self.bindings.bind(replace(binding, protected=protected), now)

    def _adopt_prefixes(self, prefixes: tuple[HomePrefix, ...], now: float) -> None:
        """Bindings of home addresses that are valid no more go at once (RFC 6275 §10.3.1)."""
        changed = self.prefixes.adopt(prefixes, now)
        for binding in list(self.bindings):
            self._fit(binding, now)
        self._advertiser.changed(now)
        if changed:
            self._deliveries.changed(self.bindings, now)

    def _fit(self, binding: Binding6, now: float) -> None:
        """No binding lasts longer than the prefix of its home address."""
        home = self.prefixes.of(binding.home_address, now)
        if home is None:
            self._forget(binding.home_address)
            return
        left = self.prefixes.limit(home, binding.lifetime, now)
        if now + left < binding.expires:
            self.bindings.bind(replace(binding, expires=now + left), now)

    def _forget(self, home_address: IPv6Address) -> None:
        binding = self.bindings.of(home_address)
        if binding is not None:
            self._leave(binding)
        self.registrar.forget(home_address)

    # --- packets ------------------------------------------------------------------------------------

    def _heard(self, heard: Heard6, now: float) -> list[Output]:
        opened = self._protection.open(heard)
        if opened is None:
            return []
        heard = opened.heard
        if opened.onward:
            return [self.pass_on(Send6(packet=heard.packet))]
        if heard.packet.next_header == NextHeader.MOBILITY:
            for_us = self._is_for_us(heard.packet)
            return self._heard_mobility_header(opened, now) if for_us else self._intercepted(heard.packet)
        try:
            return self._heard_icmp(heard, now)
        except DecodeError:
            self.counters["malformed"] += 1
            return []

    def _heard_mobility_header(self, opened: Opened, now: float) -> list[Output]:
        try:
            message = unpack(opened.heard.packet)
        except DecodeError as error:
            return [*self._refusals.malformed(opened.heard, error, now)]
        if isinstance(message, BindingUpdate) and message.home_registration:
            return self._update(read_update(opened.heard, message, opened.node), now)
        return []

    def _intercepted(self, packet: IPv6Packet) -> list[Output]:
        """A home test for a node with ESP: its tunnel leaves that to us (RFC 3776 §3.2)."""
        sealed = self._protection.pass_on(one_hop_on(packet)) if packet.hop_limit > 1 else None
        return [sealed] if sealed else []

    def _is_for_us(self, packet: IPv6Packet) -> bool:
        """Is this the address of ours that home addresses have their home agent at (RFC 6275 §6.1.7)?"""
        return packet.destination in self._addresses_at_home and packet.routing is None

    def _update(self, update: Update, now: float) -> list[Output]:
        """A node that deregisters is left alone before it hears that it is at home (RFC 6275 §10.3.2)."""
        before = self.bindings.of(update.home_address)
        outputs = self.registrar.answer(update, self._home_link.up, now)
        after = self.bindings.of(update.home_address)
        if before is not None and after is None:
            self._leave(before)
        if self.registrar.parting is update:
            self._home_link.came_back(update.home_address, update.heard)
        if after is not None and after is not before:
            self._deliveries.bound(after, now)
        if after is not None and before is None:
            outputs += self._home_link.announce(after, now)
        return outputs

    def _heard_icmp(self, heard: Heard6, now: float) -> list[Output]:
        kind = Icmp6Message.unpack(heard.packet).type
        if kind == Icmp6Type.HOME_AGENT_REQUEST:
            return [*self.discovery.asked(heard, self._addresses_at_home, now)]
        if kind == Icmp6Type.PREFIX_SOLICITATION and self._is_for_us(heard.packet):
            return [*self._deliveries.asked(heard, self._home_link.link, now)]
        link = self._home_link.link
        return self._heard_neighbour(heard, kind, link, now) if link and heard.interface == link.index else []

    def _heard_neighbour(self, heard: Heard6, kind: int, link: Link, now: float) -> list[Output]:
        """Neighbour discovery on the home link."""
        match kind:
            case Icmp6Type.NEIGHBOUR_SOLICITATION:
                return self._solicited(heard, now)
            case Icmp6Type.NEIGHBOUR_ADVERTISEMENT:
                target = NeighbourAdvertisement.unpack(heard.packet).target
                return [] if self._home_link.is_its_own(heard, target) else self.registrar.lose(target, now)
            case Icmp6Type.ROUTER_SOLICITATION:
                return [*self._advertiser.solicited(heard, now)]
            case Icmp6Type.ROUTER_ADVERTISEMENT if heard.packet.source != link.link_local:
                self.discovery.advertised(heard, now)
        return []

    def _solicited(self, heard: Heard6, now: float) -> list[Output]:
        solicitation = NeighbourSolicitation.unpack(heard.packet)
        wanted = self._home_link.wants(heard, solicitation)  # two who try the same address: both lose
        lost = self.registrar.lose(solicitation.target, now) if wanted else []
        return lost or self._home_link.answer(heard, solicitation)

    def _leave(self, binding: Binding6) -> None:
        self._deliveries.released(binding.home_address)
        self._home_link.leave(binding)

    @property
    def _addresses_at_home(self) -> frozenset[IPv6Address]:
        """Ours in the prefixes of the home link."""
        own = self.registrar.admission.own_addresses
        return frozenset((self.settings.address, *self.prefixes.hold(own)))
