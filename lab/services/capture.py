"""Captures frames of some interfaces into files, with the kernel's time stamps in nanoseconds.

    python -m lab.services.capture INTERFACE LENGTH FILE [INTERFACE LENGTH FILE ...]

tcpdump cannot be used in a user namespace (it insists on changing its user). The frames wait in the kernel
and are fetched many at a time, so that capturing takes little from the programs under test. If the kernel
had to drop any, the log says so.
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

BUFFER = 1 << 24
PAUSE, SHORT_PAUSE = 0.01, 0.002
"""Seconds between two fetches, and if the kernel can keep only few frames for us."""

DROPPED = "frames dropped"
_ALL_PROTOCOLS = 0x0003
_SOL_PACKET = 263
_ADD_MEMBERSHIP, _STATISTICS = 1, 6
_PROMISCUOUS = 1
_RECEIVE_BUFFER_FORCE = 33
_SO_TIMESTAMPNS = 35
_TIMESPEC = struct.Struct("@qq")
_FILE_HEADER = struct.pack("<IHHiIII", 0xA1B23C4D, 2, 4, 0, 0, 65535, 1)  # Ethernet
_RECORD_HEADER = struct.Struct("<IIII")
LONGEST_FRAME = 65536


class Capture:
    """One interface, one file."""

    def __init__(self, interface: str, length: int, file: Path) -> None:
        self._interface = interface
        self._length = length
        self._socket = socket.socket(socket.AF_PACKET, socket.SOCK_RAW, 0)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        with contextlib.suppress(PermissionError):
            self._socket.setsockopt(socket.SOL_SOCKET, _RECEIVE_BUFFER_FORCE, BUFFER)
        self._socket.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
        self._socket.bind((interface, _ALL_PROTOCOLS))
        membership = struct.pack("=iHH8x", socket.if_nametoindex(interface), _PROMISCUOUS, 0)
        self._socket.setsockopt(_SOL_PACKET, _ADD_MEMBERSHIP, membership)
        self._socket.setblocking(False)
        self._file = file.open("wb", buffering=0)
        self._file.write(_FILE_HEADER)

    @property
    def roomy(self) -> bool:
        """Did we get the buffer that we asked for? In a user namespace the system's limit holds."""
        return self._socket.getsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF) >= BUFFER

    def fetch(self) -> None:
        """Write down all frames that have come since the last time."""
        records = []
        with contextlib.suppress(BlockingIOError):
            while True:
                records.append(self._read())
        if records:
            self._file.write(b"".join(records))
        dropped = struct.unpack("=II", self._socket.getsockopt(_SOL_PACKET, _STATISTICS, 8))[1]
        if dropped:
            print(f"{self._interface}: {dropped} {DROPPED}", flush=True)

    def _read(self) -> bytes:
        frame, ancillary, _, _ = self._socket.recvmsg(LONGEST_FRAME, 64)
        seconds, nanoseconds = _arrival(ancillary)
        kept = frame[: self._length] if self._length else frame
        return _RECORD_HEADER.pack(seconds, nanoseconds, len(kept), len(frame)) + kept


def _arrival(ancillary: list[tuple[int, int, bytes]]) -> tuple[int, int]:
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(data)
            return seconds, nanoseconds
    return divmod(time.time_ns(), 1_000_000_000)


def main() -> None:
    """Capture until asked to end."""
    words = sys.argv[1:]
    captures = [Capture(words[i], int(words[i + 1]), Path(words[i + 2])) for i in range(0, len(words), 3)]

    def end(_number: int, _frame: FrameType | None) -> None:
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    pause = PAUSE if all(capture.roomy for capture in captures) else SHORT_PAUSE
    while True:
        time.sleep(pause)
        for capture in captures:
            capture.fetch()


if __name__ == "__main__":
    main()
