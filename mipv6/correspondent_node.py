"""A correspondent: lets mobile nodes prove where they are, and sends to them directly (RFC 6275 §9)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import IPv6Address
from typing import TypeAlias

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message
from client.core.ipv6 import IPv6Packet, NextHeader, is_unicast_routable
from client.core.links import Links
from client.core.machine import Correspondence, Event, Heard6, LinksChanged, Output, Random, Send6, Timeout
from client.core.plan import Plan
from mipv6 import mobility_header
from mipv6.allowance import Allowance
from mipv6.binding_updates import Claim, Forgotten, Ignored, read_claim
from mipv6.correspondent_cache import CachedBinding, CorrespondentCache
from mipv6.correspondent_plan import CorrespondentPlan, is_own
from mipv6.correspondent_settings import MAX_RR_BINDING_LIFETIME, CorrespondentSettings
from mipv6.messages import BindingAcknowledgement, BindingUpdate, CareOfTest, CareOfTestInit, HomeTest, HomeTestInit
from mipv6.nonces import Nonces
from mipv6.refresh_requests import RefreshRequests
from mipv6.refusals import BOUND_WITHOUT_BINDING, Refusals, answer_to
from mipv6.return_routability import authorised
from mipv6.sequence import is_greater
from mipv6.status_codes import Status
from mipv6.unreachable import Unreachable

HomeRegistration: TypeAlias = Callable[[IPv6Address], IPv6Address | None]
"""The care-of address that a home agent on this very host has bound this home address to, or None."""


def no_home_agent(home_address: IPv6Address) -> IPv6Address | None:
    """There is no home agent on this host."""
    return None


class CorrespondentNode:
    """A machine of its own, for all addresses of this host.

    Beside a home agent it must not be handed Binding Updates with the H bit; without one it refuses them itself.
    `Correspondence` events, if any come, have the mobile nodes' home addresses as keys.
    """

    def __init__(
        self, settings: CorrespondentSettings, random: Random, home_registration: HomeRegistration = no_home_agent
    ) -> None:
        self.settings = settings
        self.counters: Counter[str] = Counter()
        self._home_registration = home_registration
        self._links = Links()
        self._nonces = Nonces(random, settings.nonce_interval, settings.nonce_lifetime)
        self._cache = CorrespondentCache(settings.capacity)
        self._plan = CorrespondentPlan(self._cache, settings.anchor_mtu)
        self._refresh = RefreshRequests(self._cache)
        self._refusals = Refusals(Allowance(settings.answers_per_second), self.counters)
        self._unreachable = Unreachable(self._cache)

    @property
    def deadline(self) -> float:
        """When a binding ends, or is asked to be renewed."""
        return min(self._cache.deadline, self._refresh.deadline)

    @property
    def bindings(self) -> Iterator[CachedBinding]:
        """Those that stand."""
        return iter(self._cache)

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        self._cache.expire(now)
        match event:
            case Heard6():
                return [*self._heard(event, now)]
            case LinksChanged(links):
                self._links = links
                self._plan.adopt(links)
            case Correspondence(packets):
                self._refresh.used(packets, now)
            case Timeout():
                return [*self._refresh.requests(now)]
        return []

    def plan(self) -> Plan:
        """Mobility headers are ours; for each binding a route and a tunnel."""
        return self._plan.current()

    def memory(self) -> bytes:
        """Nothing: after a restart mobile nodes are told by Binding Errors."""
        return b""

    # --- what comes -------------------------------------------------------------------------------

    def _heard(self, heard: Heard6, now: float) -> list[Send6]:
        packet = heard.packet
        if packet.routing is not None or not is_own(self._links, packet.destination):
            return []
        if packet.home_address is not None and not self._may_name(packet, packet.home_address):
            return self._refusals.unknown_binding(heard, now)
        if packet.next_header == NextHeader.ICMPV6:
            return self._heard_icmp(packet, now)
        if packet.next_header != NextHeader.MOBILITY:
            return []
        try:
            message = mobility_header.unpack(packet)
        except DecodeError as error:
            return self._refusals.malformed(heard, error, now)
        match message:
            case HomeTestInit() | CareOfTestInit():
                return self._test(heard, message, now)
            case BindingUpdate():
                return self._update(heard, message, now)
        return []

    def _may_name(self, packet: IPv6Packet, home_address: IPv6Address) -> bool:
        """RFC 6275 §9.3.1. A former care-of address may for a moment: such packets were sent before the update."""
        if not is_unicast_routable(home_address):
            return False
        if packet.next_header in BOUND_WITHOUT_BINDING or self._home_registration(home_address) == packet.source:
            return True
        return self._cache.knows((home_address, packet.destination), packet.source)

    def _heard_icmp(self, packet: IPv6Packet, now: float) -> list[Send6]:
        try:
            message = Icmp6Message.unpack(packet)
        except DecodeError:
            self.counters["malformed"] += 1
            return []
        gone = self._unreachable.heard(message, now)
        if gone is not None:
            self.counters["unreachable"] += 1
            self._cache.drop(gone, now)
        return []

    # --- return routability -----------------------------------------------------------------------

    def _test(self, heard: Heard6, message: HomeTestInit | CareOfTestInit, now: float) -> list[Send6]:
        """A token for whoever receives it at the address that it asks from (§9.4); nothing is kept of this."""
        packet = heard.packet
        if packet.home_address is not None or not is_unicast_routable(packet.source):
            self.counters["test-ignored"] += 1
            return []
        nonce, care_of = self._nonces.current(now), isinstance(message, CareOfTestInit)
        kind = CareOfTest if care_of else HomeTest
        token = nonce.token(packet.source, care_of=care_of)
        answer = kind(nonce_index=nonce.index, cookie=message.cookie, keygen_token=token)
        self.counters["care-of-tests" if care_of else "home-tests"] += 1
        return [answer_to(heard, answer.packet(packet.destination, packet.source))]

    # --- bindings ---------------------------------------------------------------------------------

    def _update(self, heard: Heard6, update: BindingUpdate, now: float) -> list[Send6]:
        self._refresh.answered((heard.packet.sender, heard.packet.destination))
        if update.home_registration:
            return self._unsigned(heard, update, Status.HOME_REGISTRATION_NOT_SUPPORTED, now)
        match read_claim(heard.packet, update, self._nonces, now):
            case Ignored(reason):
                self.counters[reason] += 1
                return []
            case Forgotten(status):
                return self._unsigned(heard, update, status, now)
            case Claim() as claim:
                return self._decide(heard, claim, now)

    def _decide(self, heard: Heard6, claim: Claim, now: float) -> list[Send6]:
        key = (claim.home_address, claim.correspondent)
        last = self._cache.last_sequence(key)
        if last is not None and not is_greater(claim.update.sequence, last):
            return self._refuse(heard, claim, Status.SEQUENCE_NUMBER_OUT_OF_WINDOW, last)
        if self._home_registration(claim.home_address) is not None:
            return self._refuse(heard, claim, Status.REGISTRATION_TYPE_CHANGE_DISALLOWED)
        if claim.is_deletion:
            return self._delete(heard, claim, now)
        if claim.care_of_address == claim.home_address or is_own(self._links, claim.care_of_address):
            return self._refuse(heard, claim, Status.INVALID_CARE_OF_ADDRESS)
        if not self._cache.has_room(key):
            return self._refuse(heard, claim, Status.INSUFFICIENT_RESOURCES)
        return self._bind(heard, claim, now)

    def _bind(self, heard: Heard6, claim: Claim, now: float) -> list[Send6]:
        lifetime = min(claim.update.lifetime, self.settings.longest_lifetime, MAX_RR_BINDING_LIFETIME)
        binding = CachedBinding(
            home_address=claim.home_address,
            correspondent=claim.correspondent,
            care_of_address=claim.care_of_address,
            interface=heard.interface,
            sequence=claim.update.sequence,
            lifetime=lifetime,
            accepted_at=now,
        )
        self._cache.bind(binding, now)
        self.counters["bound"] += 1
        return self._acknowledge(heard, claim, lifetime)

    def _delete(self, heard: Heard6, claim: Claim, now: float) -> list[Send6]:
        """A binding may be deleted that is not there, and is not made by that (§9.5.3)."""
        self._cache.delete((claim.home_address, claim.correspondent), claim.update.sequence, now)
        self.counters["deleted"] += 1
        return self._acknowledge(heard, claim, 0)

    def _acknowledge(self, heard: Heard6, claim: Claim, lifetime: int) -> list[Send6]:
        if not claim.update.acknowledge:
            return []
        return [self._signed(heard, claim, Status.ACCEPTED, claim.update.sequence, lifetime)]

    def _refuse(self, heard: Heard6, claim: Claim, status: Status, sequence: int | None = None) -> list[Send6]:
        self.counters[f"refused-{status}"] += 1
        return [self._signed(heard, claim, status, claim.update.sequence if sequence is None else sequence, 0)]

    def _signed(self, heard: Heard6, claim: Claim, status: Status, sequence: int, lifetime: int) -> Send6:
        plain = BindingAcknowledgement(status=status, sequence=sequence, lifetime=lifetime)
        return _acknowledgement(heard, authorised(plain, claim.kbm, claim.signed_address, claim.correspondent))

    def _unsigned(self, heard: Heard6, update: BindingUpdate, status: Status, now: float) -> list[Send6]:
        """Nobody can sign it (§9.5.4), so that it must not be had without end."""
        self.counters[f"refused-{status}"] += 1
        if not is_unicast_routable(heard.packet.sender) or not self._refusals.may_answer(heard.packet, now):
            return []
        return [_acknowledgement(heard, BindingAcknowledgement(status=status, sequence=update.sequence, lifetime=0))]


def _acknowledgement(heard: Heard6, message: BindingAcknowledgement) -> Send6:
    """To the source of the update; with a routing header if that had a home address option (§9.5.4)."""
    packet = heard.packet
    return answer_to(heard, message.packet(packet.destination, packet.source, routing=packet.home_address))
