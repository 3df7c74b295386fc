"""Programs that talk through tunnels, each in a namespace of its own."""

from __future__ import annotations

import socket
import time
from concurrent.futures import ThreadPoolExecutor

from pyroute2 import netns

from client.core.plan import Address
from tests.client.linux.namespaces import Namespace, inside

_PORT = 7777
_CHUNK = bytes(range(256)) * 256
_PATIENCE = 20.0


def exchange(caller: tuple[Namespace, Address], called: tuple[Namespace, Address], chunks: int) -> tuple[int, int]:
    """Bytes that the called one and the caller read of a connection by which each sends so many chunks of 64 KiB."""
    with ThreadPoolExecutor() as both:
        answer = both.submit(inside, called[0], _answer, str(called[1]), chunks)
        ask = both.submit(inside, caller[0], _ask, str(caller[1]), str(called[1]), chunks)
        return answer.result(_PATIENCE * 3), ask.result(_PATIENCE * 3)


def datagrams(
    caller: tuple[Namespace, Address], called: tuple[Namespace, Address], sizes: tuple[int, ...], most: int
) -> list[int]:
    """The sizes of the datagrams that arrive when some of these sizes are sent; ends early when `most` came."""
    found: list[int] = inside(called[0], _tell, str(called[1]), caller[0].name, str(caller[1]), sizes, most)
    return found


def _family(address: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _answer(here: str, chunks: int) -> int:
    with socket.create_server((here, _PORT), family=_family(here)) as server:
        server.settimeout(_PATIENCE)
        connection, _ = server.accept()
        with connection:
            return _talk(connection, chunks)


def _ask(here: str, there: str, chunks: int) -> int:
    until = time.monotonic() + _PATIENCE
    while True:
        try:
            with socket.create_connection((there, _PORT), timeout=_PATIENCE, source_address=(here, 0)) as connection:
                return _talk(connection, chunks)
        except ConnectionRefusedError:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)  # the other process is starting


def _talk(connection: socket.socket, chunks: int) -> int:
    """Send all while reading all; counts only bytes that are right."""
    connection.settimeout(_PATIENCE)
    with ThreadPoolExecutor() as other:
        sending = other.submit(_send, connection, chunks)
        count, wanted = 0, len(_CHUNK) * chunks
        while count < wanted and (data := connection.recv(len(_CHUNK))):
            at = count % len(_CHUNK)
            if data != (_CHUNK + _CHUNK)[at : at + len(data)]:
                return -1
            count += len(data)
        sending.result()
        return count


def _send(connection: socket.socket, chunks: int) -> None:
    for _ in range(chunks):
        connection.sendall(_CHUNK)


def _tell(there: str, namespace: str, here: str, sizes: tuple[int, ...], most: int) -> list[int]:
    """One process with a socket in each of two namespaces, so that the one listens when the other sends."""
    found: list[int] = []
    with socket.socket(_family(there), socket.SOCK_DGRAM) as listening:
        listening.bind((there, _PORT))
        listening.settimeout(3)
        netns.setns(namespace)
        with socket.socket(_family(here), socket.SOCK_DGRAM) as telling:
            telling.bind((here, 0))
            for size in sizes:
                telling.sendto(bytes(size), (there, _PORT))
        try:
            while len(found) < most:
                found.append(len(listening.recv(65535)))
        except TimeoutError:
            return found
    return found
