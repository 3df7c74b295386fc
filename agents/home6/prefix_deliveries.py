"""Tells nodes that are away of the prefixes at home: when they ask, and when something changes (RFC 6275 §10.6)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.home6.bindings import Binding6, Bindings6
from agents.home6.prefixes import HomePrefixes
from agents.home6.settings import FOR_EVER, Home6Settings
from agents.ledger import Ledger
from agents.limits import Allowance
from client.core.links import Link
from client.core.machine import Heard6, Random, Send6
from client.core.plan import ANCHOR
from mipv6.prefix_messages import PrefixAdvertisement, PrefixSolicitation

RETRANSMISSIONS = 3
FIRST_TIMEOUT = 3.0
"""PREFIX_ADV_RETRIES and PREFIX_ADV_TIMEOUT, seconds (RFC 6275 §12)."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a node is to be told unasked. `tries`: how often it was sent without an acknowledgement.

    `given_up`: nobody acknowledged it at all; the next update shows that the node is there (§10.6.2).
    """

    home_address: IPv6Address
    due: float
    tries: int = 0
    given_up: bool = False


class PrefixDeliveries:
    """With RFC 4285 nothing protects these messages, so that they are only sent where that is accepted (its §2).

    ESP does protect them.
    """

    def __init__(
        self,
        settings: Home6Settings,
        prefixes: HomePrefixes,
        bindings: Bindings6,
        random: Random,
        counters: Counter[str],
    ) -> None:
        self._settings = settings
        self._prefixes = prefixes
        self._bindings = bindings
        self._random = random
        self._counters = counters
        self._waiting: Ledger[IPv6Address, Delivery] = Ledger(lambda delivery: delivery.due)
        self._allowance = Allowance(rate=1.0, burst=2)  # a second: what is unasked is asked about at once (§11.4.3)

    @property
    def deadline(self) -> float:
        """When the next one is due."""
        return self._waiting.deadline

    def asked(self, heard: Heard6, link: Link | None, now: float) -> list[Send6]:
        """Answer at once (§10.6.2), if this node is bound to where it asks from. Raises DecodeError."""
        solicitation, packet = PrefixSolicitation.unpack(heard.packet), heard.packet
        binding = self._bindings.of(packet.home_address) if packet.home_address is not None else None
        bound = binding is not None and binding.care_of_address == packet.source and heard.interface != ANCHOR
        allowed = bound and binding is not None and self._may_hear(binding)
        if binding is None or not allowed or not self._allowance.take(binding.home_address, now):
            self._counters["prefix-solicitation-ignored"] += 1
            return []
        self._wait(binding.home_address, now + self._settings.max_prefix_interval)  # the delivery is acknowledged
        self._counters["prefix-solicitations"] += 1
        return [self._send(binding, packet.destination, solicitation.identifier, link, now)]

    def bound(self, binding: Binding6, now: float) -> None:
        """A node has left home, or sent a new update: if it was told nothing for long, it will be (§10.6.2)."""
        waiting = self._waiting.get(binding.home_address)
        if waiting is None:
            self._schedule(binding, now)
        elif waiting.given_up:
            self._wait(binding.home_address, now + FIRST_TIMEOUT)

    def released(self, home_address: IPv6Address) -> None:
        """It is not away any more."""
        self._waiting.pop(home_address)

    def changed(self, bindings: Iterable[Binding6], now: float) -> None:
        """The prefixes are others now: everybody is told, not all at the same time (§10.6.2)."""
        for binding in bindings:
            self._schedule(binding, now)

    def due(self, link: Link | None, now: float) -> list[Send6]:
        """What is to be said now."""
        outputs = []
        for delivery in self._waiting.expire(now):
            binding = self._bindings.of(delivery.home_address)
            if binding is None:
                continue
            if self._allowance.take(binding.home_address, now):
                outputs.append(self._send(binding, binding.home_agent, 0, link, now))
                self._repeat(delivery, now)
            else:
                self._wait(delivery.home_address, now + 1.0, delivery.tries)
        return outputs

    def _repeat(self, delivery: Delivery, now: float) -> None:
        """Again after 3, 6 and 12 seconds, until the node acknowledges it by a solicitation; then not for long."""
        if delivery.tries < RETRANSMISSIONS:
            self._wait(delivery.home_address, now + FIRST_TIMEOUT * 2**delivery.tries, delivery.tries + 1)
        else:
            later = now + self._settings.max_prefix_interval
            self._waiting.put(delivery.home_address, Delivery(delivery.home_address, later, given_up=True))

    def _schedule(self, binding: Binding6, now: float) -> None:
        """At a random moment, so that no burst of them comes (§10.6.2)."""
        home = self._prefixes.of(binding.home_address, now)
        if home is None or not self._may_hear(binding):
            return
        preferred, least = self._prefixes.preferred(home, now), self._settings.min_prefix_interval
        longest = self._settings.max_prefix_interval
        longest = longest if preferred == FOR_EVER else min(longest, preferred)
        due = now + least + self._random() * abs(longest - least)
        before = self._waiting.get(binding.home_address)
        self._wait(binding.home_address, min(due, before.due) if before else due)

    def _may_hear(self, binding: Binding6) -> bool:
        return binding.protected or self._settings.accept_unprotected

    def _wait(self, home_address: IPv6Address, due: float, tries: int = 0) -> None:
        self._waiting.put(home_address, Delivery(home_address, due, tries))

    def _send(self, binding: Binding6, source: IPv6Address, identifier: int, link: Link | None, now: float) -> Send6:
        self._counters["prefix-advertisements"] += 1
        prefixes = tuple(self._prefixes.information(link, self._settings.address, now))
        advertisement = PrefixAdvertisement(identifier=identifier, prefixes=prefixes)
        return Send6(packet=advertisement.packet(source, binding.care_of_address, binding.home_address))
