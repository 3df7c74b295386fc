"""Reading objects, right ones and wrong ones."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.errors import DecodeError
from client.linux.bpf.elf import MapDefinition, read_object
from client.linux.bpf.layout import ENTRANCE4, ENTRANCE4_KEY, EXIT, EXIT6_KEY
from client.linux.bpf.programs import OBJECT
from client.linux.bpf.syscalls import NO_PREALLOC, MapKind

SHIPPED = OBJECT.read_bytes()


def test_shipped_object_has_four_programs_and_seven_maps() -> None:
    found = read_object(SHIPPED)
    assert set(found.programs) == {"anchor", "ether", "raw", "segment"}
    assert set(found.maps) == {"entrances4", "exits4", "entrances6", "exits6", "peers6", "settings", "counters"}
    assert found.license == b"GPL\0"
    expected = MapDefinition(MapKind.HASH, ENTRANCE4_KEY.size, ENTRANCE4.size, 1, NO_PREALLOC)
    assert found.maps["entrances4"] == expected
    assert found.maps["exits6"] == MapDefinition(MapKind.HASH, EXIT6_KEY.size, EXIT.size, 1, NO_PREALLOC)


def test_places_where_a_program_names_a_map_load_an_address() -> None:
    for program in read_object(SHIPPED).programs.values():
        assert {name for _, name in program.maps} >= {"settings", "counters"}
        for offset, _ in program.maps:
            assert program.instructions[offset] == 0x18  # BPF_LD | BPF_IMM | BPF_DW
            assert program.instructions[offset + 1] >> 4 == 0


@given(st.binary(max_size=200))
def test_any_bytes_are_no_object(data: bytes) -> None:
    with pytest.raises(DecodeError):
        read_object(data)


@given(st.integers(0, len(SHIPPED) - 1))
def test_object_cut_short_is_none(size: int) -> None:
    with pytest.raises(DecodeError):
        read_object(SHIPPED[:size])


@given(st.integers(0, 63), st.integers(0, 255))
def test_object_with_another_header_reads_or_is_refused(place: int, value: int) -> None:
    _read_or_refused(SHIPPED[:place] + bytes([value]) + SHIPPED[place + 1 :])


@given(st.integers(0, 64 * 24), st.integers(0, 255))
def test_object_with_another_section_table_reads_or_is_refused(place: int, value: int) -> None:
    at = int(struct.unpack_from("<Q", SHIPPED, 40)[0]) + place
    _read_or_refused(SHIPPED[:at] + bytes([value]) + SHIPPED[at + 1 :])


@given(st.integers(0, len(SHIPPED) - 1), st.binary(min_size=8, max_size=8))
def test_object_with_other_bytes_anywhere_reads_or_is_refused(place: int, value: bytes) -> None:
    _read_or_refused(SHIPPED[:place] + value + SHIPPED[place + 8 :])


def _read_or_refused(data: bytes) -> None:
    try:
        read_object(data)
    except DecodeError:
        return
