"""bpf(2), as far as we need it: no library, one call each; what the kernel refuses is a KernelError.

The attributes are those of `union bpf_attr` in linux/bpf.h.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from enum import IntEnum

from client.core.errors import KernelError

_NUMBERS = {"x86_64": 321, "aarch64": 280}
_CLASSIFIER = 3  # BPF_PROG_TYPE_SCHED_CLS
_LOG = 1 << 20
_LOG_SHOWN = 2000
_ATTEMPTS = 5  # of loading: EAGAIN only means that a signal came
_NAME = 15


class Command(IntEnum):
    """`enum bpf_cmd`."""

    MAP_CREATE = 0
    MAP_LOOKUP_ELEM = 1
    MAP_UPDATE_ELEM = 2
    MAP_DELETE_ELEM = 3
    PROG_LOAD = 5
    PROG_TEST_RUN = 10
    PROG_GET_FD_BY_ID = 13
    OBJ_GET_INFO_BY_FD = 15
    MAP_LOOKUP_AND_DELETE_BATCH = 25
    MAP_UPDATE_BATCH = 26
    LINK_CREATE = 28


class MapKind(IntEnum):
    """`enum bpf_map_type`."""

    HASH = 1
    ARRAY = 2
    PERCPU_ARRAY = 6
    LRU_HASH = 9


NO_PREALLOC = 1  # BPF_F_NO_PREALLOC: an entry is replaced whole, never written over

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long
_libc.syscall.argtypes = [ctypes.c_long, ctypes.c_long, ctypes.c_void_p, ctypes.c_ulong]
_number = _NUMBERS.get(os.uname().machine)


def attempt(command: Command, attributes: ctypes.Array[ctypes.c_char]) -> int:
    """One call: what it returned, or an error number below zero."""
    if _number is None:
        return -errno.ENOSYS
    result: int = _libc.syscall(_number, command, attributes, len(attributes))
    return result if result >= 0 else -ctypes.get_errno()


def call(command: Command, attributes: ctypes.Array[ctypes.c_char], doing: str) -> int:
    """One call that must succeed; raises KernelError, whose sentence says what we were doing."""
    result = attempt(command, attributes)
    if result < 0:
        raise refused(-result, doing)
    return result


def refused(number: int, doing: str) -> KernelError:
    """The error for a call that the kernel refused."""
    return KernelError(number, f"the kernel refuses {doing}: {os.strerror(number)}")


def attributes_of(layout: str, *values: object) -> ctypes.Array[ctypes.c_char]:
    """The packed attributes, in a buffer of their own."""
    return ctypes.create_string_buffer(struct.pack(layout, *values), struct.calcsize(layout))


def address(buffer: ctypes.Array[ctypes.c_char]) -> int:
    """Where a buffer is; it must outlive the call."""
    return ctypes.addressof(buffer)


def create_map(name: str, kind: int, key_size: int, value_size: int, entries: int, flags: int) -> int:
    """A map's descriptor."""
    label = name.encode()[:_NAME]
    attributes = attributes_of("=IIIIIII16s", kind, key_size, value_size, entries, flags, 0, 0, label)
    return call(Command.MAP_CREATE, attributes, f"a BPF map of {entries} entries ({name})")


def load_program(name: str, instructions: bytes, license_: bytes) -> int:
    """A program's descriptor; when the verifier refuses it, the sentence ends with what it said."""
    descriptor = _load(name, instructions, license_, None)
    if descriptor >= 0:
        return descriptor
    log = ctypes.create_string_buffer(_LOG)
    _load(name, instructions, license_, log)
    said = log.value.decode(errors="replace").strip()[-_LOG_SHOWN:]
    error = refused(-descriptor, f"the BPF program {name}")
    raise KernelError(error.errno, f"{error.strerror}\n{said}" if said else error.strerror)


def _load(name: str, instructions: bytes, license_: bytes, log: ctypes.Array[ctypes.c_char] | None) -> int:
    code, words = ctypes.create_string_buffer(instructions, len(instructions)), ctypes.create_string_buffer(license_)
    level, size, where = (0, 0, 0) if log is None else (1, len(log), address(log))
    count, label = len(instructions) // 8, name.encode()[:_NAME]
    attributes = attributes_of(
        "=IIQQIIQII16s", _CLASSIFIER, count, address(code), address(words), level, size, where, 0, 0, label
    )
    result = -errno.EAGAIN
    for _ in range(_ATTEMPTS):
        result = attempt(Command.PROG_LOAD, attributes)
        if result != -errno.EAGAIN:
            break
    return result


def create_link(program: int, interface: int, attach_type: int) -> int:
    """Attach a program to an interface by a link, which goes with its descriptor (tcx: kernel 6.6)."""
    attributes = attributes_of("=IIIIII", program, interface, attach_type, 0, 0, 0)
    return call(Command.LINK_CREATE, attributes, "to attach a BPF program by a link")


def run_program(program: int, packet: bytes, context: bytes = b"", repeat: int = 1) -> tuple[int, bytes, int]:
    """Let a program judge a frame that nobody sent: its verdict, the frame afterwards, and nanoseconds a run."""
    given = ctypes.create_string_buffer(packet, len(packet))
    made = ctypes.create_string_buffer(len(packet) + 512)
    about = ctypes.create_string_buffer(context, len(context))
    attributes = attributes_of(
        "=IIIIQQIIIIQQ",
        program, 0, len(packet), len(made), address(given), address(made), repeat, 0,
        len(context), 0, address(about) if context else 0, 0,
    )  # fmt: skip
    call(Command.PROG_TEST_RUN, attributes, "a trial of a BPF program")
    _, verdict, _, size, _, _, _, duration = struct.unpack_from("=IIIIQQII", attributes.raw)
    return verdict, made.raw[:size], duration


def object_info(descriptor: int, size: int = 256) -> bytes:
    """`struct bpf_prog_info` or `struct bpf_map_info` of a descriptor."""
    information = ctypes.create_string_buffer(size)
    attributes = attributes_of("=IIQ", descriptor, size, address(information))
    call(Command.OBJ_GET_INFO_BY_FD, attributes, "to tell of a BPF object")
    return information.raw
