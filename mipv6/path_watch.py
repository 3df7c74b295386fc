"""Does data flow through the tunnel? Proof by echoes, and what is done when nothing comes back."""

from __future__ import annotations

from client.core.machine import Heard6, Random, Send6
from client.core.paths import Path6
from client.core.plan import ANCHOR
from client.core.proof import Proof
from client.core.recovery import Recovery
from mipv6.binding import Binding


class PathWatch:
    """Watches the tunnel of the binding."""

    def __init__(self, random: Random, keepalive: float) -> None:
        self.proof: Proof[Send6] = Proof(random, keepalive)
        self.recovery = Recovery()

    @property
    def deadline(self) -> float:
        """The earliest of all parts."""
        return min(self.proof.deadline, self.recovery.deadline)

    def begin(self, binding: Binding, now: float) -> list[Send6]:
        """This binding is granted: prove its path."""
        path = Path6(
            source=binding.home_address,
            target=binding.home_agent,
            interface=ANCHOR,
            care_of_address=binding.care_of_address,
        )
        return self.proof.begin(path, now)

    def end(self) -> None:
        """No path to prove."""
        self.proof.end()
        self.recovery.end()

    def hear(self, heard: Heard6, now: float) -> bool:
        """An echo reply: is it proof?"""
        if not self.proof.hear(heard.packet, heard.interface, heard.link_layer_source, now):
            return False
        self.recovery.end()
        return True
