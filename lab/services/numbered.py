"""Sends a numbered UDP packet every 10 ms to a peer, and writes down which of the peer's numbers arrive, and when.

    python -m lab.services.numbered LOCAL_PORT PEER PEER_PORT SENT_FILE ARRIVED_FILE [PERIOD]

PERIOD: another time between two packets, in seconds; 0: only listen.

IPv6 if PEER is an IPv6 address. A program that binds no address: which one its packets carry is the system's
choice, each time anew. The payload is a number and the time of sending in nanoseconds since 1970; both files hold
records of a number and a time. SIGUSR1 ends the sending, SIGTERM all.
"""

from __future__ import annotations

import contextlib
import selectors
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from types import FrameType

PERIOD = 0.010
RECORD = struct.Struct("!QQ")
_SO_RCVBUFFORCE = 33
_SO_TIMESTAMPNS = 35
_WAITING = 4 << 20
"""Bytes of packets that may wait for this program: what it reads late is not to count as lost on the way."""

_TIMESPEC = struct.Struct("@qq")


class Numbered:
    """Both halves, on one socket."""

    def __init__(
        self, local_port: int, peer: tuple[str, int], sent: Path, arrived: Path, period: float = PERIOD
    ) -> None:
        self._period = period
        self._socket = _socket(ipv6=":" in peer[0])
        with contextlib.suppress(PermissionError):  # a user's namespace keeps the system's limit
            self._socket.setsockopt(socket.SOL_SOCKET, _SO_RCVBUFFORCE, _WAITING)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind(("", local_port))
        self._socket.setblocking(False)
        self._peer = peer
        self._sent = sent.open("wb", buffering=0)
        self._arrived = arrived.open("wb", buffering=0)
        self._number = 0
        self.sending = period > 0

    def send(self) -> None:
        """The next number; one that the system cannot send is used up too, and so is lost."""
        record = RECORD.pack(self._number, time.time_ns())
        self._number += 1
        self._sent.write(record)
        with contextlib.suppress(OSError):
            self._socket.sendto(record, self._peer)

    def receive(self) -> None:
        """Write down all that has arrived, by the kernel's clock."""
        while True:
            try:
                data, ancillary, _, _ = self._socket.recvmsg(64, 64)
            except BlockingIOError:
                return
            except OSError:
                continue  # an ICMP error for a packet of ours
            if len(data) == RECORD.size:
                number, _ = RECORD.unpack(data)
                self._arrived.write(RECORD.pack(number, _arrival(ancillary)))

    def run(self) -> None:
        """Send and receive until killed."""
        selector = selectors.DefaultSelector()
        selector.register(self._socket, selectors.EVENT_READ)
        due = time.monotonic()
        while True:
            if selector.select(max(0.0, due - time.monotonic()) if self.sending else None):
                self.receive()
            if self.sending and time.monotonic() >= due:
                due += self._period
                self.send()


def _socket(ipv6: bool) -> socket.socket:
    if not ipv6:
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    found = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
    found.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
    return found


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> int:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return int(seconds * 1_000_000_000 + nanoseconds)
    return time.time_ns()


def main() -> None:
    """Run until killed."""
    local_port, peer, peer_port, sent, arrived, *period = sys.argv[1:]
    numbered = Numbered(int(local_port), (peer, int(peer_port)), Path(sent), Path(arrived), *map(float, period))

    def hush(_number: int, _frame: FrameType | None) -> None:
        numbered.sending = False

    signal.signal(signal.SIGUSR1, hush)
    numbered.run()


if __name__ == "__main__":
    main()
