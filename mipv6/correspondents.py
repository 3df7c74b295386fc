"""The mobile node's correspondents: with whom packets go directly (RFC 6275 §5.2, §11.6, §11.7.2 to §11.7.4)."""

from __future__ import annotations

from collections import Counter
from ipaddress import IPv6Address

from client.core.machine import NEVER, Correspondence, Heard6, Random, Send6
from client.core.plan import Tunnel
from client.core.status import Peer6
from mipv6.attachment import Attachment
from mipv6.path_policy import PathPolicy


class Correspondents:
    """A part of the mobile node's machine, for one home address.

    It takes every packet that is not from the home agent; what it does not know is none of its business. All that
    it says may be called in any order and as often as one likes: what has not changed does nothing.
    """

    def __init__(
        self,
        home_address: IPv6Address,
        policy: PathPolicy,
        random: Random,
        counters: Counter[str],
        memory: bytes = b"",
    ) -> None:
        """`memory` is what `memory()` said before a restart."""
        self.home_address = home_address
        self.counters = counters
        self._policy = policy
        self._random = random
        self._memory = memory
        self._attachment: Attachment | None = None

    @property
    def deadline(self) -> float:
        """When `timeout` is due, or NEVER."""
        return NEVER

    def attach(self, attachment: Attachment | None, now: float) -> list[Send6]:
        """Packets for the home address come and go here from now on. None: nothing is bound anywhere.

        Call it when a Binding Update has gone to the home agent (unconfirmed), when its acknowledgement came
        (confirmed; also of each renewal, whose `expires_at` is later), and when the home binding is lost (None).
        """
        self._attachment = attachment
        return []

    def hear(self, heard: Heard6, now: float) -> list[Send6]:
        """Take a mobility header or an ICMPv6 error."""
        return []

    def correspondence(self, event: Correspondence, now: float) -> list[Send6]:
        """With whom packets are exchanged: whom to have a direct path with, and which ones are in use."""
        return []

    def apply(self, policy: PathPolicy, now: float) -> list[Send6]:
        """Another policy: direct paths that it does not permit end at once, and the correspondents are told."""
        self._policy = policy
        return []

    def timeout(self, now: float) -> list[Send6]:
        """The deadline; harmless at other times."""
        return []

    def tunnels(self) -> tuple[Tunnel, ...]:
        """For the plan; the same object while nothing changes."""
        return ()

    def status(self, now: float) -> list[Peer6]:
        """Who they are, and how packets go."""
        return []

    def memory(self) -> bytes:
        """Those who may still have a binding for us: they would go on sending by it after a restart."""
        return self._memory
