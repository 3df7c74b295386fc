"""The foreign agent: relays registrations, and serves those whose home agent says yes (RFC 5944 §3.7)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv4Address

from agents.foreign_checks import foreign_refusal
from agents.foreign_keepalives import Keepalives
from agents.foreign_plan import ForeignPlan
from agents.foreign_tunnel import ForeignTunnel, agreed_tunnel, udp_request
from agents.interfaces import address_on, link_named, own_addresses
from agents.limits import Allowance
from agents.received import ReceivedReply, ReceivedRequest, only_extension, read_registration
from agents.relay import denial, relayed_reply, relayed_request
from agents.settings import Associations, ForeignAgentSettings, ForeignLinkSettings
from agents.unreachable import read_unreachable
from agents.visitors import PENDING_TIME, Pending, Visitor, Visitors
from client.core.errors import DecodeError
from client.core.ipv4 import ALL_MOBILITY_AGENTS, ANY, IPv4Packet, Protocol
from client.core.links import Links
from client.core.machine import Event, Heard, LinksChanged, Output
from client.core.plan import Plan
from client.mipv4.authentication import authenticates
from client.mipv4.codes import Code, is_accepted
from client.mipv4.extensions import Extension, ExtensionType, read_nai
from client.mipv4.messages import RegistrationReply, RequestFlags

_HOME = ExtensionType.MOBILE_HOME_AUTHENTICATION
_FOREIGN = ExtensionType.FOREIGN_HOME_AUTHENTICATION


class ForeignAgent:
    """The agent of all our links for visitors."""

    def __init__(self, settings: ForeignAgentSettings) -> None:
        self.settings = settings
        self.visitors = Visitors()
        self._keepalives = Keepalives(self.visitors)
        self._plan = ForeignPlan(self.visitors, direct=not settings.own_home_agents)
        self.counters: Counter[str] = Counter()
        self._links = Links()
        self._denials = Allowance(rate=1.0, burst=1)  # one a second to each mobile node (RFC 5944 §3.7.2)

    @property
    def deadline(self) -> float:
        """The end of a visit or of a request's wait, or the next keepalive."""
        return min(self.visitors.deadline, self._keepalives.deadline)

    @property
    def is_busy(self) -> bool:
        """Can we serve nobody else now (the B bit, RFC 5944 §2.1.1)?"""
        return len(self.visitors) >= self.settings.max_visitors

    def plan(self) -> Plan:
        """Every visitor's tunnel. Beside a home agent the direct way is left out: its rule would open it to all."""
        own = {address for link in self._link_settings if (address := self._own_address(link))}
        return self._plan.current(sorted(own))

    def memory(self) -> bytes:
        """Nothing: visitors come again by themselves."""
        return b""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        late = [*self._time_out(now), *self._keepalives.due(now)]
        match event:
            case Heard(packet=packet) if packet.protocol == Protocol.UDP:
                return [*late, *self._registration(event, now)]
            case Heard(packet=packet) if packet.protocol == Protocol.ICMP:
                return [*late, *self._icmp(packet, now)]
            case LinksChanged(links):
                self._links = links
                self.visitors.keep_links(frozenset(link.index for link in links.links))
        return late

    def is_for_us(self, heard: Heard) -> bool:
        """Did it come by a link for visitors, to an address that they use for us?"""
        destination = heard.packet.destination
        ours = destination == ALL_MOBILITY_AGENTS or self._is_ours(destination)
        return ours and self._link_of(heard.interface) is not None

    def offers(self, address: IPv4Address) -> bool:
        """Is this a care-of address of ours?"""
        return any(link.care_of_address == address for link in self._link_settings)

    def link_name(self, interface: int) -> str:
        """What people call the link."""
        link = self._links.get(interface)
        return link.name if link is not None else str(interface)

    # --- requests ---------------------------------------------------------------------------------

    def _registration(self, heard: Heard, now: float) -> list[Output]:
        try:
            match read_registration(heard):
                case ReceivedRequest() as received if self.is_for_us(heard) and heard.link_layer_source:
                    return self._request(received, now)
                case ReceivedReply() as received if self._is_ours(heard.packet.destination):
                    return self._reply(received, now)
        except DecodeError:
            self.counters["malformed"] += 1
        return []

    def _request(self, received: ReceivedRequest, now: float) -> list[Output]:
        link = self._link_of(received.heard.interface)
        proof = only_extension(received.request.extensions, _HOME)
        if link is None:
            return []
        refusal = foreign_refusal(received, link, self.settings, self._is_ours)
        if refusal or proof is None:
            return self._deny(received, refusal or Code.FA_POORLY_FORMED_REQUEST, now)
        return self._relay(received, link, proof, now)

    def _relay(
        self, received: ReceivedRequest, link: ForeignLinkSettings, proof: Extension, now: float
    ) -> list[Output]:
        home_agent = self._signs_for(received, link)
        udp = udp_request(received, link)
        pending = Pending(
            received=received,
            nai=read_nai(received.request.extensions),
            signed=bool(home_agent),
            care_of_address=link.care_of_address,
            until=now + min(PENDING_TIME, received.request.lifetime or PENDING_TIME),
            udp=udp is not None,
        )
        refusal = self._no_place(pending)
        if refusal:
            return self._deny(received, refusal, now)
        self.visitors.wait(pending)
        self.counters["relayed"] += 1
        return [relayed_request(received, proof, link.care_of_address, home_agent, udp)]

    def _signs_for(self, received: ReceivedRequest, link: ForeignLinkSettings) -> Associations:
        """We sign for our own care-of address, and never a deregistration (RFC 5944 §3.5.4)."""
        request = received.request
        if request.is_deregistration or request.care_of_address != link.care_of_address:
            return ()
        return self.settings.home_agents.get(request.home_agent, ())

    def _no_place(self, pending: Pending) -> Code | None:
        """No room; or the home address is served here for another home agent, which we believe until it ends."""
        request = pending.received.request
        visitor = self.visitors.at(request.home_address)
        if visitor is not None and visitor.home_agent != request.home_agent:
            return Code.FA_PROHIBITED
        full = visitor is None and self.is_busy and not request.is_deregistration
        if full or not self.visitors.has_room_for(pending, self.settings.max_pending):
            return Code.FA_RESOURCES
        return None

    # --- replies ----------------------------------------------------------------------------------

    def _reply(self, received: ReceivedReply, now: float) -> list[Output]:
        nai = read_nai(received.reply.extensions)
        pending = self._pending_for(received, nai)
        if pending is None:
            self.counters["unexpected-reply"] += 1
            return []
        self.visitors.done(pending)
        proof = only_extension(received.reply.extensions, _HOME)
        refusal = self._reply_refusal(received, pending, nai)
        if refusal or proof is None:
            return self._deny(pending.received, refusal or Code.FA_POORLY_FORMED_REPLY, now)
        try:
            tunnel = agreed_tunnel(pending, received, proof)
        except DecodeError:
            return self._deny(pending.received, Code.FA_POORLY_FORMED_REPLY, now)
        if is_accepted(received.reply.code):
            self._settle(received, pending, tunnel, now)
        self.counters["replies"] += 1
        request = pending.received
        return [relayed_reply(received, proof, request, self._answer_from(request), self._visitor_keys(request))]

    def _pending_for(self, received: ReceivedReply, nai: str | None) -> Pending | None:
        source = received.heard.packet.source
        waiting = (other for other in self.visitors.pending if other.is_answered_by(received.reply, nai, source))
        return next(waiting, None)

    def _reply_refusal(self, received: ReceivedReply, pending: Pending, nai: str | None) -> Code | None:
        """Is the home agent who it should be, and has it filled in everything (RFC 5944 §3.7.3.1, RFC 2794 §3)?"""
        reply = received.reply
        associations = self.settings.home_agents.get(pending.received.request.home_agent, ())
        if pending.signed and not authenticates(received.message, reply.extensions, _FOREIGN, associations):
            return Code.FA_HOME_AGENT_AUTHENTICATION
        if pending.nai is not None and nai is None:
            return Code.MISSING_NAI
        if is_accepted(reply.code) and reply.home_agent == ANY:
            return Code.MISSING_HOME_AGENT
        if is_accepted(reply.code) and reply.home_address == ANY:
            return Code.MISSING_HOME_ADDRESS
        return None

    def _settle(self, received: ReceivedReply, pending: Pending, tunnel: ForeignTunnel, now: float) -> None:
        """The home agent said yes: only now the visitor list changes (RFC 5944 §3.7.3.2)."""
        reply, request = received.reply, pending.received.request
        if request.is_deregistration or reply.lifetime == 0:
            if request.care_of_address in (pending.care_of_address, request.home_address, reply.home_address):
                self.visitors.dismiss(reply.home_address)
            return
        visitor = self._visitor(reply, pending, tunnel, now)
        self.visitors.admit(visitor)
        self._keepalives.begin(visitor, now)

    def _visitor(self, reply: RegistrationReply, pending: Pending, tunnel: ForeignTunnel, now: float) -> Visitor:
        request = pending.received.request
        return Visitor(
            home_address=reply.home_address,
            nai=pending.nai,
            home_agent=reply.home_agent,
            care_of_address=pending.care_of_address,
            interface=pending.interface,
            link_layer_address=pending.received.heard.link_layer_source,
            co_located=pending.co_located,
            reverse_tunnel=RequestFlags.REVERSE_TUNNEL in request.flags,
            expires=now + min(reply.lifetime, request.lifetime),
            encapsulation=tunnel.encapsulation,
            keepalive=tunnel.keepalive,
        )

    def _icmp(self, packet: IPv4Packet, now: float) -> list[Output]:
        try:
            error = read_unreachable(packet)
        except DecodeError:
            return []
        if error is None:
            return []
        for pending in self.visitors.pending:
            request = pending.received.request
            asked = (pending.care_of_address, request.home_agent) == (error.care_of_address, error.home_agent)
            if asked and error.identification in (None, request.identification):
                return self._deny(pending.received, error.code, now)
        return []

    # --- denials ----------------------------------------------------------------------------------

    def _time_out(self, now: float) -> list[Output]:
        late = self.visitors.expire(now)
        return [output for pending in late for output in self._deny(pending.received, Code.FA_TIMEOUT, now)]

    def _deny(self, request: ReceivedRequest, code: Code, now: float) -> list[Output]:
        self.counters[f"denied-{code}"] += 1
        if not self._denials.take(request.heard.link_layer_source, now):
            self.counters["denial-not-sent"] += 1
            return []
        link = self._link_of(request.heard.interface)
        lifetime = request.request.lifetime
        if link is not None and code is Code.FA_LIFETIME_TOO_LONG:
            lifetime = link.registration_lifetime
        return [denial(request, code, lifetime, self._answer_from(request), self._visitor_keys(request))]

    # --- ourselves --------------------------------------------------------------------------------

    @property
    def _link_settings(self) -> tuple[ForeignLinkSettings, ...]:
        return self.settings.links

    def _link_of(self, interface: int) -> ForeignLinkSettings | None:
        link = self._links.get(interface)
        return next((settings for settings in self._link_settings if link and settings.interface == link.name), None)

    def _own_address(self, settings: ForeignLinkSettings) -> IPv4Address | None:
        link = link_named(self._links, settings.interface)
        return address_on(link) if link is not None else None

    def _answer_from(self, request: ReceivedRequest) -> IPv4Address:
        link = self._link_of(request.heard.interface)
        return (link and self._own_address(link)) or request.packet.destination

    def _is_ours(self, address: IPv4Address) -> bool:
        return self.offers(address) or address in own_addresses(self._links) | self.settings.own_home_agents

    def _visitor_keys(self, request: ReceivedRequest) -> Associations:
        return self.settings.visitor_associations(request.request.home_address, read_nai(request.request.extensions))
