"""Tells one link which agent serves it (RFC 5944 §2.1, §2.3)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address

from agents.interfaces import link_named
from agents.limits import Allowance
from client.core.ipv4 import ALL_SYSTEMS, ANY, BROADCAST
from client.core.links import Link
from client.core.machine import NEVER, Event, Heard, LinksChanged, Output, Random, Send
from client.core.plan import EMPTY, Plan
from client.mipv4.advertisement import AGENT_TTL, AgentAdvertisement, AgentFlags, is_agent_solicitation

ALL_SYSTEMS_LINK_LAYER = bytes.fromhex("01005e000001")
"""The Ethernet address of 224.0.0.1."""

AFTER_ROLL_OVER = 256
"""Follows 0xffff: lower numbers tell of a reboot (RFC 5944 §2.3.2)."""

_JITTER = 0.2
"""Advertisements come up to this share of their interval early, so that agents do not fall into step."""


@dataclass(frozen=True, slots=True, kw_only=True)
class AdvertiserSettings:
    """What is offered on one link."""

    interface: str
    lifetime: int  # seconds that an advertisement is good for
    registration_lifetime: int  # seconds
    flags: AgentFlags
    care_of_addresses: tuple[IPv4Address, ...] = ()
    address: IPv4Address | None = None  # to speak from, if the link has it; else the link's first


def _never_busy() -> bool:
    return False


class Advertiser:
    """The advertisements of one link: at intervals, and at once for those who ask."""

    def __init__(self, settings: AdvertiserSettings, random: Random, is_busy: Callable[[], bool] = _never_busy) -> None:
        self.settings = settings
        self.counters: Counter[str] = Counter()
        self._random = random
        self._is_busy = is_busy
        self._link: Link | None = None
        self._sequence_number = 0
        self._next = NEVER
        # One a second to each asker, but two at once: a cable that bounces makes a laptop ask anew in a handover.
        self._askers = Allowance(rate=1.0, burst=2)

    @property
    def deadline(self) -> float:
        """The next advertisement to all."""
        return self._next

    def plan(self) -> Plan:
        """Nothing."""
        return EMPTY

    def memory(self) -> bytes:
        """Nothing: after a start the numbers begin at 0 again."""
        return b""

    def handle(self, event: Event, now: float) -> list[Output]:
        """Take one event; say what to send."""
        match event:
            case LinksChanged(links):
                self._attend(link_named(links, self.settings.interface), now)
            case Heard(packet=packet) if is_agent_solicitation(packet):
                return self._solicited(event, now)
        return self._to_all(now) if now >= self._next else []

    def _attend(self, link: Link | None, now: float) -> None:
        """A link that is up and has an address hears of us at once."""
        ready = link is not None and link.up and bool(link.addresses)
        if not ready:
            self._next = NEVER
        elif self._link is None:
            self._next = now
        self._link = link if ready else None

    def _solicited(self, heard: Heard, now: float) -> list[Output]:
        """One frame to the one who asked, whatever its address is (RFC 5944 §2.1, §2.3)."""
        asker = heard.link_layer_source
        if self._link is None or heard.interface != self._link.index or not asker:
            return []
        if not self._askers.take(asker, now):
            self.counters["solicitation-too-soon"] += 1
            return []
        destination = heard.packet.source if heard.packet.source != ANY else BROADCAST
        return self._advertise(self._link, destination, asker)

    def _to_all(self, now: float) -> list[Output]:
        if self._link is None:
            self._next = NEVER
            return []
        self._next = now + self.settings.lifetime / 3 * (1 - _JITTER * self._random())
        return self._advertise(self._link, ALL_SYSTEMS, ALL_SYSTEMS_LINK_LAYER)

    def _advertise(self, link: Link, destination: IPv4Address, link_layer_destination: bytes) -> list[Output]:
        address = next((own for own in link.addresses if own.ip == self.settings.address), link.addresses[0])
        advertisement = AgentAdvertisement(
            lifetime=self.settings.lifetime,
            sequence_number=self._sequence_number,
            registration_lifetime=self.settings.registration_lifetime,
            flags=self.settings.flags | (AgentFlags.BUSY if self._is_busy() else AgentFlags(0)),
            care_of_addresses=self.settings.care_of_addresses,
            router_addresses=(address.ip,),
            prefix_lengths=(address.network.prefixlen,),
        )
        self._sequence_number = AFTER_ROLL_OVER if self._sequence_number == 0xFFFF else self._sequence_number + 1
        self.counters["advertisements"] += 1
        packet = advertisement.message().packet(address.ip, destination, ttl=AGENT_TTL)
        return [Send(packet=packet, interface=link.index, link_layer_destination=link_layer_destination)]
