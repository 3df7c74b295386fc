"""A BPF hash map, and the counters of the programs."""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Callable, Iterable
from ipaddress import IPv6Address
from pathlib import Path

from client.core.errors import KernelError
from client.linux.bpf.elf import MapDefinition
from client.linux.bpf.layout import CORRESPONDENCE, COUNTER, COUNTER_PLACES, COUNTERS, PEER6
from client.linux.bpf.syscalls import Command, MapKind, address, attempt, attributes_of, call, create_map, refused

_POSSIBLE = Path("/sys/devices/system/cpu/possible")
_BATCH = 4096
_COUNT, _COUNT_AT = struct.Struct("=I"), 32  # in what is said to the kernel, and what it answers there


class Map:
    """A map and its descriptor; buffers are made once, so a change costs one system call and little else."""

    def __init__(self, name: str, definition: MapDefinition, entries: int | None = None) -> None:
        """Make it in the kernel; raises KernelError."""
        kind, value_size = definition.kind, definition.value_size
        many = possible_processors() if kind == MapKind.PERCPU_ARRAY else 1
        size = entries or definition.entries
        self.name = name
        self.descriptor = create_map(name, kind, definition.key_size, value_size, size, definition.flags)
        self._key = ctypes.create_string_buffer(definition.key_size)
        self._value = ctypes.create_string_buffer(value_size * many)
        self._entry = attributes_of("=IIQQQ", self.descriptor, 0, address(self._key), address(self._value), 0)
        self._only_key = attributes_of("=IIQ", self.descriptor, 0, address(self._key))

    def put(self, key: bytes, value: bytes) -> None:
        """Set or replace an entry in one step; raises KernelError, E2BIG when the map is full."""
        self._set_key(key)
        if len(value) != len(self._value):
            raise ValueError(f"{self.name} has values of {len(self._value)} bytes, not {len(value)}")
        self._value.raw = value
        result = attempt(Command.MAP_UPDATE_ELEM, self._entry)
        if result < 0:
            raise refused(-result, f"an entry in the BPF map {self.name}")

    def delete(self, key: bytes) -> bool:
        """Take an entry out; says whether it was there."""
        self._set_key(key)
        return self._found(attempt(Command.MAP_DELETE_ELEM, self._only_key))

    def get(self, key: bytes) -> bytes | None:
        """An entry's value, if it is there."""
        self._set_key(key)
        found = self._found(attempt(Command.MAP_LOOKUP_ELEM, self._entry))
        return self._value.raw if found else None

    def put_many(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Set or replace many entries, thousands a call; each by itself in one step."""
        waiting = list(pairs)
        for start in range(0, len(waiting), _BATCH):
            self._put_batch(waiting[start : start + _BATCH])

    def close(self) -> None:
        """Give the descriptor back; the map lives as long as a program uses it."""
        if self.descriptor >= 0:
            os.close(self.descriptor)
            self.descriptor = -1

    def _put_batch(self, pairs: list[tuple[bytes, bytes]]) -> None:
        keys, values = b"".join(key for key, _ in pairs), b"".join(value for _, value in pairs)
        if len(keys) != len(self._key) * len(pairs) or len(values) != len(self._value) * len(pairs):
            raise ValueError(f"{self.name} has keys and values of other sizes")
        given = ctypes.create_string_buffer(keys, len(keys)), ctypes.create_string_buffer(values, len(values))
        attributes = attributes_of(
            "=QQQQIIQQ", 0, 0, address(given[0]), address(given[1]), len(pairs), self.descriptor, 0, 0
        )
        call(Command.MAP_UPDATE_BATCH, attributes, f"entries in the BPF map {self.name}")

    def _set_key(self, key: bytes) -> None:
        if len(key) != len(self._key):
            raise ValueError(f"{self.name} has keys of {len(self._key)} bytes, not {len(key)}")
        self._key.raw = key

    def _found(self, result: int) -> bool:
        if result < 0 and result != -errno.ENOENT:
            raise refused(-result, f"to look into the BPF map {self.name}")
        return result >= 0


class HashMap(Map):
    """A map of entrances or exits. Says of which end the first entries come, before they come."""

    def __init__(
        self, name: str, definition: MapDefinition, entries: int, end_at: int, first_of: Callable[[int], None]
    ) -> None:
        """`end_at` is the byte of a key that holds its end; `first_of` is told an end's number once or oftener."""
        super().__init__(name, definition, entries)
        self._end_at = end_at
        self._first_of = first_of
        self._seen: set[int] = set()

    def put(self, key: bytes, value: bytes) -> None:
        """Set or replace an entry in one step; raises KernelError, E2BIG when the map is full."""
        if key[self._end_at] not in self._seen:
            self._see(key[self._end_at])
        super().put(key, value)

    def put_many(self, pairs: Iterable[tuple[bytes, bytes]]) -> None:
        """Set or replace many entries, thousands a call; each by itself in one step."""
        waiting = list(pairs)
        for end in {key[self._end_at] for key, _ in waiting} - self._seen:
            self._see(end)
        super().put_many(waiting)

    def _see(self, end: int) -> None:
        self._first_of(end)
        self._seen.add(end)


class PeerMap(Map):
    """With whom programs exchange IPv6 packets."""

    def __init__(self, name: str, definition: MapDefinition, entries: int) -> None:
        super().__init__(name, definition, entries)
        self._most = entries
        self._place = ctypes.create_string_buffer(4)  # where the next batch would begin
        self._keys = ctypes.create_string_buffer(PEER6.size * entries)
        self._values = ctypes.create_string_buffer(CORRESPONDENCE.size * entries)

    def taken(self) -> dict[IPv6Address, tuple[int, int]]:
        """Take out all there is, in one system call."""
        places = address(self._place), address(self._keys), address(self._values)
        attributes = attributes_of("=QQQQIIQQ", 0, *places, self._most, self.descriptor, 0, 0)
        result = attempt(Command.MAP_LOOKUP_AND_DELETE_BATCH, attributes)
        if result < 0 and result != -errno.ENOENT:  # the end of the map
            raise refused(-result, f"to look into the BPF map {self.name}")
        count = _COUNT.unpack_from(attributes, _COUNT_AT)[0]
        addresses = (IPv6Address(key) for (key,) in PEER6.iter_unpack(self._keys.raw[: count * PEER6.size]))
        values = CORRESPONDENCE.iter_unpack(self._values.raw[: count * CORRESPONDENCE.size])
        return {peer: (packets, direct) for peer, (packets, direct) in zip(addresses, values, strict=True)}


def read_counters(counters: Map) -> dict[str, tuple[int, int]]:
    """Packets and bytes by name, summed over the processors."""
    values = counters.get(bytes(4))
    if values is None:
        raise KernelError(errno.ENOENT, "the BPF programs have no counters")
    pairs = list(COUNTER.iter_unpack(values))
    rows = [pairs[start : start + len(COUNTERS)] for start in range(0, len(pairs), COUNTER_PLACES)]
    return {
        name: (sum(packets for packets, _ in column), sum(size for _, size in column))
        for name, column in zip(COUNTERS, zip(*rows, strict=True), strict=True)
    }


def possible_processors() -> int:
    """How many values a per-CPU map has: the highest number in "0-3" or "0,2-5", and one."""
    return int(_POSSIBLE.read_text().strip().replace(",", "-").rsplit("-", 1)[-1]) + 1
