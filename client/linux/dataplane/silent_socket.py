"""A socket that takes nothing: with it the kernel answers no packet of its protocol with "unrecognised next header"."""

from __future__ import annotations

import socket

from client.core.errors import KernelError
from client.linux import packet_filter


def silent_socket(protocol: int) -> socket.socket:
    """For an IPv6 protocol that the machine hears otherwise. Raises KernelError."""
    try:
        made = socket.socket(socket.AF_INET6, socket.SOCK_RAW, protocol)
    except OSError as error:
        raise KernelError(error.errno, error.strerror) from error
    packet_filter.attach(made, packet_filter.nothing())
    return made
