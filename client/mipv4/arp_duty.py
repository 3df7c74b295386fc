"""What a mobile node says in ARP, and what it keeps quiet about (RFC 5944 §4.6)."""

from __future__ import annotations

from dataclasses import dataclass
from ipaddress import IPv4Address

from client.core.arp import ETHERNET_BROADCAST, ArpOperation, ArpPacket, gratuitous_arp
from client.core.machine import NEVER, ArpHeard, SendArp

REPETITIONS = 3
INTERVAL = 1.0


@dataclass(frozen=True, slots=True)
class _Announcement:
    frame: SendArp
    left: int
    next_at: float


class Announcer:
    """Repeats gratuitous ARP a small number of times, beside whatever else goes on."""

    def __init__(self) -> None:
        self._announcements: dict[IPv4Address, _Announcement] = {}

    @property
    def deadline(self) -> float:
        """When the next repetition is due."""
        return min((one.next_at for one in self._announcements.values()), default=NEVER)

    def announce(self, address: IPv4Address, link_layer_address: bytes, interface: int, now: float) -> list[SendArp]:
        """Tell the link now, and again, that the address is to be found at this link-layer address."""
        frame = SendArp(
            arp=gratuitous_arp(address, link_layer_address),
            interface=interface,
            link_layer_destination=ETHERNET_BROADCAST,
        )
        self._announcements[address] = _Announcement(frame, REPETITIONS, now)
        return self.tick(now)

    def stop(self, address: IPv4Address) -> None:
        """Say nothing more about this address."""
        self._announcements.pop(address, None)

    def tick(self, now: float) -> list[SendArp]:
        """The repetitions that are due."""
        due = {address: one for address, one in self._announcements.items() if one.next_at <= now}
        for address, one in due.items():
            if one.left > 1:
                self._announcements[address] = _Announcement(one.frame, one.left - 1, now + INTERVAL)
            else:
                del self._announcements[address]
        return [one.frame for one in due.values()]


def unicast_answer(
    heard: ArpHeard, home_address: IPv4Address, agent: bytes | None, link_layer_address: bytes
) -> list[SendArp]:
    """Away, the home address is told to nobody but the foreign agent, who must ask by unicast and is answered so."""
    request = heard.arp
    if not heard.unicast or agent is None or heard.link_layer_source != agent:
        return []
    if request.operation != ArpOperation.REQUEST or request.target_address != home_address:
        return []
    answer = ArpPacket(
        operation=ArpOperation.REPLY,
        sender_link_layer_address=link_layer_address,
        sender_address=home_address,
        target_link_layer_address=request.sender_link_layer_address,
        target_address=request.sender_address,
    )
    return [SendArp(arp=answer, interface=heard.interface, link_layer_destination=heard.link_layer_source)]
