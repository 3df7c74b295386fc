"""What the kernel says of links and paths."""

from __future__ import annotations

import pytest

from client.linux.mtu import broadcast_address
from tests.client.linux.namespaces import Namespace, inside

pytestmark = pytest.mark.lab


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("10.8.0.1/24", bytes((10, 8, 0, 255))),
        ("10.8.0.1/22", bytes((10, 8, 3, 255))),
        ("10.8.0.1/24 brd +", bytes((10, 8, 0, 255))),
        ("10.8.0.1/24 brd 10.8.0.77", bytes((10, 8, 0, 77))),
        ("10.8.0.1/32", None),
    ],
)
def test_a_link_has_the_broadcast_address_of_its_prefix_if_it_was_told_no_other(
    ends: tuple[Namespace, Namespace], words: str, expected: bytes | None
) -> None:
    here, _ = ends
    here.ip("addr", "flush", "dev", "lx0")
    here.ip("addr", "add", *words.split(), "dev", "lx0")
    assert inside(here, broadcast_address, here.interface) == expected


def test_a_link_that_is_not_there_has_none(ends: tuple[Namespace, Namespace]) -> None:
    here, _ = ends
    assert inside(here, broadcast_address, 77) is None
    here.ip("addr", "flush", "dev", "lx0")
    assert inside(here, broadcast_address, here.interface) is None
