"""The nodes on disk: one file each in `nodes.d`, which only root can read."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.node_file import check_nai, read_node, write_node
from agents.nodes import Node, Nodes
from client.control.private_file import write_private_file
from client.core.errors import ProfileError

_SUFFIX = ".toml"


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


def _checked(node: Node, path: Path, others: list[Node]) -> Node:
    if path.name != node.nai + _SUFFIX:
        raise ProfileError(f"{path}: the file of {node.nai} is called {node.nai}{_SUFFIX}")
    if node.home_address is not None and any(other.home_address == node.home_address for other in others):
        raise ProfileError(f"{path}: another node has the home address {node.home_address}")
    if node.v6 and any(other.v6 and other.v6.home_address == node.v6.home_address for other in others):
        raise ProfileError(f"{path}: another node has the home address {node.v6.home_address}")
    spi = _esp_spi(node)
    if spi is not None and any(_esp_spi(other) == spi for other in others):
        raise ProfileError(f"{path}: another node has the SPI {spi}, by which ESP is found (RFC 3776 §4.2)")
    return node


def _esp_spi(node: Node) -> int | None:
    return node.v6.esp.inbound.spi if node.v6 and node.v6.esp else None
