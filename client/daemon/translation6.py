"""From a profile to what the Mobile IPv6 machine needs."""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv6Address, IPv6Interface, IPv6Network

from client.core.errors import ProfileError
from client.core.profile import IpsecManual, IPv6Profile, Profile, Rfc4285, acts_on_ipv6
from client.daemon.choices import Chosen
from client.daemon.translation import NameUnresolvedError
from mipv6.esp import Associations, associations
from mipv6.mn_ha_authentication import SecurityAssociation
from mipv6.path_policy import PathPolicy
from mipv6.settings import Settings

DISCOVER = ("dhaad", "discover")


async def settings6_of(profile: Profile, mipv6: IPv6Profile, chosen: Chosen) -> Settings:
    """The machine's settings; raises ProfileError for what we cannot protect, NameUnresolvedError without a network."""
    if not acts_on_ipv6(profile):
        raise ProfileError('mipv6.auth: this version knows method = "rfc4285" and "ipsec-manual" only')
    auth = mipv6.auth
    return Settings(
        home_address=IPv6Interface(mipv6.home_address).ip,
        home_prefix=IPv6Network(mipv6.home_prefix),
        home_agents=await _addresses(mipv6.home_agents),
        discover=any(name in DISCOVER for name in mipv6.home_agents),
        identity=auth.id if isinstance(auth, Rfc4285) else None,
        association=_association(profile, auth) if isinstance(auth, Rfc4285) else None,
        esp=_associations(profile, auth) if isinstance(auth, IpsecManual) else None,
        timestamps=isinstance(auth, Rfc4285) and auth.replay == "timestamp",
        lifetime=max(4, mipv6.lifetime // 4 * 4),
        paths=_policy(mipv6, chosen),
        accept_unprotected=mipv6.direct_paths.accept_unprotected,
    )


def _association(profile: Profile, auth: Rfc4285) -> SecurityAssociation:
    return SecurityAssociation(spi=auth.spi, key=profile.secrets[auth.secret])


def _associations(profile: Profile, auth: IpsecManual) -> Associations:
    return associations(auth.spi_in, auth.spi_out, profile.secrets[auth.secret])


def _policy(mipv6: IPv6Profile, chosen: Chosen) -> PathPolicy:
    paths = mipv6.direct_paths
    on_demand = paths.default == "on-demand" if chosen.direct_paths is None else chosen.direct_paths
    never = tuple(IPv6Network(text) for text in paths.never)
    return PathPolicy(on_demand=on_demand, after_packets=paths.after_packets, never=never)


async def _addresses(home_agents: list[str]) -> tuple[IPv6Address, ...]:
    names = [name for name in home_agents if name not in DISCOVER]
    found = [address for name in names for address in await _resolve(name)]
    if names and not found:
        raise NameUnresolvedError(f"no address for {' or '.join(names)}")
    return tuple(dict.fromkeys(found))


async def _resolve(name: str) -> list[IPv6Address]:
    try:
        answers = await asyncio.get_running_loop().getaddrinfo(name, None, family=socket.AF_INET6)
    except OSError:
        return []
    return [IPv6Address(str(answer[4][0]).partition("%")[0]) for answer in answers]
