"""What the laptop's programs do while it moves: a long download from somebody, and numbered packets both ways."""

from __future__ import annotations

import hashlib
import json
import signal
import subprocess
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
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

STRAGGLERS = 0.5
"""Seconds in which what was sent last still arrives."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """Whom the laptop's programs talk to."""

    name: str = ""  # part of the names of files; each partner's is another one
    node: str = "cn"
    address: IPv4Address | IPv6Address = CORRESPONDENT
    home_address: IPv4Address | IPv6Address = HOME_ADDRESS  # where it sends to
    ports: tuple[int, int] = (LAPTOP_PORT_NUMBER, CORRESPONDENT_PORT_NUMBER)  # UDP: the laptop's and its own
    rate: int = RATE  # of the download: bytes a second

    @property
    def url(self) -> str:
        """What curl fetches."""
        host = f"[{self.address}]" if self.address.version == 6 else str(self.address)
        return f"http://{host}/stream"

    def file(self, name: str) -> str:
        """The partner's own file of this kind."""
        return f"{name}-{self.name}" if self.name else name


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
    """All of it with one partner, in one lab."""

    def __init__(self, site: Site, partner: Partner | None = None) -> None:
        self.partner = partner or Partner()
        self._laptop = Node(site, LAPTOP)
        self._correspondent = Node(site, self.partner.node)
        self._scratch = site.scratch
        self._file = site.scratch / self.partner.file("download")
        self._finish = site.scratch / self.partner.file("finish")
        self._result = site.scratch / self.partner.file("result.json")
        self._curl: subprocess.Popen[bytes] | None = None
        self._senders: list[subprocess.Popen[bytes]] = []

    def start_correspondent(self) -> None:
        """Start the web server and wait until it listens."""
        host = "::" if self.partner.address.version == 6 else "0.0.0.0"
        words: list[str | Path] = [str(WEB_PORT), str(self.partner.rate), self._finish, self._result, host]
        name = self.partner.file("web-server")
        self._correspondent.start(name, python("lab.services.web_server", *words))
        end = time.monotonic() + 10
        while "listening" not in self._correspondent.log(name):
            if time.monotonic() > end:
                raise LabError(f"the web server does not start: {self._correspondent.log(name)}")
            time.sleep(0.02)

    def start_download(self) -> None:
        """Start curl: bound to no interface, without a second try."""
        words = ["curl", "--silent", "--show-error", "--no-buffer", "--output", str(self._file)]
        self._curl = self._laptop.start(self.partner.file("curl"), [*words, self.partner.url])

    def start_numbered(self) -> None:
        """Start the numbered packets, both ways."""
        here, there = map(str, self.partner.ports)
        home, address = self.partner.home_address, self.partner.address
        ends = ((self._correspondent, home, there, here), (self._laptop, address, here, there))
        for node, peer, local_port, peer_port in ends:
            files = [self._notes(node, "sent"), self._notes(node, "arrived")]
            arguments = python("lab.services.numbered", local_port, str(peer), peer_port, *files)
            self._senders.append(node.start(self.partner.file("numbered"), arguments))

    def _notes(self, node: Node, what: str) -> Path:
        return self._scratch / self.partner.file(f"numbered-{node.name}-{what}")

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
        self.hush()
        time.sleep(STRAGGLERS)
        return self.flows()

    def hush(self) -> None:
        """Stop the sending of numbered packets; they are still received."""
        for sender in self._senders:
            sender.send_signal(signal.SIGUSR1)

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
        peer = self.partner.node
        to_laptop = Flow(notes[peer, "sent"], notes[LAPTOP, "arrived"])
        from_laptop = Flow(notes[LAPTOP, "sent"], notes[peer, "arrived"])
        return to_laptop, from_laptop
