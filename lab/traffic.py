"""What the laptop's programs do while it moves: one long download, and numbered packets both ways."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from lab.analysis import numbered
from lab.analysis.numbered import Flow
from lab.errors import LabError
from lab.nodes import Node, python
from lab.services.content import checksum
from lab.site import Site
from lab.topology import CORRESPONDENT, HOME_ADDRESS, LAPTOP

WEB_PORT = 80
LAPTOP_PORT_NUMBER = 7001
CORRESPONDENT_PORT_NUMBER = 7002
RATE = 1_000_000
"""Bytes a second that the web server sends at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DownloadResult:
    """How the download ended."""

    exit_code: int | None  # curl's; None: it never ended
    received: int  # bytes
    sent: int | None  # bytes, by the server's word; None: the server was not through
    checksum_ok: bool

    @property
    def survived(self) -> bool:
        """Did the one connection bring it all?"""
        return self.exit_code == 0 and self.received == self.sent


class Traffic:
    """All of it, in one lab."""

    def __init__(self, site: Site) -> None:
        self._laptop = Node(site, LAPTOP)
        self._correspondent = Node(site, "cn")
        self._scratch = site.scratch
        self._file = site.scratch / "download"
        self._finish = site.scratch / "finish"
        self._result = site.scratch / "result.json"
        self._curl: subprocess.Popen[bytes] | None = None
        self._senders: list[subprocess.Popen[bytes]] = []

    def start_correspondent(self) -> None:
        """Start the web server and wait until it listens."""
        arguments = python("lab.services.web_server", str(WEB_PORT), str(RATE), self._finish, self._result)
        self._correspondent.start("web-server", arguments)
        end = time.monotonic() + 10
        while "listening" not in self._correspondent.log("web-server"):
            if time.monotonic() > end:
                raise LabError(f"the web server does not start: {self._correspondent.log('web-server')}")
            time.sleep(0.02)

    def start_download(self) -> None:
        """Start curl: bound to no interface, without a second try."""
        words = ["curl", "--silent", "--show-error", "--no-buffer", "--output", str(self._file)]
        self._curl = self._laptop.start("curl", [*words, f"http://{CORRESPONDENT}/stream"])

    def start_numbered(self) -> None:
        """Start the numbered packets, both ways."""
        ports = (str(LAPTOP_PORT_NUMBER), str(CORRESPONDENT_PORT_NUMBER))
        ends = ((self._correspondent, HOME_ADDRESS, ports[1], ports[0]), (self._laptop, CORRESPONDENT, *ports))
        for node, peer, local_port, peer_port in ends:
            files = [self._notes(node, "sent"), self._notes(node, "arrived")]
            arguments = python("lab.services.numbered", local_port, str(peer), peer_port, *files)
            self._senders.append(node.start("numbered", arguments))

    def _notes(self, node: Node, what: str) -> Path:
        return self._scratch / f"numbered-{node.name}-{what}"

    @property
    def received(self) -> int:
        """Bytes of the download so far."""
        return self._file.stat().st_size if self._file.exists() else 0

    @property
    def ended(self) -> bool:
        """Has curl ended?"""
        return self._curl is None or self._curl.poll() is not None

    def finish_download(self, timeout: float = 20.0) -> DownloadResult:
        """Let the server end the body, and see what curl made of it."""
        self._finish.touch()
        try:
            exit_code = self._curl.wait(timeout) if self._curl else None
        except subprocess.TimeoutExpired:
            exit_code = None
        received = self.received
        digest = hashlib.sha256(self._file.read_bytes() if self._file.exists() else b"").hexdigest()
        result = json.loads(self._result.read_text()) if self._result.exists() else {}
        right = bool(received) and digest == checksum(received) and result.get("sha256") == digest
        return DownloadResult(exit_code=exit_code, received=received, sent=result.get("bytes"), checksum_ok=right)

    def finish_numbered(self) -> tuple[Flow, Flow]:
        """Stop the sending, wait for the stragglers; the flows to the laptop and from it."""
        for sender in self._senders:
            sender.send_signal(signal.SIGUSR1)
        time.sleep(0.5)
        return self.flows()

    def problems(self) -> list[str]:
        """A program that ended by itself makes the figures worthless."""
        ended = [sender for sender in self._senders if sender.poll() is not None]
        return [f"{len(ended)} of the programs that send numbered packets ended too early"] if ended else []

    def flows(self) -> tuple[Flow, Flow]:
        """The numbered packets so far: to the laptop, and from it."""
        notes = {
            (node.name, what): numbered.read(self._notes(node, what))
            for node in (self._laptop, self._correspondent)
            for what in ("sent", "arrived")
        }
        to_laptop = Flow(notes["cn", "sent"], notes[LAPTOP, "arrived"])
        from_laptop = Flow(notes[LAPTOP, "sent"], notes["cn", "arrived"])
        return to_laptop, from_laptop
