"""A steady upload: the laptop writes to one TCP connection as long as it lives.

    python -m lab.services.upload take PORT
    python -m lab.services.upload give ADDRESS PORT BYTES_A_SECOND

The giver binds no address and tries once. Both say on their output how it ended.
"""

from __future__ import annotations

import contextlib
import socket
import sys
import time

PIECE = 8192


def take(port: int) -> None:
    """Take all that comes, by one connection after the other, until killed."""
    with socket.create_server(("0.0.0.0", port)) as server:
        print("listening", flush=True)
        while True:
            connection, _ = server.accept()
            with connection, contextlib.suppress(ConnectionError):
                while connection.recv(1 << 16):
                    pass


def give(address: str, port: int, rate: int) -> None:
    """Write until killed, or until the connection breaks."""
    with socket.create_connection((address, port), timeout=10) as connection:
        connection.settimeout(None)
        print("connected", flush=True)
        while True:
            connection.sendall(bytes(PIECE))
            time.sleep(PIECE / rate)


def main() -> None:
    """Do one or the other."""
    what, *words = sys.argv[1:]
    if what == "take":
        take(int(words[0]))
    else:
        give(words[0], int(words[1]), int(words[2]))


if __name__ == "__main__":
    main()
