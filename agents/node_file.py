"""The file of one node: its name, its home addresses and its keys, as TOML."""

from __future__ import annotations

import re
from ipaddress import IPv4Address
from pathlib import Path
from typing import Literal

import msgspec

from agents.configuration import address, association
from agents.home6.configuration import address6
from agents.home6.node import Association6, Node6
from agents.nodes import Node
from client.control.private_file import read_private_file
from client.core.errors import ProfileError
from client.core.secret import read_secret, write_secret
from client.mipv4.authentication import Algorithm
from mipv6.esp import Associations, associations, secret_of

DYNAMIC = "dynamic"
"""In place of a home address: the home agent gives one at the first registration."""

_NAI = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?")
_LONGEST_NAI = 128


class KeyTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[[key]]"""

    spi: int
    algorithm: Algorithm = Algorithm.HMAC_MD5
    secret: str


class Key6Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[[mipv6.key]]"""

    spi: int
    secret: str
    replay: Literal["timestamp", "none"] = "timestamp"


class EspTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[mipv6.esp]: `spi_in` is what the mobile node sends under."""

    spi_in: int
    spi_out: int
    secret: str


class Node6Table(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[mipv6]"""

    home_address: str
    key: list[Key6Table] = []
    esp: EspTable | None = None


class NodeTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The whole file."""

    nai: str
    home_address: str | None = None
    home_agent: str | None = None
    key: list[KeyTable] = []
    mipv6: Node6Table | None = None


def check_nai(nai: str) -> str:
    """The NAI, if it is one that can name a file; else ProfileError."""
    if len(nai) > _LONGEST_NAI or not _NAI.fullmatch(nai):
        raise ProfileError(f"{nai!r} is not a name like alice@example.net")
    return nai


def read_node(path: Path) -> Node:
    """The node in a file; ProfileError if it is not sound or cannot be read."""
    try:
        table = msgspec.toml.decode(read_private_file(path), type=NodeTable)
    except msgspec.MsgspecError as error:
        raise ProfileError(f"{path}: {error}") from None  # its cause could show a key
    try:
        _check_whole(table)
        return Node(
            nai=check_nai(table.nai),
            home_address=_home_address(table.home_address),
            home_agent=None if table.home_agent is None else address(table.home_agent, "home_agent"),
            associations=tuple(association(key.spi, key.algorithm, key.secret) for key in table.key),
            v6=None if table.mipv6 is None else _node6(table.mipv6),
        )
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def _check_whole(table: NodeTable) -> None:
    if table.key and table.home_address is None:
        raise ProfileError("no home_address")
    if not table.key and (table.home_address is not None or table.mipv6 is None):
        raise ProfileError("no [[key]]")


def _home_address(text: str | None) -> IPv4Address | None:
    return None if text in (None, DYNAMIC) else address(text or "", "home_address")


def _node6(table: Node6Table) -> Node6:
    if bool(table.key) == (table.esp is not None):
        raise ProfileError("either [[mipv6.key]] or [mipv6.esp]")
    return Node6(
        home_address=address6(table.home_address, "[mipv6] home_address"),
        associations=tuple(_association6(key) for key in table.key),
        esp=_associations(table.esp) if table.esp else None,
    )


def _associations(table: EspTable) -> Associations:
    try:
        return associations(table.spi_in, table.spi_out, read_secret(table.secret))
    except ValueError as error:
        raise ProfileError(f"[mipv6.esp]: {error}") from error


def _association6(table: Key6Table) -> Association6:
    try:
        return Association6(spi=table.spi, key=read_secret(table.secret), timestamps=table.replay == "timestamp")
    except ValueError as error:
        raise ProfileError(f"[[mipv6.key]]: {error}") from error


def write_node(node: Node) -> str:
    """The text of a node's file."""
    lines = [f'nai = "{node.nai}"']
    if node.associations:
        lines.append(f'home_address = "{node.home_address or DYNAMIC}"')
    if node.home_agent:
        lines.append(f'home_agent = "{node.home_agent}"')
    for entry in node.associations:
        lines += [
            "",
            "[[key]]",
            f"spi = {entry.spi}",
            f'algorithm = "{entry.algorithm.value}"',
            f'secret = "{write_secret(entry.key)}"',
        ]
    return "\n".join(lines + (_lines6(node.v6) if node.v6 else [])) + "\n"


def _lines6(node: Node6) -> list[str]:
    lines = ["", "[mipv6]", f'home_address = "{node.home_address}"']
    for entry in node.associations:
        lines += [
            "",
            "[[mipv6.key]]",
            f"spi = {entry.spi}",
            f'secret = "{write_secret(entry.key)}"',
            *([] if entry.timestamps else ['replay = "none"']),
        ]
    if node.esp:
        lines += ["", "[mipv6.esp]", f"spi_in = {node.esp.inbound.spi}", f"spi_out = {node.esp.outbound.spi}"]
        lines.append(f'secret = "{write_secret(secret_of(node.esp.inbound))}"')
    return lines
