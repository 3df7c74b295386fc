"""The programs, loaded once for all trials."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from client.linux.bpf.programs import Programs
from tests.client.linux.bpf.trial import Trial


@pytest.fixture(scope="session")
def programs() -> Iterator[Programs]:
    """In the kernel, attached to nothing."""
    loaded = Programs.load(bindings=64)
    yield loaded
    loaded.close()


@pytest.fixture
def bpf(programs: Programs) -> Iterator[Trial]:
    """With empty maps."""
    trial = Trial(programs)
    yield trial
    trial.forget()
