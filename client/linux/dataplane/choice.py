"""Which data plane to use: MOBILENODE_DATAPLANE says "auto", "ebpf" or "tun"."""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import Enum

from client.core.errors import ProfileError

VARIABLE = "MOBILENODE_DATAPLANE"


class PlaneChoice(Enum):
    """What a person wants."""

    AUTO = "auto"  # eBPF where the kernel lets us, else TUN
    EBPF = "ebpf"  # eBPF or nothing
    TUN = "tun"


def plane_choice(environment: Mapping[str, str] = os.environ) -> PlaneChoice:
    """What the environment says; raises ProfileError if it says something else."""
    said = environment.get(VARIABLE, PlaneChoice.AUTO.value)
    try:
        return PlaneChoice(said)
    except ValueError as error:
        choices = ", ".join(choice.value for choice in PlaneChoice)
        raise ProfileError(f"{VARIABLE} is '{said}', which is none of: {choices}") from error
