"""The correspondent's web server: one long download at a steady rate, until it is told to end it.

    python -m lab.services.web_server PORT BYTES_A_SECOND FINISH_FILE RESULT_FILE [HOST]

HOST: the address to listen at; `::` is all of IPv6, and not said is all of IPv4. `GET /stream` answers with chunks, so
that the client knows a whole body from a broken one. When FINISH_FILE exists, the body ends, and RESULT_FILE says
{"bytes": length, "sha256": checksum} of what was sent.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import socket
import sys
from pathlib import Path

from lab.services.content import BLOCK, blocks

_HEADER = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nTransfer-Encoding: chunked\r\n\r\n"
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"


class WebServer:
    """Serves the stream to whoever asks."""

    def __init__(self, rate: int, finish: Path, result: Path) -> None:
        self._pause = BLOCK / rate
        self._finish = finish
        self._result = result

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        try:
            request = await reader.readuntil(b"\r\n\r\n")
            if request.startswith(b"GET /stream "):
                await self._stream(writer)
            else:
                writer.write(_NOT_FOUND)
            await writer.drain()
            writer.close()
            await writer.wait_closed()
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError) as error:
            print(f"connection lost: {error!r}", flush=True)

    async def _stream(self, writer: asyncio.StreamWriter) -> None:
        # A small buffer: what the kernel holds back counts neither as sent by us nor as arrived there.
        sock = writer.get_extra_info("socket")
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 1 << 17)
        writer.transport.set_write_buffer_limits(high=BLOCK)
        digest, length = hashlib.sha256(), 0
        writer.write(_HEADER)
        for block in blocks():
            if self._finish.exists():
                break
            writer.write(b"%x\r\n%b\r\n" % (len(block), block))
            await writer.drain()
            digest.update(block)
            length += len(block)
            await asyncio.sleep(self._pause)
        # Before the body ends: whoever sees its end may ask at once what was sent.
        self._tell({"bytes": length, "sha256": digest.hexdigest()})
        writer.write(b"0\r\n\r\n")

    def _tell(self, result: dict[str, int | str]) -> None:
        """In one step: who finds the file finds all of it."""
        fresh = self._result.with_suffix(".new")
        fresh.write_text(json.dumps(result))
        fresh.replace(self._result)


async def _serve(port: int, server: WebServer, host: str = "0.0.0.0") -> None:
    listening = await asyncio.start_server(server.serve, host, port)
    print("listening", flush=True)
    async with listening:
        await listening.serve_forever()


def main() -> None:
    """Serve until killed."""
    port, rate, finish, result, *host = sys.argv[1:]
    asyncio.run(_serve(int(port), WebServer(int(rate), Path(finish), Path(result)), *host))


if __name__ == "__main__":
    main()
