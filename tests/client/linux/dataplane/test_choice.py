"""Which data plane a person asks for."""

from __future__ import annotations

import pytest

from client.core.errors import ProfileError
from client.linux.dataplane.choice import PlaneChoice, plane_choice


@pytest.mark.parametrize("choice", PlaneChoice)
def test_environment_says_which_plane(choice: PlaneChoice) -> None:
    assert plane_choice({"MOBILENODE_DATAPLANE": choice.value}) is choice


def test_without_a_word_the_kernel_decides() -> None:
    assert plane_choice({}) is PlaneChoice.AUTO


@pytest.mark.parametrize("word", ["quick", "", "TUN"])
def test_another_word_is_an_error_that_names_the_choices(word: str) -> None:
    with pytest.raises(ProfileError, match=f"is '{word}', which is none of: auto, ebpf, tun"):
        plane_choice({"MOBILENODE_DATAPLANE": word})
