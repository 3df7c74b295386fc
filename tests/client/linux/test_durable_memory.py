"""What must not be sent before memory is stored waits for the disk, in order; nothing else waits."""

from __future__ import annotations

import asyncio
from pathlib import Path

from client.linux import state_file
from client.linux.durable_memory import DurableMemory


def test_nothing_waits_while_nothing_is_stored(tmp_path: Path) -> None:
    done: list[str] = []
    DurableMemory(tmp_path / "memory", failed=lambda _: None).afterwards(lambda: done.append("sent"))
    assert done == ["sent"]


def test_sending_waits_for_the_disk_and_keeps_its_order(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    sent: list[tuple[str, bytes]] = []

    def send(word: str) -> None:
        sent.append((word, state_file.load(file)))

    async def story() -> None:
        memory = DurableMemory(file, failed=lambda _: None)
        memory.remember(b"1")
        memory.afterwards(lambda: send("after 1"))
        memory.remember(b"2")
        memory.afterwards(lambda: send("after 2"))
        memory.afterwards(lambda: send("still after 2"))
        assert sent == []
        await memory.finish()
        memory.afterwards(lambda: send("now"))

    asyncio.run(story())
    assert [word for word, _ in sent] == ["after 1", "after 2", "still after 2", "now"]
    assert {stored for _, stored in sent} == {b"2"}  # overtaken memory need not be written


def test_memory_that_comes_while_the_disk_works_is_stored_too(tmp_path: Path) -> None:
    file = tmp_path / "memory"
    order: list[bytes] = []

    async def story() -> None:
        memory = DurableMemory(file, failed=lambda _: None)

        def first_stored() -> None:
            order.append(state_file.load(file))
            memory.remember(b"2")
            memory.afterwards(lambda: order.append(state_file.load(file)))

        memory.remember(b"1")
        memory.afterwards(first_stored)
        await memory.finish()

    asyncio.run(story())
    assert order == [b"1", b"2"]


def test_disk_that_refuses_is_reported_and_sending_goes_on(tmp_path: Path) -> None:
    errors: list[OSError] = []
    sent: list[str] = []

    async def story() -> None:
        memory = DurableMemory(tmp_path / "no such directory" / "memory", errors.append)
        memory.remember(b"1")
        memory.afterwards(lambda: sent.append("anyway"))
        await memory.finish()

    asyncio.run(story())
    assert [type(error) for error in errors] == [FileNotFoundError]
    assert sent == ["anyway"]


def test_without_a_file_nothing_is_stored_and_nothing_waits() -> None:
    sent: list[str] = []
    memory = DurableMemory(None, failed=lambda _: None)
    memory.remember(b"1")
    memory.afterwards(lambda: sent.append("at once"))
    assert sent == ["at once"]


def test_what_fails_is_told_and_keeps_nothing_else_from_being_sent(tmp_path: Path) -> None:
    sent: list[str] = []
    told: list[object] = []

    def fail() -> None:
        raise ValueError("too long")

    async def story() -> None:
        asyncio.get_running_loop().set_exception_handler(lambda _loop, what: told.append(what["exception"]))
        memory = DurableMemory(tmp_path / "memory", failed=lambda _: None)
        memory.remember(b"1")
        memory.afterwards(fail)
        memory.afterwards(lambda: sent.append("after 1"))
        await memory.finish()
        memory.remember(b"2")
        memory.afterwards(lambda: sent.append("after 2"))
        await memory.finish()

    asyncio.run(story())
    assert (sent, [str(each) for each in told]) == (["after 1", "after 2"], ["too long"])
