"""Decides on Binding Updates: who sends them, and whether they are granted (RFC 6275 §9.5.1, §10.3, RFC 4285)."""

from __future__ import annotations

from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from ipaddress import IPv6Address
from typing import TypeAlias

from agents.home6.bindings import Bindings6
from agents.home6.node import Association6, Node6
from agents.home6.prefixes import HomePrefixes
from agents.home6.replay import Timestamps
from agents.home6.residents import Residents
from agents.home6.sequences import Sequences
from agents.home6.settings import Home6Settings, HomePrefix
from agents.home6.update import Update
from agents.nodes import Node
from agents.refusals import Dropped
from client.core.ipv6 import is_unicast_routable
from client.core.plan import ANCHOR
from mipv6.mn_ha_authentication import is_authenticated, mn_ha_option
from mipv6.options import NonceIndices, find
from mipv6.sequence import is_greater
from mipv6.status_codes import Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An update that names a node and a key of its own; it is not proved before `Admission.decide`.

    Without an association it came in ESP, and is proved.
    """

    update: Update
    node: Node
    v6: Node6
    association: Association6 | None

    @property
    def timestamps(self) -> bool:
        """Must it tell the time?"""
        return self.association is not None and self.association.timestamps


@dataclass(frozen=True, slots=True)
class Refused:
    """Answered with this status; `sequence`: the last one accepted, where that is the trouble."""

    status: Status
    sequence: int | None = None


@dataclass(frozen=True, slots=True)
class Repeated:
    """The network doubled the update that was answered last."""


@dataclass(frozen=True, slots=True)
class Granted:
    """`prefix`: of the home address."""

    prefix: HomePrefix


@dataclass(frozen=True, slots=True)
class Released:
    """A deregistration is granted."""


Decision: TypeAlias = Granted | Released | Repeated | Refused | Dropped


class Admission:
    """What it takes to decide: who we serve, what is bound already, what was accepted before."""

    def __init__(
        self,
        settings: Home6Settings,
        bindings: Bindings6,
        prefixes: HomePrefixes,
        residents: Residents,
        timestamps: Timestamps,
        sequences: Sequences,
    ) -> None:
        self._residents = residents
        self.own_addresses: AbstractSet[IPv6Address] = frozenset()  # of this machine
        self._settings = settings
        self._bindings = bindings
        self._prefixes = prefixes
        self._timestamps = timestamps
        self._sequences = sequences
        self._copies: dict[IPv6Address, tuple[bytes, IPv6Address]] = {}  # of the last update accepted

    def claim(self, update: Update) -> Claim | Dropped:
        """Find the node and its key; a stranger gets no answer at all (RFC 4285 §5.1.1, threat T12)."""
        if update.sealed_by is not None and update.sealed_by.v6 is not None:
            return Claim(update=update, node=update.sealed_by, v6=update.sealed_by.v6, association=None)
        named = update.identifier
        node = self._residents.nodes.named(named.nai) if named else self._residents.at(update.home_address)
        if node is None or node.v6 is None:
            return Dropped("unknown-node")
        option = mn_ha_option(update.message)
        if option is None:
            return Dropped("no-authentication")
        association = node.v6.association(option.spi)
        if association is None:
            return Dropped("unknown-spi")
        return Claim(update=update, node=node, v6=node.v6, association=association)

    def decide(self, claim: Claim, last_sequence: int | None, now: float) -> Decision:
        """Authentication comes before meaning. What is granted counts as accepted from here on.

        `last_sequence`: of the last update of this home address that was accepted, or is about to be.
        """
        update = claim.update
        if not _is_authentic(claim):
            return Refused(Status.AUTHENTICATION_FAILED)
        if self._copies.get(update.home_address) == update.copy:
            return Repeated()
        refusal = self._check_freshness(claim, last_sequence) or self._check_form(claim)
        decision = refusal or self._check_place(claim, now)
        if isinstance(decision, Granted | Released):
            self._accept(claim)
        return decision

    def forget(self, home_address: IPv6Address) -> None:
        """There is no such node, for now: it may come back with its keys, and old updates are still old then."""
        self._copies.pop(home_address, None)

    def _accept(self, claim: Claim) -> None:
        update = claim.update
        self._copies[update.home_address] = update.copy
        if not claim.timestamps:
            self._sequences.accept(claim.v6.home_address, update.message.sequence)
        if update.timestamp is not None:
            self._timestamps.accept(update.home_address, update.timestamp)

    def _check_freshness(self, claim: Claim, last_sequence: int | None) -> Refused | None:
        """The timestamp (RFC 4285 §6), and the sequence number in any case (RFC 6275 §9.5.1)."""
        update = claim.update
        if claim.timestamps:
            if update.timestamp is None:
                return Refused(Status.IDENTIFICATION_REQUIRED)
            if not self._timestamps.is_fresh(update.home_address, update.timestamp):
                return Refused(Status.IDENTIFICATION_MISMATCH)
        if last_sequence is not None and not is_greater(update.message.sequence, last_sequence):
            return Refused(Status.SEQUENCE_NUMBER_OUT_OF_WINDOW, last_sequence)
        return None

    def _check_form(self, claim: Claim) -> Dropped | None:
        """What no mobile node sends to its home agent is not answered (RFC 6275 §6.1.7, §9.5.1)."""
        update = claim.update
        if find(update.message.options, NonceIndices) is not None:
            return Dropped("nonce-indices")
        addresses = (update.home_address, update.care_of_address, update.heard.packet.source)
        if not all(map(is_unicast_routable, addresses)):
            return Dropped("not-routable")
        if not (update.is_deregistration or update.names_home_address):
            return Dropped("no-home-address-option")
        if claim.association is None and not (update.is_deregistration or update.names_care_of_address):
            return Dropped("care-of-address-unprotected")  # RFC 6275 §11.7.1: no outer header is under ESP
        return None

    def _check_place(self, claim: Claim, now: float) -> Decision:
        """RFC 6275 §10.3.1, §10.3.2, in their order."""
        update = claim.update
        prefix = self._prefixes.of(update.home_address, now)
        if prefix is None:
            return Refused(Status.NOT_HOME_SUBNET)
        if self._residents.at(update.home_address) is not claim.node or update.heard.interface == ANCHOR:
            return Refused(Status.ADMINISTRATIVELY_PROHIBITED)
        bound = self._bindings.of(update.home_address) is not None
        if update.is_deregistration:
            known = bound or self._bindings.was_deleted(update.home_address)
            return Released() if known else Refused(Status.NOT_HOME_AGENT_FOR_THIS_MOBILE_NODE)
        if not self._can_be_care_of_address(update):
            return Refused(Status.INVALID_CARE_OF_ADDRESS)
        if not bound and len(self._bindings) >= self._settings.max_bindings:
            return Refused(Status.INSUFFICIENT_RESOURCES)
        return Granted(prefix)

    def _can_be_care_of_address(self, update: Update) -> bool:
        """Not an address that we would tunnel to, nor our own (threat T15), nor somebody else's (threat T11).

        A node that signs another address than the one that it sends from could have us flood that.
        """
        address = update.care_of_address
        ours = address == self._settings.address or address in self.own_addresses
        loops = ours or self._residents.at(address) is not None
        return not loops and address == update.heard.packet.source


def _is_authentic(claim: Claim) -> bool:
    if claim.association is None:
        return True
    update = claim.update
    packet, message = update.heard.packet, update.message
    return is_authenticated(packet, message, (claim.association,), update.care_of_address, update.home_address)
