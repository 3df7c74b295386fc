"""The programs and their maps in the kernel: loaded, not attached; they go with their descriptors."""

from __future__ import annotations

import os
import struct
from contextlib import ExitStack
from ipaddress import IPv6Address
from pathlib import Path
from typing import Self, TypeVar

from client.linux.bpf.elf import BpfObject, Program, read_object
from client.linux.bpf.layout import (
    ENTRANCE4_END,
    ENTRANCE6_END,
    EXIT4_END,
    EXIT6_END,
    SETTINGS,
)
from client.linux.bpf.maps import HashMap, Map, PeerMap, read_counters
from client.linux.bpf.syscalls import load_program

OBJECT = Path(__file__).with_name("dataplane.bpf.o")
_OURS = "mn_"
_EXITS = 2  # an entry for each way that a packet may come: MINIMAL also as IPIP, an old care-of address in its grace
_PEERS = 1024  # that are told apart between two looks
_Map = TypeVar("_Map", bound=Map)
_INSTRUCTION = struct.Struct("<BBhi")
_MAP_DESCRIPTOR = 1 << 4  # BPF_PSEUDO_MAP_FD, as the source register of the instruction that loads the address


class Programs:
    """The four programs and what they look at. Nothing is pinned."""

    def __init__(self, compiled: BpfObject, *, bindings: int, bindings6: int) -> None:
        """Load all, or nothing; raises KernelError."""
        self._closing = ExitStack()
        self._settings = [0, 0, 0, 0, 0]
        self.descriptors: dict[str, int] = {}
        with self._closing:
            self.entrances4 = self._hash_map(compiled, "entrances4", bindings, ENTRANCE4_END)
            self.exits4 = self._hash_map(compiled, "exits4", bindings * _EXITS, EXIT4_END)
            self.entrances6 = self._hash_map(compiled, "entrances6", bindings6, ENTRANCE6_END)
            self.exits6 = self._hash_map(compiled, "exits6", bindings6 * _EXITS, EXIT6_END)
            self._peers6 = self._keep(PeerMap(_OURS + "peers6", compiled.maps["peers6"], _PEERS))
            self._settings_map = self._keep(Map(_OURS + "settings", compiled.maps["settings"]))
            self._counters = self._keep(Map(_OURS + "counters", compiled.maps["counters"]))
            for name, program in compiled.programs.items():
                self._load(name, program, compiled.license)
            self._closing = self._closing.pop_all()

    @classmethod
    def load(cls, *, bindings: int, bindings6: int | None = None) -> Self:
        """Load the shipped object with room for so many entrances, of IPv6 for as many if not said; raises KernelError.

        An empty map takes 16 bytes an entrance and 32 for its exits.
        """
        return cls(read_object(OBJECT.read_bytes()), bindings=bindings, bindings6=bindings6 or bindings)

    def configure(self, *, anchor: int, segmenter: int, mark: int, shortcut: bool = False) -> None:
        """Tell the programs of our anchor, the near end of the segmenting pair (0: none), and outer packets' mark.

        `shortcut`: what arrives for a home address enters its tunnel before the kernel would forward it.
        """
        self._settings[:3] = anchor, segmenter, mark
        self._settings[4] = shortcut
        self._configure()

    def counters(self) -> dict[str, tuple[int, int]]:
        """What the programs did since they were loaded: packets and bytes of inner packets by name."""
        return read_counters(self._counters)

    def peers(self) -> dict[IPv6Address, tuple[int, int]]:
        """IPv6 packets since the last look, by who is at the other end: all, and those that came without a tunnel."""
        return self._peers6.taken()

    def close(self) -> None:
        """Let go of everything; the kernel keeps what is attached until it is detached."""
        self._closing.close()

    def _hash_map(self, compiled: BpfObject, name: str, entries: int, end_at: int) -> HashMap:
        return self._keep(HashMap(_OURS + name, compiled.maps[name], entries, end_at, self._first_of))

    def _keep(self, made: _Map) -> _Map:
        self._closing.callback(made.close)
        return made

    def _load(self, name: str, program: Program, license_: bytes) -> None:
        instructions = bytearray(program.instructions)
        for offset, referred in program.maps:
            code, registers, jump, _ = _INSTRUCTION.unpack_from(instructions, offset)
            descriptor = self._map(referred).descriptor
            _INSTRUCTION.pack_into(instructions, offset, code, registers & 0x0F | _MAP_DESCRIPTOR, jump, descriptor)
        descriptor = load_program(_OURS + name, bytes(instructions), license_)
        self._closing.callback(os.close, descriptor)
        self.descriptors[name] = descriptor

    def _map(self, name: str) -> Map:
        maps: dict[str, Map] = {
            "entrances4": self.entrances4,
            "exits4": self.exits4,
            "entrances6": self.entrances6,
            "exits6": self.exits6,
            "peers6": self._peers6,
            "settings": self._settings_map,
            "counters": self._counters,
        }
        return maps[name]

    def _first_of(self, end: int) -> None:
        self._settings[3] |= 1 << end
        self._configure()

    def _configure(self) -> None:
        self._settings_map.put(bytes(4), SETTINGS.pack(*self._settings))
