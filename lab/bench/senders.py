"""The sender and the counter in C: compiled when they are needed."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

import msgspec

from lab.errors import LabError
from lab.nodes import Node

_SOURCES = Path(__file__).parent
_COMPILER = ["clang", "-O2", "-Wall", "-Wextra", "-Werror", "-o"]
SIZE = 64
"""Bytes of a packet with its IPv4 header."""


class Sent(msgspec.Struct, frozen=True):
    """What blast says in the end."""

    sent: int
    refused: int
    nanoseconds: int


class Counted(msgspec.Struct, frozen=True):
    """What count says in the end."""

    packets: int
    with_first: int  # at the moment from which the time counts
    nanoseconds: int

    @property
    def rate(self) -> float:
        """Packets a second; 0 if there were not two."""
        return (self.packets - self.with_first) / self.nanoseconds * 1e9 if self.nanoseconds else 0.0


@dataclass(frozen=True, slots=True)
class Load:
    """What to send."""

    destination: str
    port: int
    rate: float
    seconds: float
    source: str | None = None
    count: int = 1  # of addresses from the destination on
    ports: int = 1

    def arguments(self) -> list[str]:
        """For blast."""
        milliseconds = max(1, round(self.seconds * 1000))
        words = [self.destination, self.count, self.port, self.ports, SIZE, round(self.rate), milliseconds]
        return [*map(str, words), *([self.source] if self.source else [])]


class Senders:
    """Both programs, compiled."""

    def __init__(self, directory: Path) -> None:
        """Compile them into a directory, or raise LabError."""
        self._blast, self._count = (_compile(directory, name) for name in ("blast", "count"))

    def send(self, node: Node, load: Load) -> Sent:
        """Send, and wait for the end."""
        told = node.must([self._blast, *load.arguments()], timeout=load.seconds + 30)
        return msgspec.json.decode(told, type=Sent)

    def send_and_count(self, sender: Node, receiver: Node, load: Load) -> tuple[Sent, Counted]:
        """Send from one node to another; what was sent, and what arrived there."""
        counter = subprocess.Popen(
            receiver.command([self._count, str(load.port), "200"]),
            stdout=subprocess.PIPE,
            text=True,
        )
        with counter:
            if counter.stdout is None or counter.stdout.readline() != "ready\n":
                raise LabError(f"the counter on {receiver.name} does not start")
            sent = self.send(sender, load)
            told = counter.stdout.readline()
        return sent, msgspec.json.decode(told, type=Counted)


def _compile(directory: Path, name: str) -> Path:
    made = directory / name
    done = subprocess.run([*_COMPILER, made, _SOURCES / f"{name}.c"], capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabError(f"{name}.c does not compile: {done.stderr.strip()}")
    return made
