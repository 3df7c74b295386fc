"""Turns off all that an interface would do for the kernel, so that packets leave it as they go on a wire."""

from __future__ import annotations

import array
import fcntl
import socket
import struct

from client.core.errors import KernelError

_SIOCETHTOOL = 0x8946
_GET_FEATURES = 0x3A  # ETHTOOL_GFEATURES
_SET_FEATURES = 0x3B
_MOST_WORDS = 16
_HEADER = struct.Struct("=II")  # command, number of words
_GOT = struct.Struct("=IIII")  # available, requested, active, never changed
_SETTING = struct.Struct("=II")  # valid, requested


def turn_everything_off(interface: str) -> None:
    """No checksum, no segmentation of any protocol, no merging is left to it. Raises KernelError."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        answer = _ethtool(control, interface, _HEADER.pack(_GET_FEATURES, _MOST_WORDS) + bytes(_MOST_WORDS * _GOT.size))
        _, words = _HEADER.unpack_from(answer)
        available = [_GOT.unpack_from(answer, _HEADER.size + number * _GOT.size)[0] for number in range(words)]
        settings = b"".join(_SETTING.pack(each, 0) for each in available)
        _ethtool(control, interface, _HEADER.pack(_SET_FEATURES, words) + settings)


def _ethtool(control: socket.socket, interface: str, command: bytes) -> bytes:
    value = array.array("B", command)
    address, _ = value.buffer_info()
    try:
        fcntl.ioctl(control, _SIOCETHTOOL, struct.pack("16sP16x", interface.encode(), address))
    except OSError as error:
        raise KernelError(error.errno, f"the offloads of {interface} cannot be changed: {error.strerror}") from error
    return value.tobytes()
