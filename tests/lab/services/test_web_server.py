"""What the web server says of itself is what its client got."""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
from pathlib import Path

from lab.services.web_server import WebServer

END = b"0\r\n\r\n"


class Body:
    """What leaves, and whether the result was there when the body's end did."""

    def __init__(self, result: Path) -> None:
        self._result = result
        self.at_the_end: str | None = None
        self.written = b""

    def sent(self, data: bytes) -> None:
        self.written += data
        if data == END:
            self.at_the_end = self._result.read_text() if self._result.exists() else None


class Writer(asyncio.StreamWriter):
    """A connection that tells the body of each piece in the moment in which it leaves."""

    body: Body

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.body.sent(bytes(data))
        super().write(data)


async def ended(tmp_path: Path) -> Body:
    """A download that is told to end before its first block."""
    finish, result = tmp_path / "finish", tmp_path / "result.json"
    ours, theirs = socket.socketpair()
    reader, plain = await asyncio.open_connection(sock=theirs)
    writer = Writer(plain.transport, plain.transport.get_protocol(), reader, asyncio.get_running_loop())
    writer.body = Body(result)
    with ours:
        ours.sendall(b"GET /stream HTTP/1.1\r\n\r\n")
        finish.touch()
        await WebServer(1_000_000, finish, result).serve(reader, writer)
    return writer.body


def test_result_is_there_before_the_client_can_know_that_the_body_has_ended(tmp_path: Path) -> None:
    body = asyncio.run(ended(tmp_path))
    assert body.written.endswith(END)
    assert body.at_the_end is not None
    assert json.loads(body.at_the_end) == {"bytes": 0, "sha256": hashlib.sha256(b"").hexdigest()}
    assert not list(tmp_path.glob("*.new"))
