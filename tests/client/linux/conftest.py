"""What the lab tests of this room share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.client.linux.namespaces import Namespace, cable


@pytest.fixture
def ends() -> Iterator[tuple[Namespace, Namespace]]:
    """Two namespaces with a cable."""
    with cable() as both:
        yield both
