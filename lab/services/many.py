"""Packets to many: sends numbers to a broadcast or group address, or writes down those that arrive.

    python -m lab.services.many send ADDRESS PORT VIA
    python -m lab.services.many listen PORT FILE [GROUP VIA]

VIA: the address of ours by whose interface the group is joined or reached. The sender sends 20 packets a second;
the listener's file gets a line for each: nanoseconds since 1970, the sender's address, the number.
"""

from __future__ import annotations

import contextlib
import signal
import socket
import struct
import sys
import time
from pathlib import Path
from types import FrameType

PERIOD = 0.05
FAR = 8
"""Routers between sender and listeners that a packet to a group may pass."""

_NUMBER = struct.Struct("!Q")


def send(address: str, port: int, via: str) -> None:
    """Send until killed; what the system cannot send now is lost."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_TTL, FAR)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_LOOP, 0)
        sock.setsockopt(socket.IPPROTO_IP, socket.IP_MULTICAST_IF, socket.inet_aton(via))
        sock.bind((via, 0))
        number = 0
        while True:
            with contextlib.suppress(OSError):
                sock.sendto(_NUMBER.pack(number), (address, port))
            number += 1
            time.sleep(PERIOD)


def listen(port: int, file: Path, group: str = "", via: str = "") -> None:
    """Write down what arrives until killed; the kernel then leaves the group."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sock, file.open("w", buffering=1) as notes:
        sock.bind((group, port))
        if group:
            membership = socket.inet_aton(group) + socket.inet_aton(via)
            sock.setsockopt(socket.IPPROTO_IP, socket.IP_ADD_MEMBERSHIP, membership)
        while True:
            data, (sender, _) = sock.recvfrom(64)
            if len(data) == _NUMBER.size:
                notes.write(f"{time.time_ns()} {sender} {_NUMBER.unpack(data)[0]}\n")


def main() -> None:
    """Do one or the other."""

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    what, *words = sys.argv[1:]
    if what == "send":
        send(words[0], int(words[1]), words[2])
    else:
        listen(int(words[0]), Path(words[1]), *words[2:])


if __name__ == "__main__":
    main()
