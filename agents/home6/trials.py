"""Duplicate address detection for a node that is leaving home (RFC 6275 §10.3.1, RFC 4862 §5.4)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.home6.admission import Claim, Granted
from agents.ledger import Ledger
from client.core.ipv6 import group_link_layer_address
from client.core.links import Link
from client.core.machine import Send6
from mipv6.neighbour_messages import duplicate_address_probe

RETRANSMISSION_TIME = 1.0
"""Seconds that an owner of the address has to speak up (RetransTimer, RFC 4861 §10)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """An update that is granted if nobody on the home link has the addresses."""

    claim: Claim
    granted: Granted
    addresses: tuple[IPv6Address, ...]
    until: float

    @property
    def home_address(self) -> IPv6Address:
        """Whose trial it is."""
        return self.claim.update.home_address


class Trials:
    """The addresses that are being tried; each once, whatever else its node sends meanwhile."""

    def __init__(self) -> None:
        self._trials: Ledger[IPv6Address, Trial] = Ledger(lambda trial: trial.until, followed=True)
        self._tried: dict[IPv6Address, IPv6Address] = {}  # to the home address

    def __len__(self) -> int:
        return len(self._trials)

    @property
    def deadline(self) -> float:
        """When the next one is over."""
        return self._trials.deadline

    def of(self, home_address: IPv6Address) -> Trial | None:
        """The trial of a home address."""
        return self._trials.get(home_address)

    def begin(
        self, claim: Claim, granted: Granted, addresses: tuple[IPv6Address, ...], link: Link, now: float
    ) -> list[Send6]:
        """Ask the home link; a newer update of the same node takes the place of the older, and nothing is asked."""
        before = self.end(claim.update.home_address)
        until = before.until if before else now + RETRANSMISSION_TIME
        trial = Trial(claim=claim, granted=granted, addresses=addresses, until=until)
        self._trials.put(trial.home_address, trial)
        self._tried |= dict.fromkeys(addresses, trial.home_address)
        asked = before.addresses if before else ()
        return [_probe(address, link) for address in addresses if address not in asked]

    def taken(self, address: IPv6Address) -> Trial | None:
        """Somebody has this address: the trial that is lost by that."""
        home_address = self._tried.get(address)
        return self.end(home_address) if home_address is not None else None

    def end(self, home_address: IPv6Address) -> Trial | None:
        """No trial any more."""
        trial = self._trials.pop(home_address)
        for address in trial.addresses if trial else ():
            self._tried.pop(address, None)
        return trial

    def passed(self, now: float) -> Iterator[Trial]:
        """Those whose time is over without an objection."""
        for trial in self._trials.expire(now):
            for address in trial.addresses:
                self._tried.pop(address, None)
            yield trial

    def take_changes(self) -> set[IPv6Address]:
        """The home addresses whose trials began or ended since this was asked last."""
        changed, self._trials.changed = self._trials.changed, set()
        return changed


def _probe(address: IPv6Address, link: Link) -> Send6:
    packet = duplicate_address_probe(address)
    group = group_link_layer_address(packet.destination)
    return Send6(packet=packet, interface=link.index, link_layer_destination=group)
