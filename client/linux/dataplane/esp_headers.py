"""ESP that the machine opens itself: which of it is heard, and that the kernel does not refuse it."""

from __future__ import annotations

import socket

from client.linux.dataplane.silent_socket import silent_socket


class EspPackets:
    """`heard`: under the SPIs from which to which; None: none of it is ours."""

    def __init__(self) -> None:
        self.heard: tuple[int, int] | None = None
        self._socket: socket.socket | None = None

    def keep(self, first: int, last: int) -> None:
        """Ours under these SPIs from now on. Raises KernelError."""
        if self._socket is None:
            self._socket = silent_socket(socket.IPPROTO_ESP)
        self.heard = first, last

    def drop(self) -> None:
        """None of it is ours any more."""
        self.heard = None
        if self._socket is not None:
            self._socket.close()
            self._socket = None
