"""Programs and maps in the kernel: what they are called, what can be put into them, and that nothing stays."""

from __future__ import annotations

import errno
import struct
from collections.abc import Iterator
from ipaddress import IPv4Address
from pathlib import Path

import pytest

from client.core.errors import KernelError
from client.core.plan import End
from client.linux.bpf.layout import ENTRANCE4, entrance4, entrance4_key
from client.linux.bpf.programs import Programs
from client.linux.bpf.syscalls import Command, attempt, attributes_of, load_program, object_info

pytestmark = pytest.mark.lab
REMOTE = IPv4Address("10.7.0.2")


@pytest.fixture
def loaded() -> Iterator[Programs]:
    """Of its own."""
    made = Programs.load(bindings=16)
    yield made
    made.close()


def keys(count: int) -> list[bytes]:
    return [entrance4_key(IPv4Address(0x0A000000 + number), End.HOME) for number in range(count)]


def value(interface: int) -> bytes:
    return entrance4(REMOTE, REMOTE, mtu=1480, interface=interface)


def test_names_in_the_kernel_are_ours(loaded: Programs) -> None:
    for name, descriptor in loaded.descriptors.items():
        assert object_info(descriptor)[64:80].rstrip(b"\0") == b"mn_" + name.encode()
    for each in (loaded.entrances4, loaded.exits4, loaded.entrances6, loaded.exits6):
        assert object_info(each.descriptor, 88)[24:40].rstrip(b"\0") == each.name.encode()
        assert each.name.startswith("mn_")


def test_entry_is_put_replaced_and_taken_out(loaded: Programs) -> None:
    [key] = keys(1)
    assert loaded.entrances4.get(key) is None
    for interface in (1, 2):
        loaded.entrances4.put(key, value(interface))
        assert loaded.entrances4.get(key) == value(interface)
    assert loaded.entrances4.delete(key)
    assert not loaded.entrances4.delete(key)


def test_many_entries_are_put_at_once(loaded: Programs) -> None:
    loaded.entrances4.put_many((key, value(number)) for number, key in enumerate(keys(16)))
    found = [loaded.entrances4.get(key) for key in keys(16)]
    assert [ENTRANCE4.unpack(each or b"")[2] for each in found] == list(range(16))


def test_full_map_says_so(loaded: Programs) -> None:
    loaded.entrances4.put_many((key, value(1)) for key in keys(16))
    with pytest.raises(KernelError) as one:
        loaded.entrances4.put(keys(17)[-1], value(1))
    assert one.value.errno == errno.E2BIG
    with pytest.raises(KernelError) as many:
        loaded.entrances4.put_many([(keys(17)[-1], value(1))])
    assert many.value.errno == errno.E2BIG


def test_entries_of_another_size_are_refused(loaded: Programs) -> None:
    with pytest.raises(ValueError, match="keys of 8 bytes"):
        loaded.entrances4.get(b"short")
    with pytest.raises(ValueError, match="values of 20 bytes"):
        loaded.entrances4.put(keys(1)[0], b"short")
    with pytest.raises(ValueError, match="other sizes"):
        loaded.entrances4.put_many([(keys(1)[0], b"short")])


def test_program_that_the_verifier_refuses_is_told_why() -> None:
    """It returns without having set what it returns."""
    with pytest.raises(KernelError, match=r"mn_wrong: Permission denied\n[^$]*R0 !read_ok") as refused:
        load_program("mn_wrong", bytes([0x95]) + bytes(7), b"GPL\0")
    assert refused.value.errno == errno.EACCES


def test_nothing_stays_when_it_is_closed() -> None:
    made = Programs.load(bindings=16)
    numbers = [struct.unpack_from("=II", object_info(each))[1] for each in made.descriptors.values()]
    before = len(list(Path("/proc/self/fd").iterdir()))
    made.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before - 11
    assert [attempt(Command.PROG_GET_FD_BY_ID, attributes_of("=III", number, 0, 0)) for number in numbers] == [
        -errno.ENOENT
    ] * 4
