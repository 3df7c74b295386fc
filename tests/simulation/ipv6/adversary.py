"""Someone on the links, without a key: replays what was seen, alters it, and speaks in others' names."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace
from ipaddress import IPv6Address

from client.core.errors import DecodeError
from client.core.icmp6 import Icmp6Message
from client.core.ipv6 import IPv6Packet, NextHeader
from mipv6.messages import (
    BindingAcknowledgement,
    BindingError,
    BindingRefreshRequest,
    BindingUpdate,
    CareOfTest,
    HomeTest,
    MobilityMessage,
)
from mipv6.options import AlternateCareOfAddress, BindingAuthorizationData, NonceIndices
from mipv6.router_advertisement import RouterAdvertisement
from tests.simulation.chance import Chance
from tests.simulation.ipv6.world import ABLE, HOME_ADDRESS, HOME_AGENT, World
from tests.simulation.lan import Frame, Kind, Lan, Port

ATTACKER = IPv6Address("2001:db8:66::66")
MEAN_PAUSE = 4.0
KEPT = 300


@dataclass(frozen=True, slots=True)
class Seen:
    """A frame with a mobility header, and where it was."""

    lan: Lan
    frame: Frame
    packet: IPv6Packet


class Adversary:
    """Strikes at random moments until it is stopped."""

    def __init__(self, world: World, chance: Chance) -> None:
        self._world = world
        self._chance = chance
        self._seen: deque[Seen] = deque(maxlen=KEPT)
        self._active = True
        for lan in world.lans.values():
            lan.taps.append(self._tap)
        world.timeline.after(chance.wait(MEAN_PAUSE), self._strike)

    def stop(self) -> None:
        """The attack is over."""
        self._active = False

    def _tap(self, lan: Lan, port: Port, frame: Frame) -> bool:
        if self._active and frame.payload[6:7] in (b"\x87", b"\x3c", b"\x2b"):
            try:
                packet = IPv6Packet.unpack(frame.payload)
            except DecodeError:
                return False
            if packet.next_header == NextHeader.MOBILITY:
                self._seen.append(Seen(lan, frame, packet))
        return False

    def _strike(self) -> None:
        if not self._active:
            return
        attacks: list[Callable[[], None]] = [
            self._replay,
            self._alter,
            self._update_home_agent,
            self._update_correspondent,
            lambda: self._to_mobile(HOME_AGENT, self._acknowledgement()),
            lambda: self._to_mobile(ABLE, self._acknowledgement()),
            lambda: self._to_mobile(ABLE, HomeTest(nonce_index=1, cookie=bytes(8), keygen_token=bytes(8))),
            lambda: self._to_mobile(ABLE, CareOfTest(nonce_index=1, cookie=bytes(8), keygen_token=bytes(8))),
            lambda: self._to_mobile(ABLE, BindingError(status=self._chance.pick((1, 2)), home_address=HOME_ADDRESS)),
            lambda: self._to_mobile(HOME_AGENT, BindingError(status=1, home_address=HOME_ADDRESS)),
            lambda: self._to_mobile(ABLE, BindingRefreshRequest()),
            self._advertise_off_link,
        ]
        number = self._chance.below(len(attacks))
        self._world.journal.note(f"adversary: {number}")
        self._world.journal.fault(f"attack {number}")
        attacks[number]()
        self._world.timeline.after(self._chance.wait(MEAN_PAUSE), self._strike)

    def _replay(self) -> None:
        if self._seen:
            seen = self._chance.pick(self._seen)
            seen.lan.inject(seen.frame)

    def _alter(self) -> None:
        if not self._seen:
            return
        seen = self._chance.pick(self._seen)
        payload = bytearray(seen.frame.payload)
        payload[self._chance.below(len(payload))] ^= 1 << self._chance.below(8)
        seen.lan.inject(replace(seen.frame, payload=bytes(payload)))

    def _inject(self, lan: str, owner: str, packet: IPv6Packet) -> None:
        """To this host, by one of its links."""
        for port in self._world.lans[lan].ports:
            if port.owner == owner:
                frame = Frame(bytes.fromhex("026600000066"), port.link_layer_address, Kind.IP, packet.pack())
                self._world.lans[lan].inject(frame)
                return

    def _update(self) -> BindingUpdate:
        return BindingUpdate(
            sequence=self._chance.below(65536),
            acknowledge=True,
            home_registration=True,
            lifetime=self._chance.pick((0, 400)),
            options=(AlternateCareOfAddress(ATTACKER),),
        )

    def _update_home_agent(self) -> None:
        packet = self._update().packet(ATTACKER, HOME_AGENT, home_address=HOME_ADDRESS)
        self._inject("core", "home", packet)

    def _update_correspondent(self) -> None:
        options = (
            NonceIndices(self._chance.below(65536), self._chance.below(65536)),
            BindingAuthorizationData(self._chance.bytes(12)),
        )
        update = replace(self._update(), home_registration=False, options=options)
        self._inject("core", "able", update.packet(ATTACKER, ABLE, home_address=HOME_ADDRESS))

    def _acknowledgement(self) -> BindingAcknowledgement:
        latest = next((seen for seen in reversed(self._seen) if seen.packet.payload[2] == 5), None)
        sequence = int.from_bytes(latest.packet.payload[6:8]) if latest else 0
        return BindingAcknowledgement(
            status=self._chance.pick((0, 129, 133, 134, 135, 136)), sequence=sequence, lifetime=4
        )

    def _to_mobile(self, source: IPv6Address, message: MobilityMessage) -> None:
        place = self._world.place
        addresses = self._world.care_of_addresses
        if place is not None and addresses:
            to_home = isinstance(message, HomeTest)
            packet = message.packet(source, addresses[0], routing=HOME_ADDRESS if not to_home else None)
            self._inject(place, "mobile", packet)

    def _advertise_off_link(self) -> None:
        """A router cannot be behind another one (RFC 4861 §6.1.2)."""
        place = self._world.place
        if place is not None:
            advertisement = RouterAdvertisement(lifetime=1800)
            message = Icmp6Message.unpack(advertisement.packet(IPv6Address("fe80::66")))
            packet = message.packet(IPv6Address("fe80::66"), IPv6Address("ff02::1"), hop_limit=254)
            self._inject(place, "mobile", packet)
