"""Does for one network card what NetworkManager does: a real dhclient while there is a carrier, none without.

python -m lab.services.dhcp_client INTERFACE
"""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import time
from types import FrameType

from lab.services.netlink import Kind, Listener


class DhcpClient:
    """At most one dhclient, for one interface."""

    def __init__(self, interface: str) -> None:
        self._interface = interface
        self._process: subprocess.Popen[bytes] | None = None

    def carrier(self, up: bool) -> None:
        """The cable was plugged in, or pulled out."""
        if up and self._process is None:
            # -1 is not given: where nobody answers it asks for ever, as at home and at a foreign agent's.
            self._process = subprocess.Popen(["dhclient", "-4", "-d", "--no-pid", self._interface])
        elif not up:
            self.stop()
            self._forget_network()

    def stop(self) -> None:
        """End dhclient without a word on the network: the cable is out already."""
        if self._process:
            self._process.kill()
            self._process.wait()
            self._process = None

    def _forget_network(self) -> None:
        """Without a carrier, routes by this link lead nowhere; NetworkManager flushes them too."""
        for what in ("address", "route"):
            words = ["ip", "-4", what, "flush", "dev", self._interface]
            scope = ["scope", "global"] if what == "address" else ["table", "main"]
            subprocess.run([*words, *scope], check=False)


def main() -> None:
    """Follow the carrier until asked to end."""
    interface = sys.argv[1]
    client = DhcpClient(interface)

    def end(_number: int, _frame: FrameType | None) -> None:
        client.stop()
        sys.exit(0)

    signal.signal(signal.SIGTERM, end)
    index = socket.if_nametoindex(interface)
    listener = Listener()
    listener.dump_links()
    up: bool | None = None
    while True:
        for news in listener.read():
            if news.kind is Kind.NEW_LINK and news.index == index and news.up != up:
                up = news.up
                print(f"{time.time():.3f} carrier {'up' if up else 'down'}", flush=True)
                client.carrier(up)


if __name__ == "__main__":
    main()
