"""Turns off what network cards do for the kernel, so that captures show packets as they are on a wire."""

from __future__ import annotations

import array
import fcntl
import socket
import struct

_SIOCETHTOOL = 0x8946
_TRANSMIT_CHECKSUM = 0x17
_SCATTER_GATHER = 0x19
_SEGMENTATION = 0x1F
_GENERIC_SEGMENTATION = 0x24
_GENERIC_RECEIVE = 0x2C
# In this order: segmentation needs scatter-gather, which needs the transmit checksum.
_ALL = (_SEGMENTATION, _GENERIC_SEGMENTATION, _GENERIC_RECEIVE, _SCATTER_GATHER, _TRANSMIT_CHECKSUM)


def turn_off(interface: str) -> None:
    """No checksum, no segmentation is left to this interface (of the namespace that the thread is in)."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        for feature in _ALL:
            value = array.array("B", struct.pack("=II", feature, 0))
            address, _ = value.buffer_info()
            fcntl.ioctl(control, _SIOCETHTOOL, struct.pack("16sP16x", interface.encode(), address))
