"""What passes a cable, as tcpdump saw and scapy reads it."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.packet import Packet

from tests.client.linux.holder import eventually
from tests.client.linux.namespaces import LINK, Namespace


@contextmanager
def capture(namespace: Namespace, file: Path, expression: str = "ip", link: str = LINK) -> Iterator[None]:
    """What passes a link of the namespace, its end of the cable if not said otherwise."""
    command = ("tcpdump", "-Z", "root", "--immediate-mode", "-i", link, "-U", "-w", str(file), expression)
    with subprocess.Popen(
        ("ip", "netns", "exec", namespace.name, *command), stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        try:
            assert any("listening" in line for line in process.stderr)
            yield
            assert eventually(lambda: file.stat().st_size > 24 and _is_quiet(file))
        finally:
            process.terminate()


def _is_quiet(file: Path) -> bool:
    """Whether nothing more is being written."""
    size = file.stat().st_size
    time.sleep(0.2)
    return file.stat().st_size == size


def checksums_are_right(packet: Packet) -> bool:
    """Whether scapy, computing all checksums anew, makes the same bytes."""
    again = packet.copy()
    layer = again
    while layer:
        if isinstance(layer, IP | ICMP | TCP) or (isinstance(layer, UDP) and layer.chksum):
            del layer.chksum
        layer = layer.payload
    return bytes(again) == bytes(packet)
