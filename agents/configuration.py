"""The configuration file of mobilityagentd: TOML, whose every mistake is told with its place."""

from __future__ import annotations

from collections import defaultdict
from ipaddress import AddressValueError, IPv4Address, IPv4Network
from pathlib import Path
from typing import NoReturn

import msgspec

from agents.configuration_tables import Configuration, ForeignAgentTable, HomeAgentTable, TunnelKind
from agents.home6.configuration import correspondent_settings, home6_settings
from agents.settings import (
    AddressRange,
    AgentSettings,
    Associations,
    ForeignAgentSettings,
    ForeignLinkSettings,
    HomeAgentSettings,
    ReverseTunnel,
)
from client.control.private_file import read_private_file, read_public_file
from client.core.errors import ProfileError
from client.core.plan import Encapsulation
from client.core.secret import read_secret
from client.mipv4.authentication import Algorithm, SecurityAssociation

LONGEST = 0xFFFE
"""Seconds; 0xffff on the wire means for ever, and no registration may last that long."""

SHORTEST_KEEPALIVE = 10
"""Seconds; a mobile node never uses less (RFC 3519 §4.10)."""

MOST_SIMULTANEOUS_BINDINGS = 8
"""Every packet for a node goes to all of its care-of addresses."""


def read_configuration(path: Path) -> AgentSettings:
    """Read and check a configuration file; ProfileError says what is wrong with it and where."""
    text = read_public_file(path)
    if _holds_keys(text):
        text = read_private_file(path)
    try:
        return settings_of(parse(text))
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def _holds_keys(text: str) -> bool:
    """Also if the file has other faults, which are told later."""
    try:
        return bool(parse(text).key)
    except ProfileError:
        return "secret" in text


def parse(text: str) -> Configuration:
    """The file's tables, or ProfileError."""
    try:
        return msgspec.toml.decode(text, type=Configuration)
    except msgspec.MsgspecError as error:
        raise ProfileError(str(error)) from None  # its cause could show a key


def settings_of(configuration: Configuration) -> AgentSettings:
    """What the tables mean, or ProfileError."""
    home6, correspondent = configuration.home6, configuration.correspondent
    if not (configuration.home_agent or configuration.foreign_agent or home6 or correspondent):
        raise ProfileError("there is no [[home_agent]], [[foreign_agent]], [home6] or [correspondent]")
    homes = [_home_agent(table, _keys(configuration, "foreign-agent")) for table in configuration.home_agent]
    links = [_foreign_link(table) for table in configuration.foreign_agent]
    _unique("address", "[[home_agent]]", [str(home.address) for home in homes])
    _unique("interface", "[[home_agent]]", [home.interface for home in homes if home.interface])
    _unique("interface", "[[foreign_agent]]", [link.interface for link in links])
    foreign_agent = ForeignAgentSettings(
        links=tuple(links),
        home_agents=_by_address(_keys(configuration, "home-agent")),
        mobile_nodes=_keys(configuration, "mobile-node"),
    )
    return AgentSettings(
        home_agents=tuple(homes),
        foreign_agent=foreign_agent if links else None,
        home6=home6_settings(home6) if home6 else None,
        correspondent=correspondent_settings(correspondent) if correspondent else None,
    )


def _home_agent(table: HomeAgentTable, keys: dict[str, Associations]) -> HomeAgentSettings:
    where = f"[[home_agent]] {table.address}"
    network = _network(table.network, where)
    _check(3 <= table.tolerance <= 3600, f"{where}: tolerance is not between 3 seconds and an hour")
    _check(table.max_bindings >= 1, f"{where}: max_bindings is less than 1")
    return HomeAgentSettings(
        address=address(table.address, where),
        network=network,
        interface=table.interface,
        max_lifetime=_lifetime(table.max_lifetime, f"{where}: max_lifetime"),
        tolerance=table.tolerance,
        reverse_tunnel=table.reverse_tunnel,
        pool=_pool(table.pool, network, where) if table.pool is not None else None,
        max_bindings=table.max_bindings,
        advertisement_lifetime=_advertisement_lifetime(table.advertisement_lifetime, where),
        encapsulations=_encapsulations(table.encapsulations, where),
        udp_lifetime=_lifetime(table.udp_lifetime, f"{where}: udp_lifetime"),
        keepalive=_keepalive(table.keepalive, where),
        forced_udp=table.forced_udp,
        simultaneous_bindings=_simultaneous_bindings(table.simultaneous_bindings, where),
        broadcasts=table.broadcasts,
        multicast=table.multicast,
        shortcut=table.shortcut,
        foreign_agents=_by_address(keys),
    )


