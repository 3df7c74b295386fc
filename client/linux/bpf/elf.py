"""Reads the object that clang made: programs, maps, and where the programs name the maps.

Ours is a little-endian ELF64 relocatable object for BPF. A section "program/NAME" is a program;
the section "maps" holds our map definitions, one symbol each; nothing else is referred to.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from client.core.errors import DecodeError

_HEADER = struct.Struct("<16sHHIQQQIHHHHHH")
_SECTION = struct.Struct("<IIQQQQIIQQ")
_SYMBOL = struct.Struct("<IBBHQQ")
_RELOCATION = struct.Struct("<QQ")
_MAP = struct.Struct("<IIIII")
_MAGIC = b"\x7fELF\x02\x01\x01"  # 64 bits, little endian, version 1
_RELOCATABLE, _BPF = 1, 247
_PROGBITS, _SYMTAB, _REL, _NOBITS = 1, 2, 9, 8
_PROGRAM = "program/"
_INSTRUCTION = 8
_LOAD_ADDRESS = 1  # R_BPF_64_64: the address in an instruction of two words


@dataclass(frozen=True, slots=True)
class MapDefinition:
    """What BPF_MAP_CREATE wants to know."""

    kind: int
    key_size: int
    value_size: int
    entries: int
    flags: int


@dataclass(frozen=True, slots=True)
class Program:
    """Instructions, and at which byte of them which map is named."""

    instructions: bytes
    maps: tuple[tuple[int, str], ...]


@dataclass(frozen=True, slots=True)
class BpfObject:
    """All that is in an object."""

    programs: dict[str, Program]
    maps: dict[str, MapDefinition]
    license: bytes


@dataclass(frozen=True, slots=True)
class _Section:
    name: str
    kind: int
    flags: int
    link: int
    info: int
    data: bytes


@dataclass(frozen=True, slots=True)
class _Symbol:
    name: str
    section: int
    value: int


def read_object(data: bytes) -> BpfObject:
    """Read an object, or raise DecodeError."""
    sections = _sections(data)
    symbols = _symbols(sections)
    maps = _maps(sections, symbols)
    programs = {
        section.name.removeprefix(_PROGRAM): Program(section.data, tuple(_named_maps(number, sections, symbols, maps)))
        for number, section in enumerate(sections)
        if section.kind == _PROGBITS and section.name.startswith(_PROGRAM)
    }
    for name, program in programs.items():
        if len(program.instructions) % _INSTRUCTION:
            raise DecodeError(f"program {name} ends within an instruction", data)
    licenses = [section.data for section in sections if section.name == "license"]
    if len(licenses) != 1 or not licenses[0].endswith(b"\0"):
        raise DecodeError("no license", data)
    return BpfObject(programs, maps, licenses[0])


def _sections(data: bytes) -> list[_Section]:
    if len(data) < _HEADER.size or not data.startswith(_MAGIC):
        raise DecodeError("not a little-endian ELF64 object", data)
    _, kind, machine, _, _, _, start, _, _, _, _, size, count, names_at = _HEADER.unpack_from(data)
    if (kind, machine, size) != (_RELOCATABLE, _BPF, _SECTION.size):
        raise DecodeError("not a relocatable BPF object", data)
    raw = [_SECTION.unpack(_slice(data, start + number * size, size)) for number in range(count)]
    if names_at >= count:
        raise DecodeError("no section names", data)
    names = _body(data, raw[names_at])
    return [_Section(_name(names, each[0]), each[1], each[2], each[6], each[7], _body(data, each)) for each in raw]


def _body(data: bytes, section: tuple[int, ...]) -> bytes:
    return b"" if section[1] in (0, _NOBITS) else _slice(data, section[4], section[5])


def _slice(data: bytes, start: int, size: int) -> bytes:
    if start + size > len(data):
        raise DecodeError("the object ends too early", data)
    return data[start : start + size]


def _name(names: bytes, start: int) -> str:
    end = names.find(b"\0", start)
    if end < 0:
        raise DecodeError("a name without an end", names)
    try:
        return names[start:end].decode("ascii")
    except UnicodeDecodeError:
        raise DecodeError("a name that is not ASCII", names) from None


def _symbols(sections: list[_Section]) -> list[_Symbol]:
    tables = [section for section in sections if section.kind == _SYMTAB]
    if len(tables) != 1 or tables[0].link >= len(sections) or len(tables[0].data) % _SYMBOL.size:
        raise DecodeError("no symbol table")
    names = sections[tables[0].link].data
    return [
        _Symbol(_name(names, name), section, value)
        for name, _, _, section, value, _ in _SYMBOL.iter_unpack(tables[0].data)
    ]


def _maps(sections: list[_Section], symbols: list[_Symbol]) -> dict[str, MapDefinition]:
    return {
        symbol.name: MapDefinition(*_MAP.unpack(_slice(sections[symbol.section].data, symbol.value, _MAP.size)))
        for symbol in symbols
        if symbol.name and symbol.section < len(sections) and sections[symbol.section].name == "maps"
    }


def _named_maps(
    number: int, sections: list[_Section], symbols: list[_Symbol], maps: dict[str, MapDefinition]
) -> list[tuple[int, str]]:
    found = []
    for section in sections:
        if section.kind != _REL or section.info != number:
            continue
        if len(section.data) % _RELOCATION.size:
            raise DecodeError("a relocation is cut short", section.data)
        for offset, info in _RELOCATION.iter_unpack(section.data):
            symbol = symbols[info >> 32].name if info >> 32 < len(symbols) else ""
            if info & 0xFFFFFFFF != _LOAD_ADDRESS or symbol not in maps:
                raise DecodeError("a program refers to something that is no map", section.data)
            if offset % _INSTRUCTION or offset + 2 * _INSTRUCTION > len(sections[number].data):
                raise DecodeError("a relocation outside its program", section.data)
            found.append((offset, symbol))
    return found
