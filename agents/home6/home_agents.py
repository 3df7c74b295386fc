"""The home agents of the home link: ourselves, and those whose advertisements we hear (RFC 6275 §10.1, §10.5.1)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from ipaddress import IPv6Address

from agents.ledger import Ledger
from client.core.machine import Random
from mipv6.neighbour_options import INFINITE_LIFETIME
from mipv6.router_advertisement import RouterAdvertisement

MOST = 16
"""Home agents that are remembered; advertisements cost nothing to invent (threat T8)."""

MOST_ADDRESSES = 16
"""Addresses of one home agent."""

MOST_IN_REPLY = (1280 - 40 - 8) // 16
"""What fits into a packet of the smallest MTU (§10.5.1)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownHomeAgent:
    """An entry of the list. Each address has the moment when its prefix is valid no more."""

    link_local: IPv6Address
    addresses: Mapping[IPv6Address, float]
    preference: int
    until: float

    def valid(self, now: float) -> list[IPv6Address]:
        """The addresses whose prefix is still valid."""
        return [address for address, until in self.addresses.items() if now < until]


class HomeAgentsList:
    """The others, by their link-local address."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._others: Ledger[IPv6Address, KnownHomeAgent] = Ledger(lambda agent: agent.until)

    def __len__(self) -> int:
        return len(self._others)

    def heard(self, link_local: IPv6Address, advertisement: RouterAdvertisement, now: float) -> None:
        """A valid advertisement of another router: it is a home agent, or no more (§10.5.1)."""
        self._others.expire(now)
        information = advertisement.home_agent_information
        if information is None or not information.lifetime:
            self._others.pop(link_local)
            return
        before = self._others.get(link_local)
        if before is None and len(self._others) >= MOST:
            return
        agent = KnownHomeAgent(
            link_local=link_local,
            addresses=_addresses(before, advertisement, now),
            preference=information.preference,
            until=now + information.lifetime,
        )
        self._others.put(link_local, agent)

    def forget(self) -> None:
        """We are on another link, or on none."""
        for agent in list(self._others):
            self._others.pop(agent.link_local)

    def in_order(self, own: Iterable[IPv6Address], preference: int, now: float) -> tuple[IPv6Address, ...]:
        """All addresses, most preferred first, by chance among equals, as many as fit into a reply (§10.5.1)."""
        self._others.expire(now)
        agents = [(preference, list(own)), *((agent.preference, agent.valid(now)) for agent in self._others)]
        ranked = sorted(agents, key=lambda agent: (-agent[0], self._random()))
        addresses = [address for _, some in ranked for address in self._shuffled(some)]
        return tuple(addresses[:MOST_IN_REPLY])

    def _shuffled(self, addresses: list[IPv6Address]) -> list[IPv6Address]:
        return sorted(addresses, key=lambda _: self._random())


def _addresses(
    before: KnownHomeAgent | None, advertisement: RouterAdvertisement, now: float
) -> dict[IPv6Address, float]:
    """Those known already and those of this advertisement, which may hold a part of them only."""
    addresses = {address: until for address, until in (before.addresses if before else {}).items() if now < until}
    for prefix in advertisement.prefixes:
        if not prefix.router_address:
            continue
        valid = prefix.valid_lifetime
        addresses[prefix.address] = float("inf") if valid == INFINITE_LIFETIME else now + valid
    kept = [(address, until) for address, until in addresses.items() if now < until]
    return dict(kept[:MOST_ADDRESSES])
