"""A netlink socket for requests: the kernel has acted when `request` returns.

The kernel does what a request asks inside the sending system call and queues its answer there and then,
so asking in line costs tens of microseconds and needs neither task nor future.
"""

from __future__ import annotations

import errno
import itertools
import os
import socket
import struct
from collections.abc import Iterable

from client.core.errors import KernelError
from client.linux.netlink.codes import Flag, MessageType
from client.linux.netlink.messages import HEADER, Message, Request, attributes, messages, text

_SOL_NETLINK = 270
_NETLINK_CAP_ACK = 10
_NETLINK_EXT_ACK = 11
_ACK_MESSAGE = 1  # NLMSGERR_ATTR_MSG
_ACK_HAS_WORDS = 0x200  # NLM_F_ACK_TLVS
_LARGEST = 1 << 18
_TRIES = 5


class Netlink:
    """Asks rtnetlink and waits for the answer."""

    def __init__(self) -> None:
        self._socket = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, socket.NETLINK_ROUTE)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_EXT_ACK, 1)
        self._socket.setsockopt(_SOL_NETLINK, _NETLINK_CAP_ACK, 1)
        self._socket.bind((0, 0))
        self._sequence = itertools.count(1)
        self._buffer = memoryview(bytearray(_LARGEST))  # made once: so much anew for each answer costs 0.1 ms
        self.port: int = self._socket.getsockname()[0]

    def request(self, request: Request, allow: Iterable[int] = ()) -> None:
        """Have the kernel act, or raise KernelError with its words; error numbers in `allow` are fine."""
        sequence = self._send(request, Flag.REQUEST | Flag.ACK)
        answer = next(m for m in self._receive(sequence) if m.type == MessageType.ERROR)
        error, words = _verdict(answer)
        if error and error not in allow:
            raise KernelError(error, os.strerror(error) + (f" ({words})" if words else ""))

    def dump(self, type_: int, body: bytes) -> list[Message]:
        """All objects of one kind; asked again when they changed meanwhile. Raises KernelError."""
        found = self._dump_once(type_, body)
        for _ in range(_TRIES):
            if not any(m.flags & Flag.DUMP_INTERRUPTED for m in found):
                break
            found = self._dump_once(type_, body)
        return found

    def get(self, type_: int, body: bytes) -> Message:
        """One object, or raise KernelError."""
        sequence = self._send(Request(type_, 0, body), Flag.REQUEST)
        answer = next(iter(self._receive(sequence)))
        if answer.type == MessageType.ERROR:
            error, words = _verdict(answer)
            raise KernelError(error, words or os.strerror(error))
        return answer

    def close(self) -> None:
        """Give the socket back."""
        self._socket.close()

    def _dump_once(self, type_: int, body: bytes) -> list[Message]:
        sequence = self._send(Request(type_, 0, body), Flag.REQUEST | Flag.DUMP)
        found: list[Message] = []
        while True:
            for message in self._receive(sequence):
                if message.type == MessageType.DONE:
                    return found
                if message.type == MessageType.ERROR:
                    error, words = _verdict(message)
                    raise KernelError(error, words or os.strerror(error))
                found.append(message)

    def _send(self, request: Request, flags: int) -> int:
        sequence = next(self._sequence) & 0xFFFFFFFF
        length = HEADER.size + len(request.body)
        header = HEADER.pack(length, request.type, request.flags | flags, sequence, 0)
        self._socket.send(header + request.body)
        return sequence

    def _receive(self, sequence: int) -> list[Message]:
        while True:
            try:
                length = self._socket.recv_into(self._buffer)
            except OSError as error:
                raise KernelError(error.errno or errno.EIO, f"netlink: {error.strerror}") from error
            found = [m for m in messages(bytes(self._buffer[:length])) if m.sequence == sequence]
            if found:
                return found


def _verdict(message: Message) -> tuple[int, str]:
    """Error number (0: done) and the kernel's own words, if it has any."""
    (error,) = struct.unpack_from("=i", message.body)
    words = attributes(message.body[4 + HEADER.size :]) if message.flags & _ACK_HAS_WORDS else {}
    return -error, text(words.get(_ACK_MESSAGE))
