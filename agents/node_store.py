"""The nodes on disk: one file each in `nodes.d`, which only root can read."""

from __future__ import annotations

import fcntl
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from agents.configuration import address, association
from agents.nodes import Node, Nodes
from client.control.private_file import read_private_file, write_private_file
from client.core.errors import ProfileError
from client.core.secret import write_secret
from client.mipv4.authentication import Algorithm

DYNAMIC = "dynamic"
"""In place of a home address: the home agent gives one at the first registration."""

_NAI = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*(@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)*)?")
_LONGEST_NAI = 128
_SUFFIX = ".toml"


class KeyTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """[[key]]"""

    spi: int
    algorithm: Algorithm = Algorithm.HMAC_MD5
    secret: str


class NodeTable(msgspec.Struct, forbid_unknown_fields=True, kw_only=True, frozen=True):
    """The whole file."""

    nai: str
    home_address: str
    home_agent: str | None = None
    key: list[KeyTable]


@dataclass(frozen=True, slots=True)
class Loaded:
    """What the directory holds: the nodes, and what is wrong with the other files."""

    nodes: Nodes
    problems: tuple[str, ...]


class NodeStore:
    """The directory `nodes.d` of a state directory."""

    def __init__(self, state: Path) -> None:
        self._directory = state / "nodes.d"

    def load(self) -> Loaded:
        """All nodes whose files are sound; two nodes never share a home address."""
        nodes: list[Node] = []
        problems: list[str] = []
        for path in sorted(self._directory.glob(f"[!.]*{_SUFFIX}")):
            try:
                nodes.append(_checked(read_node(path), path, nodes))
            except ProfileError as error:
                problems.append(str(error))
        return Loaded(Nodes(nodes), tuple(problems))

    @contextmanager
    def changing(self) -> Iterator[None]:
        """Nobody else adds or removes nodes meanwhile."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)

    def add(self, node: Node) -> None:
        """Make a node's file; ProfileError if there is one already."""
        try:
            write_private_file(self._path(node.nai), write_node(node), new=True)
        except FileExistsError as error:
            raise ProfileError(f"{node.nai} has an entry already; `mobilityagent revoke` removes it") from error

    def remove(self, nai: str) -> bool:
        """Remove a node's file; says if there was one."""
        path = self._path(nai)
        there = path.exists()
        path.unlink(missing_ok=True)
        return there

    def _path(self, nai: str) -> Path:
        return self._directory / f"{check_nai(nai)}{_SUFFIX}"


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
    if not table.key:
        raise ProfileError(f"{path}: no [[key]]")
    try:
        return Node(
            nai=check_nai(table.nai),
            home_address=None if table.home_address == DYNAMIC else address(table.home_address, "home_address"),
            home_agent=None if table.home_agent is None else address(table.home_agent, "home_agent"),
            associations=tuple(association(key.spi, key.algorithm, key.secret) for key in table.key),
        )
    except ProfileError as error:
        raise ProfileError(f"{path}: {error}") from error


def write_node(node: Node) -> str:
    """The text of a node's file."""
    lines = [
        f'nai = "{node.nai}"',
        f'home_address = "{node.home_address or DYNAMIC}"',
        *([f'home_agent = "{node.home_agent}"'] if node.home_agent else []),
    ]
    for entry in node.associations:
        lines += [
            "",
            "[[key]]",
            f"spi = {entry.spi}",
            f'algorithm = "{entry.algorithm.value}"',
            f'secret = "{write_secret(entry.key)}"',
        ]
    return "\n".join(lines) + "\n"


def _checked(node: Node, path: Path, others: list[Node]) -> Node:
    if path.name != node.nai + _SUFFIX:
        raise ProfileError(f"{path}: the file of {node.nai} is called {node.nai}{_SUFFIX}")
    if node.home_address is not None and any(other.home_address == node.home_address for other in others):
        raise ProfileError(f"{path}: another node has the home address {node.home_address}")
    return node
