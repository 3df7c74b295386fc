"""Settings of this machine that would stop our packets. They are reported, never changed."""

from __future__ import annotations

import socket
from collections.abc import Callable
from ipaddress import IPv4Address, IPv6Address
from pathlib import Path

from agents.home6.settings import Home6Settings
from agents.settings import AgentSettings

STRICT = 1
"""The value of rp_filter that drops packets whose source has another way back."""


def is_own_address(address: IPv4Address | IPv6Address) -> bool:
    """Does the kernel let us use this address (on whatever interface, loopback too)?"""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


def router_problems(
    settings: AgentSettings,
    anchor: str,
    proc: Path = Path("/proc/sys/net/ipv4"),
    is_ours: Callable[[IPv4Address], bool] = is_own_address,
) -> tuple[str, ...]:
    """What a person should change, one sentence each."""
    problems = [*_missing_interfaces(settings, proc), *_missing_addresses(settings, is_ours)]
    if (settings.home_agents or settings.foreign_agent) and _read(proc / "ip_forward") == 0:
        problems.append("IP forwarding is off, so no packet of a mobile node passes: sysctl -w net.ipv4.ip_forward=1")
    visited = [link.interface for link in (settings.foreign_agent.links if settings.foreign_agent else ())]
    strict = [name for name in (*visited, anchor) if _effective_rp_filter(proc, name) == STRICT]
    problems += [
        f"strict rp_filter on {interface} drops what mobile nodes send: sysctl -w net.ipv4.conf.{interface}.rp_filter=2"
        for interface in strict
    ]
    return tuple(problems)


def router_problems6(
    home: Home6Settings | None,
    proc: Path = Path("/proc/sys/net/ipv6"),
    is_ours: Callable[[IPv6Address], bool] = is_own_address,
) -> tuple[str, ...]:
    """The same for IPv6; a correspondent needs nothing."""
    if home is None:
        return ()
    problems = [] if is_ours(home.address) else [f"{home.address} is no address of this machine"]
    if home.interface and (proc / "conf").is_dir() and not (proc / "conf" / home.interface).exists():
        problems.append(f"there is no interface {home.interface}")
    if _read(proc / "conf" / "all" / "forwarding") == 0:
        problems.append(
            "IPv6 forwarding is off, so no packet of a mobile node passes: sysctl -w net.ipv6.conf.all.forwarding=1"
        )
    return tuple(problems)


def _missing_interfaces(settings: AgentSettings, proc: Path) -> list[str]:
    visited = settings.foreign_agent.links if settings.foreign_agent else ()
    named = [home.interface for home in settings.home_agents] + [link.interface for link in visited]
    known = (proc / "conf").is_dir()
    return [f"there is no interface {name}" for name in named if name and known and not (proc / "conf" / name).exists()]


def _missing_addresses(settings: AgentSettings, is_ours: Callable[[IPv4Address], bool]) -> list[str]:
    visited = settings.foreign_agent.links if settings.foreign_agent else ()
    named = dict.fromkeys([home.address for home in settings.home_agents] + [link.care_of_address for link in visited])
    return [f"{address} is no address of this machine" for address in named if not is_ours(address)]


def _effective_rp_filter(proc: Path, interface: str) -> int:
    """The kernel takes the higher of the two; an interface that is not there yet will have the default."""
    own = _read(proc / "conf" / interface / "rp_filter")
    if own is None:
        own = _read(proc / "conf" / "default" / "rp_filter")
    return max(own or 0, _read(proc / "conf" / "all" / "rp_filter") or 0)


def _read(path: Path) -> int | None:
    try:
        return int(path.read_text(encoding="ascii"))
    except (OSError, ValueError):
        return None
