"""The mobile node's correspondents: with whom packets go directly (RFC 6275 §5.2, §11.6, §11.7.2 to §11.7.4)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message
from client.core.ipv6 import ANY6, IPv6Packet, NextHeader
from client.core.machine import NEVER, Correspondence, Heard6, Random, Send6
from client.core.plan import Tunnel
from client.core.status import Peer6
from mipv6 import mobility_header
from mipv6.allowance import Allowance
from mipv6.attachment import Attachment
from mipv6.candidates import UNABLE_FOR, Candidates
from mipv6.correspondent_entry import CorrespondentEntry
from mipv6.messages import (
    BindingAcknowledgement,
    BindingError,
    BindingRefreshRequest,
    BindingUpdate,
    CareOfTest,
    CareOfTestInit,
    HomeTest,
    HomeTestInit,
    Message,
)
from mipv6.parameter_problem import refused_mobility_header
from mipv6.path_policy import PathPolicy
from mipv6.refusals import Refusals
from mipv6.status_codes import BindingErrorStatus

MOST = 64
"""Entries at one time (threat T17)."""

QUIET = 10.0
"""Seconds without a packet after which an entry may make room for a newcomer."""

ANSWERS_PER_SECOND = 20
"""To strangers of one /64."""

_ADDRESS = 16  # bytes


class Correspondents:
    """A part of the mobile node's machine, for one home address.

    It takes every packet that is not from the home agent; what it does not know is none of its business. All that
    it is told may be told in any order and as often as one likes: what has not changed does nothing.
    """

    def __init__(
        self,
        home_address: IPv6Address,
        policy: PathPolicy,
        random: Random,
        counters: Counter[str],
        memory: bytes = b"",
    ) -> None:
        """`memory` is what `memory()` said before a restart."""
        self.home_address = home_address
        self.counters = counters
        self._policy = policy
        self._random = random
        self._attachment: Attachment | None = None
        self._entries: dict[IPv6Address, CorrespondentEntry] = {}
        self._candidates = Candidates()
        self._refusals = Refusals(Allowance(ANSWERS_PER_SECOND), counters)
        self._tunnels: tuple[Tunnel, ...] = ()
        self._remembered = memory
        self._restored = [
            IPv6Address(memory[place : place + _ADDRESS])
            for place in range(0, min(len(memory), MOST * _ADDRESS) // _ADDRESS * _ADDRESS, _ADDRESS)
        ]

    @property
    def deadline(self) -> float:
        """When `timeout` is due, or NEVER."""
        return min((entry.deadline for entry in self._entries.values()), default=NEVER)

    def attach(self, attachment: Attachment | None, now: float) -> list[Send6]:
        """Packets for the home address come and go here from now on. None: nothing is bound anywhere.

        Call it when a Binding Update has gone to the home agent (unconfirmed), when its acknowledgement came
        (confirmed; also of each renewal, whose `expires_at` is later), and when the home binding is lost (None).
        """
        if attachment == self._attachment:
            return []
        self._attachment = attachment
        if attachment is not None:
            self._restore(now)
        return self._all(entry.attach(attachment, now) for entry in list(self._entries.values()))

    def hear(self, heard: Heard6, now: float) -> list[Send6]:
        """Take a mobility header or an ICMPv6 error."""
        packet = heard.packet
        try:
            if packet.next_header == NextHeader.MOBILITY:
                return self._heard(heard, mobility_header.unpack(packet), now)
            if packet.next_header == NextHeader.ICMPV6:
                self._heard_icmp(packet, now)
        except DecodeError as error:
            return self._refusals.malformed(heard, error, now) if self._is_ours(packet) else []
        return []

    def correspondence(self, event: Correspondence, now: float) -> list[Send6]:
        """With whom packets are exchanged: whom to have a direct path with, and which ones are in use."""
        sends = [self._used(address, packets, event, now) for address, packets in event.packets.items()]
        return self._all(sends)

    def apply(self, policy: PathPolicy, now: float) -> list[Send6]:
        """Another policy: direct paths that it does not permit end at once, and the correspondents are told."""
        self._policy = policy
        entries = list(self._entries.values())
        return self._all(entry.want(policy.permits(entry.correspondent), now) for entry in entries)

    def timeout(self, now: float) -> list[Send6]:
        """The deadline; harmless at other times."""
        return self._all(entry.timeout(now) for entry in list(self._entries.values()))

    def tunnels(self) -> tuple[Tunnel, ...]:
        """For the plan; the same object while nothing changes."""
        tunnels = tuple(tunnel for entry in self._entries.values() for tunnel in entry.tunnels())
        if tunnels != self._tunnels:
            self._tunnels = tunnels
        return self._tunnels

    def status(self, now: float) -> list[Peer6]:
        """Who they are, and how packets go."""
        unable = self._candidates.all_unable(now)
        known = [entry.status(now, unable=address in unable) for address, entry in self._entries.items()]
        others = [Peer6(address=str(each), path="unable") for each in unable if each not in self._entries]
        return known + others[:MOST]

    def memory(self) -> bytes:
        """Those who may still have a binding for us: they would go on sending by it after a restart."""
        bound = [entry.correspondent for entry in self._entries.values() if entry.believed_until is not None]
        memory = b"".join(address.packed for address in sorted([*bound, *self._restored]))
        if memory != self._remembered:
            self._remembered = memory
        return self._remembered

    # --- entries ----------------------------------------------------------------------------------

    def _all(self, sends: Iterable[list[Send6]]) -> list[Send6]:
        """What all entries say; those that have no more to say are forgotten."""
        said = [send for each in sends for send in each]
        for address in [address for address, entry in self._entries.items() if entry.is_over]:
            del self._entries[address]
        return said

    def _restore(self, now: float) -> None:
        for address in self._restored:
            self._new(address).restore(now)
        self._restored = []

    def _new(self, address: IPv6Address) -> CorrespondentEntry:
        entry = CorrespondentEntry(address, self.home_address, self._random, self.counters)
        entry.wanted = self._policy.permits(address)
        self._entries[address] = entry
        return entry

    def _used(self, address: IPv6Address, packets: int, event: Correspondence, now: float) -> list[Send6]:
        entry = self._entries.get(address)
        if entry is not None:
            return entry.used(packets, event.direct.get(address, 0), now)
        here = self._attachment
        if here is None or not here.confirmed or not self._may_be_one(address, here, now):
            return []
        if self._candidates.count(address, packets, now) < self._policy.after_packets:
            return []
        making_room = self._make_room(now)
        if len(self._entries) >= MOST or not self._candidates.admit(address, now):
            self.counters["direct-path-postponed"] += 1
            return making_room
        entry = self._new(address)
        entry.packets, entry.last_used = packets, now
        return [*making_room, *entry.attach(here, now)]

    def _may_be_one(self, address: IPv6Address, here: Attachment, now: float) -> bool:
        ours = address in (self.home_address, here.care_of_address, here.home_agent)
        away = here.care_of_address != self.home_address
        return away and not ours and self._policy.permits(address) and not self._candidates.is_unable(address, now)

    def _make_room(self, now: float) -> list[Send6]:
        """If there is none, the one whose packets are longest ago goes; it has to be told, if it has a binding."""
        quiet = [entry for entry in self._entries.values() if entry.wanted and now >= entry.last_used + QUIET]
        if len(self._entries) < MOST or not quiet:
            return []
        return min(quiet, key=lambda entry: entry.last_used).want(False, now)

    # --- what comes -------------------------------------------------------------------------------

    def _heard(self, heard: Heard6, message: Message, now: float) -> list[Send6]:
        if isinstance(message, HomeTestInit | CareOfTestInit | BindingUpdate):
            return self._refusals.not_able(heard, now) if self._is_ours(heard.packet) else []
        entry = self._entries.get(heard.packet.source)
        if entry is None or heard.packet.home_address is not None:
            self.counters["from-a-stranger"] += 1
            return []
        match message:
            case HomeTest():
                return self._all([entry.home_test(heard, message, now)])
            case CareOfTest():
                return self._all([entry.care_of_test(heard, message, now)])
            case BindingAcknowledgement():
                return self._all([entry.acknowledgement(heard, message, now)])
            case BindingRefreshRequest():
                return self._all([entry.refresh_requested(now)])
            case BindingError():
                return self._all([self._binding_error(entry, heard.packet, message, now)])

    def _is_ours(self, packet: IPv6Packet) -> bool:
        here = self._attachment
        return packet.destination in (self.home_address, here.care_of_address if here else None)

    def _binding_error(
        self, entry: CorrespondentEntry, packet: IPv6Packet, message: BindingError, now: float
    ) -> list[Send6]:
        """Nobody signs it (§11.3.6)."""
        about_us = message.home_address == self.home_address
        if message.status == BindingErrorStatus.UNKNOWN_BINDING and about_us:
            return entry.binding_unknown(packet, now)
        untold = message.home_address == ANY6
        unknown = message.status == BindingErrorStatus.UNRECOGNISED_TYPE and (about_us or untold)
        if unknown and entry.expects_an_answer and not entry.has_progress(now):
            self._unable(entry, now)
        else:
            self.counters["error-ignored"] += 1
        return []

    def _heard_icmp(self, packet: IPv6Packet, now: float) -> None:
        refused = refused_mobility_header(Icmp6Message.unpack(packet))
        if refused is None:
            return
        entry = self._entries.get(refused.destination)
        if entry is None or packet.source != refused.destination or not entry.has_sent(refused):
            self.counters["error-ignored"] += 1
            return
        self._unable(entry, now)

    def _unable(self, entry: CorrespondentEntry, now: float) -> None:
        """Remembered for a time, and reached through the tunnel (§11.3.5)."""
        self.counters["unable"] += 1
        self._candidates.unable(entry.correspondent, now)
        entry.unable(UNABLE_FOR, now)
        if entry.is_over:
            del self._entries[entry.correspondent]
