"""The house: profiles on disk, at most one mobile node at work, and what people may ask of both."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import msgspec

from client.control.profile_store import ProfileStore
from client.core.errors import ProfileError
from client.core.history import iso
from client.core.machine import WallClock
from client.core.profile import Profile, acts_on_ipv6, not_acted_on
from client.core.status import Limit, LogEntry, State, Status
from client.daemon.choices import Choices
from client.daemon.machines import Families
from client.daemon.node import RunningNode
from client.daemon.translation import NameUnresolvedError, settings_of
from client.daemon.translation6 import settings6_of
from client.linux.ownership import MOBILE_NODE
from client.linux.world import LinuxWorld
from client.mipv4.codes import Code

NAME_RETRY = 5.0
"""Seconds until a home agent's name is looked up again."""


class House:
    """Runs the active profile's mobile node, and changes which one that is."""

    def __init__(self, profiles: Path, state: Path, runtime: Path, wall_clock: WallClock) -> None:
        self.store = ProfileStore(profiles, state / "secrets")
        self.choices = Choices(state / "choices.json")
        self.node: RunningNode | None = None
        self.profile: Profile | None = None
        self.changed: Callable[[], None] = lambda: None
        self.report: Callable[[LogEntry], None] = lambda entry: None
        self._state = state
        self._runtime = runtime
        self._wall_clock = wall_clock
        self._moving_in = asyncio.Lock()
        self._waiting: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Take up the profile that was in use."""
        if self.choices.profile in self.store.ids():
            async with self._moving_in:
                await self._move_in(self.store.load(self.choices.profile))

    async def stop(self) -> None:
        """Deregister, and give everything back."""
        async with self._moving_in:
            await self._move_out()

    async def use(self, identity: str) -> None:
        """Make this profile the active one; the former one is deregistered first. Raises ProfileError."""
        profile = self.store.load(identity)
        self.choices.use_profile(identity)
        self.choices.set_pause(False)
        async with self._moving_in:
            await self._move_out()
            await self._move_in(profile)
        self.changed()

    def uses(self, identity: str) -> bool:
        """Whether this is the active profile."""
        return self.profile is not None and self.profile.id == identity

    async def remove(self, identity: str) -> None:
        """Forget a profile and its keys; one in use is deregistered first. Raises ProfileError."""
        if self.uses(identity):
            async with self._moving_in:
                await self._move_out()
        self.store.remove(identity)
        self.choices.forget(identity)
        self._memory(identity).unlink(missing_ok=True)
        self.changed()

    def _memory(self, identity: str) -> Path:
        return self._state / f"{identity}.memory"

    async def _move_out(self) -> None:
        if self._waiting:
            self._waiting.cancel()
        if self.node:
            await self.node.stop()
        self.node = self.profile = None

    async def _move_in(self, profile: Profile) -> None:
        self.profile, self._waiting = profile, None
        try:
            families = await self._families(profile)
        except NameUnresolvedError:
            self._waiting = asyncio.create_task(self._try_later(profile))
            return
        except ProfileError:
            self.profile = None
            raise
        world = LinuxWorld(MOBILE_NODE, self._memory(profile.id), self._runtime, self._note)
        self.node = RunningNode(
            profile, families, world, self._wall_clock, lambda: self.changed(), lambda entry: self.report(entry)
        )
        self._pause_again(self.node)
        try:
            await self.node.start()
        except OSError:
            self.node = self.profile = None  # it never began: there is nothing to deregister or to give back
            raise

    async def _families(self, profile: Profile) -> Families:
        """What is to run. IPv6 that we cannot protect is left out where there is IPv4, and said in the status."""
        chosen = self.choices.chosen(profile.id)
        v4 = await settings_of(profile, profile.mipv4, chosen) if profile.mipv4 else None
        mipv6 = profile.mipv6 if v4 is None or acts_on_ipv6(profile) else None
        return Families(v4=v4, v6=await settings6_of(profile, mipv6, chosen) if mipv6 else None)

    def pause(self, seconds: float | None) -> None:
        """Remember a pause, for so long or until it is resumed."""
        self.choices.set_pause(True, None if seconds is None else self._wall_clock() + seconds)

    def _pause_again(self, node: RunningNode) -> None:
        paused, until = self.choices.pause
        if paused:
            node.begin_paused(None if until is None else until - self._wall_clock())

    async def _try_later(self, profile: Profile) -> None:
        await asyncio.sleep(NAME_RETRY)
        async with self._moving_in:
            await self._move_in(profile)

    def _note(self, event: str, parameters: Mapping[str, str]) -> None:
        if self.node:
            self.node.machines.histories[0].note(event, **parameters)

    def status(self) -> Status:
        """The snapshot for everyone who asks."""
        if self.profile is None:
            return Status(state=State.NO_PROFILE, since=iso(self._wall_clock()))
        if self.node is None:
            now = iso(self._wall_clock())
            state, reason = (State.NO_NETWORK, "home-agent-name") if self._waiting else (State.CONNECTING, "starting")
            return Status(state=state, since=now, profile=self.profile.id, reason=reason)
        status = self.node.status()
        limits = [*status.limits, *_one_place(self.profile, status), *not_acted_on(self.profile)]
        return msgspec.structs.replace(status, limits=limits)


def _one_place(profile: Profile, status: Status) -> list[Limit]:
    """Whoever asks for overlap hears that the home agent does not have it; else it is only in the log."""
    asked = profile.mipv4 is not None and profile.mipv4.overlap is True
    refused = status.v4 is not None and status.v4.code == Code.ACCEPTED_NO_SIMULTANEOUS
    return [Limit(id="one-place")] if asked and refused else []
