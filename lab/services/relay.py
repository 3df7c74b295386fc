"""A cable with faults: carries frames between two interfaces and delays, loses, doubles and reorders them.

    python -m lab.services.relay NAME NEAR FAR JSON

NAME names the cable for the seed; JSON holds the fields of `Impairment`.
"""

from __future__ import annotations

import contextlib
import heapq
import json
import selectors
import socket
import struct
import sys
import time
from collections.abc import Callable

from lab.impairment import Fate, Impairment

_ALL_PROTOCOLS = 0x0003
_PACKET_IGNORE_OUTGOING = 23
_SOL_PACKET = 263
_ADD_MEMBERSHIP = 1
_PROMISCUOUS = 1
LONGEST_FRAME = 65536


class Relay:
    """Both directions of one cable."""

    def __init__(self, send: dict[str, Callable[[bytes], None]], fates: dict[str, Fate]) -> None:
        self._send = send
        self._fates = fates
        self._waiting: list[tuple[float, int, str, bytes]] = []
        self._count = 0

    def frame(self, towards: str, frame: bytes, now: float) -> None:
        """A frame came in that goes out `towards` the other side."""
        for due in self._fates[towards].of_next(now):
            self._count += 1
            heapq.heappush(self._waiting, (due, self._count, towards, frame))

    def release(self, now: float) -> float | None:
        """Let out what is due; returns the seconds until the next is."""
        while self._waiting and self._waiting[0][0] <= now:
            _, _, towards, frame = heapq.heappop(self._waiting)
            self._send[towards](frame)
        return self._waiting[0][0] - now if self._waiting else None


def _open(interface: str) -> socket.socket:
    sock = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
    with contextlib.suppress(PermissionError):
        sock.setsockopt(socket.SOL_SOCKET, 33, 1 << 22)  # SO_RCVBUFFORCE: only the seed may lose frames
    sock.setsockopt(_SOL_PACKET, _PACKET_IGNORE_OUTGOING, 1)
    sock.bind((interface, _ALL_PROTOCOLS))
    # Frames for others too: the addresses on both sides are not ours.
    membership = struct.pack("=iHH8x", socket.if_nametoindex(interface), _PROMISCUOUS, 0)
    sock.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, membership)
    sock.setblocking(False)
    return sock


def _sender(sock: socket.socket) -> Callable[[bytes], None]:
    def send(frame: bytes) -> None:
        with contextlib.suppress(OSError):  # the other side's interface is down: as with a cable, the frame is gone
            sock.send(frame)

    return send


def main() -> None:
    """Carry frames until killed."""
    name, near, far, settings = sys.argv[1:]
    impairment = Impairment(**json.loads(settings))
    sockets = {near: _open(near), far: _open(far)}
    towards = {near: far, far: near}
    fates = {side: Fate(impairment, f"{name} {'in' if side == far else 'out'}") for side in sockets}
    relay = Relay({side: _sender(sock) for side, sock in sockets.items()}, fates)
    selector = selectors.DefaultSelector()
    for side, sock in sockets.items():
        selector.register(sock, selectors.EVENT_READ, side)
    wait: float | None = None
    while True:
        for key, _ in selector.select(wait):
            with contextlib.suppress(BlockingIOError):
                while True:
                    relay.frame(towards[key.data], sockets[key.data].recv(LONGEST_FRAME), time.monotonic())
        wait = relay.release(time.monotonic())


if __name__ == "__main__":
    main()
