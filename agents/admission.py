"""Decides on Registration Requests: the checks in the RFC's order (RFC 5944 §3.8.2)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv4Address
from typing import TypeAlias

from agents.addresses import AssignedAddresses
from agents.agreement import Agreement, agree
from agents.bindings import Bindings
from agents.claim import Claim, check_authenticators, check_foreign_agent
from agents.nodes import Node, Nodes
from agents.refusals import Denied, Refusal
from agents.replay import Answered, ReplayGuard
from agents.service import check_service, is_unicast
from agents.settings import HomeAgentSettings
from client.core.ipv4 import ANY
from client.mipv4.codes import Code
from client.mipv4.messages import RequestFlags


@dataclass(frozen=True, slots=True)
class Repeated:
    """The network doubled a request that was granted."""

    answered: Answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Granted:
    """The request is granted. `agreement`: how packets go; None for a deregistration."""

    home_address: IPv4Address
    agreement: Agreement | None
    answered: Answered


Decision: TypeAlias = Granted | Repeated | Refusal


class Admission:
    """What it takes to decide: who we serve, what is bound already, what we answered before."""

    def __init__(
        self, settings: HomeAgentSettings, bindings: Bindings, addresses: AssignedAddresses, replay: ReplayGuard
    ) -> None:
        self.nodes = Nodes()
        self.own_addresses: AbstractSet[IPv4Address] = frozenset()  # of this machine
        self._settings = settings
        self._bindings = bindings
        self._addresses = addresses
        self._replay = replay

    def find(self, nai: str | None, home_address: IPv4Address) -> Node | None:
        """The node with this NAI; without a NAI the one with this home address."""
        if nai is None:
            nai = self._addresses.holder(home_address)
        return self.nodes.named(nai) if nai is not None else self.nodes.living_at(home_address)

    def decide(self, claim: Claim) -> Decision:
        """Authentication comes before meaning. What is granted counts as answered from here on."""
        refusal = check_authenticators(claim)
        if refusal:
            return refusal
        identification = claim.received.request.identification
        if not self._replay.is_timely(identification):
            return Denied(Code.HA_IDENTIFICATION_MISMATCH)
        repeated = self._replay.repeated(claim.node.nai, claim.covered)
        if repeated:
            return Repeated(repeated)
        if not self._replay.is_new(claim.node.nai, identification):
            return Denied(Code.HA_IDENTIFICATION_MISMATCH)
        refusal = check_foreign_agent(claim) or check_service(claim, self._settings)
        return refusal or self._grant(claim)

    def _grant(self, claim: Claim) -> Granted | Denied:
        agreement = None if claim.received.request.is_deregistration else agree(claim, self._settings)
        if isinstance(agreement, Denied):
            return agreement
        home_address = (agreement and self._check_remote(agreement.path.remote)) or self._home_address(claim)
        if isinstance(home_address, Denied):
            return home_address
        request = claim.received.request
        code, udp = self._code(request.flags), agreement.udp if agreement else None
        answered = Answered(request.identification, claim.covered, code, udp)
        self._replay.accept(claim.node.nai, answered)
        return Granted(home_address=home_address, agreement=agreement, answered=answered)

    def _code(self, flags: RequestFlags) -> Code:
        """Who may have one binding only is told so (RFC 5944 §3.4)."""
        if RequestFlags.SIMULTANEOUS in flags and self._settings.simultaneous_bindings == 1:
            return Code.ACCEPTED_NO_SIMULTANEOUS
        return Code.ACCEPTED

    def _check_remote(self, remote: IPv4Address) -> Denied | None:
        """Where packets would go. Behind a NAT that is not the care-of address, which may be anybody's elsewhere."""
        if not is_unicast(remote):
            return Denied(Code.HA_POORLY_FORMED_REQUEST)
        return Denied(Code.HA_PROHIBITED) if self._makes_a_loop(remote) else None

    def _makes_a_loop(self, remote: IPv4Address) -> bool:
        """Is this an address that we would tunnel to, or our own (threat T15)?"""
        if remote in self._settings.own_care_of_addresses:
            return False
        ours = remote == self._settings.address or remote in self.own_addresses
        return ours or self.find(None, remote) is not None

    def _home_address(self, claim: Claim) -> IPv4Address | Denied:
        """The node's own home address, whether or not it named it; never another one (threat T4)."""
        asked = claim.received.request.home_address
        if asked != ANY and self._addresses.known(claim.node) != asked:
            return Denied(Code.HA_PROHIBITED)
        home_address = self._addresses.of(claim.node, self.nodes, {self._settings.address, *self.own_addresses})
        if home_address is None:
            return Denied(Code.HA_RESOURCES)
        return self._no_room(claim, home_address) or home_address

    def _no_room(self, claim: Claim, home_address: IPv4Address) -> Denied | None:
        """One more node than we serve, or one more care-of address than a node may have (RFC 5944 §3.8.2.3)."""
        request, bindings = claim.received.request, self._bindings.of(home_address)
        most = self._settings.simultaneous_bindings
        if request.is_deregistration:
            return None
        if not bindings:
            return Denied(Code.HA_RESOURCES) if self._bindings.away >= self._settings.max_bindings else None
        known = any(binding.care_of_address == request.care_of_address for binding in bindings)
        beside = RequestFlags.SIMULTANEOUS in request.flags and most > 1 and not known
        return Denied(Code.HA_TOO_MANY_BINDINGS) if beside and len(bindings) >= most else None
