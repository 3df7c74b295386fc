"""From a profile to what the Mobile IPv4 machine needs."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Iterable
from ipaddress import IPv4Address, IPv4Network

from client.core.errors import MobileIPError
from client.core.plan import Encapsulation
from client.core.profile import IPv4Profile, Key, Peer, Profile
from client.daemon.choices import Chosen
from client.mipv4.authentication import Algorithm, SecurityAssociation
from client.mipv4.settings import Settings

DISCOVER = "discover"

REQUEST_GAP = 1.1
"""Seconds between two decisions to ask. The wire must see a whole one between two requests (RFC 5944 §3.6.3), and a
first plan that is applied before its request is sent, on a busy machine, was seen to take 40 ms."""


class NameUnresolvedError(MobileIPError):
    """No home agent's name leads to an address now; with a network it may."""


async def settings_of(profile: Profile, mipv4: IPv4Profile, chosen: Chosen) -> Settings:
    """The machine's settings; raises NameUnresolvedError without a network."""
    return Settings(
        home_address=mipv4.home_address,
        home_agents=await _addresses(mipv4.home_agents),
        associations=tuple(_association(profile, key) for key in mipv4.keys(Peer.HOME_AGENT)),
        foreign_associations=_by_agent(profile, mipv4.keys(Peer.FOREIGN_AGENT)),
        nai=mipv4.nai,
        lifetime=mipv4.lifetime,
        care_of=mipv4.care_of,
        request_gap=REQUEST_GAP,
        encapsulations=tuple(Encapsulation(name) for name in mipv4.encapsulation),
        overlap=mipv4.overlap is not False,
        reverse_tunnel=chosen.reverse_tunnel or mipv4.reverse_tunnel,
        broadcasts=mipv4.broadcasts if chosen.broadcasts is None else chosen.broadcasts,
        tunnelled=_tunnelled(mipv4, chosen),
    )


def _tunnelled(mipv4: IPv4Profile, chosen: Chosen) -> tuple[IPv4Network, ...] | None:
    return mipv4.tunnelled_prefixes if chosen.tunnelled is None else chosen.tunnelled or None


async def _addresses(home_agents: list[str]) -> tuple[IPv4Address, ...]:
    found = [address for name in home_agents if name != DISCOVER for address in await _resolve(name)]
    if not found:
        raise NameUnresolvedError(f"no address for {' or '.join(home_agents)}")
    return tuple(dict.fromkeys(found))


async def _resolve(name: str) -> list[IPv4Address]:
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(name, None, family=socket.AF_INET)
    except OSError:
        return []
    return [IPv4Address(str(answer[4][0])) for answer in answers]


def _association(profile: Profile, key: Key) -> SecurityAssociation:
    return SecurityAssociation(spi=key.spi, key=profile.secrets[key.secret], algorithm=Algorithm(key.algorithm))


def _by_agent(profile: Profile, keys: Iterable[Key]) -> dict[IPv4Address, tuple[SecurityAssociation, ...]]:
    found: dict[IPv4Address, tuple[SecurityAssociation, ...]] = {}
    for key in keys:
        if key.peer_address:
            found[key.peer_address] = (*found.get(key.peer_address, ()), _association(profile, key))
    return found