def _foreign_link(table: ForeignAgentTable) -> ForeignLinkSettings:
    where = f"[[foreign_agent]] {table.interface}"
    behind_nat = "udp" in table.encapsulations
    useless = behind_nat and table.reverse_tunnel is ReverseTunnel.REFUSED
    _check(not useless, f'{where}: behind a NAT ("udp") visitors need the reverse tunnel (RFC 3519 §4.5)')
    return ForeignLinkSettings(
        interface=table.interface,
        care_of_address=address(table.care_of_address, where),
        registration_lifetime=_lifetime(table.registration_lifetime, f"{where}: registration_lifetime"),
        advertisement_lifetime=_advertisement_lifetime(table.advertisement_lifetime, where),
        registration_required=table.registration_required,
        reverse_tunnel=table.reverse_tunnel,
        encapsulations=_encapsulations(table.encapsulations, where),
    )


def _keys(configuration: Configuration, peer_kind: str) -> dict[str, Associations]:
    found: defaultdict[str, Associations] = defaultdict(tuple)
    for table in configuration.key:
        if table.peer_kind == peer_kind:
            found[table.peer] += (association(table.spi, table.algorithm, table.secret),)
    return dict(found)


def association(spi: int, algorithm: Algorithm, secret: str) -> SecurityAssociation:
    """A security association from a file, or ProfileError."""
    try:
        return SecurityAssociation(spi=spi, key=read_secret(secret), algorithm=algorithm)
    except ValueError as error:
        raise ProfileError(str(error)) from error


def address(text: str, where: str) -> IPv4Address:
    """A host's address from a file, or ProfileError."""
    try:
        return IPv4Address(text)
    except AddressValueError as error:
        raise ProfileError(f"{where}: {text!r} is not an IPv4 address") from error


def _by_address(keys: dict[str, Associations]) -> dict[IPv4Address, Associations]:
    return {address(peer, "[[key]] peer"): associations for peer, associations in keys.items()}


def _network(text: str, where: str) -> IPv4Network:
    try:
        return IPv4Network(text)
    except ValueError as error:
        raise ProfileError(f"{where}: {text!r} is not a network such as 198.51.100.0/24") from error


def _pool(text: str, network: IPv4Network, where: str) -> AddressRange:
    first, dash, last = text.partition("-")
    pool = AddressRange(address(first.strip(), where), address((last if dash else first).strip(), where))
    _check(pool.first <= pool.last, f"{where}: the pool ends before it begins")
    inside = pool.first in network and pool.last in network
    _check(inside, f"{where}: the pool is not inside {network}")
    return pool


def _lifetime(value: int, where: str) -> int:
    _check(1 <= value <= LONGEST, f"{where} is not between 1 and {LONGEST} seconds")
    return value


def _encapsulations(kinds: tuple[TunnelKind, ...], where: str) -> frozenset[Encapsulation]:
    """Without IP-in-IP an agent is none (RFC 5944 §4.1)."""
    _check("ipip" in kinds, f'{where}: "ipip" is missing in encapsulations; every agent has it (RFC 5944 §4.1)')
    return frozenset(map(Encapsulation, kinds))


def _keepalive(value: int, where: str) -> int:
    fits = value == 0 or SHORTEST_KEEPALIVE <= value <= LONGEST
    _check(fits, f"{where}: keepalive is neither 0 nor between {SHORTEST_KEEPALIVE} and {LONGEST} seconds")
    return value


def _simultaneous_bindings(value: int, where: str) -> int:
    fits = 1 <= value <= MOST_SIMULTANEOUS_BINDINGS
    _check(fits, f"{where}: simultaneous_bindings is not between 1 and {MOST_SIMULTANEOUS_BINDINGS}")
    return value


def _advertisement_lifetime(value: int, where: str) -> int:
    """RFC 1256 §4.1 has no advertisement live longer than 9000 seconds; three must fit into one lifetime."""
    _check(3 <= value <= 9000, f"{where}: advertisement_lifetime is not between 3 and 9000 seconds")
    return value


def _unique(key: str, table: str, values: list[str]) -> None:
    twice = sorted({value for value in values if values.count(value) > 1})
    _check(not twice, f"{table} {key} {', '.join(twice)} stands there twice")


def _check(condition: bool, complaint: str) -> None:
    if not condition:
        _complain(complaint)


def _complain(complaint: str) -> NoReturn:
    raise ProfileError(complaint)
