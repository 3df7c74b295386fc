"""`diagnose`: asks for a proof now, looks names up, and hands what it found to the checks."""

from __future__ import annotations

import asyncio
import platform
from collections.abc import Iterable
from importlib import metadata
from typing import Any

from client.core.checkup import Facts, check_all
from client.core.commands import CheckNow
from client.core.profile import Profile
from client.core.report_text import report_text
from client.core.status import Status
from client.daemon.house import House

PATIENCE = 4.0
"""Seconds until a proof that was asked for has come, or does not come: probes are sent at 0, 0.2, 0.5, 1 and 2 s."""

LOOK = 0.05

NAME_PATIENCE = 3.0


async def diagnose(house: House) -> dict[str, Any]:
    """The checks, and a report with the same and more that holds no key, name or place."""
    unresolved, (status, fresh) = await asyncio.gather(_unresolved(house.profile), _proven(house))
    checks = check_all(Facts(status=status, profile=house.profile, fresh=fresh, unresolved=unresolved))
    node = house.node
    handovers, events = (node.handovers, node.events) if node else ([], [])
    return {"checks": checks, "report": report_text(_version(), checks, status, house.profile, events, handovers)}


def _version() -> str:
    try:
        version = metadata.version("mobilenode")
    except metadata.PackageNotFoundError:
        version = "from its sources"
    return f"mobilenode {version}, Linux {platform.release()}, Python {platform.python_version()}"


async def _proven(house: House) -> tuple[Status, bool]:
    """The status, and whether a round trip has been made since we asked for one."""
    node = house.node
    if node is None:
        return house.status(), False
    asked = node.now()
    node.obey(CheckNow())
    while node.now() - asked < PATIENCE:
        await asyncio.sleep(LOOK)
        status, since = house.status(), node.now() - asked
        if status.proof and status.proof.age_ms <= since * 1000:
            return status, True
    return house.status(), False


async def _unresolved(profile: Profile | None) -> tuple[str, ...]:
    families = (profile.mipv4, profile.mipv6) if profile else ()
    names = [name for family in families if family for name in family.home_agents if not _needs_no_look(name)]
    return await _without_address(dict.fromkeys(names))


def _needs_no_look(name: str) -> bool:
    return name in ("discover", "dhaad")


async def _without_address(names: Iterable[str]) -> tuple[str, ...]:
    wanted = list(names)
    found = await asyncio.gather(*map(_leads_somewhere, wanted))
    return tuple(name for name, leads in zip(wanted, found, strict=True) if not leads)


async def _leads_somewhere(name: str) -> bool:
    try:
        async with asyncio.timeout(NAME_PATIENCE):
            await asyncio.get_running_loop().getaddrinfo(name, None)
    except (OSError, TimeoutError):
        return False
    return True
