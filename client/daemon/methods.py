"""What the control socket of mobilenoded can be asked."""

from __future__ import annotations

from ipaddress import IPv4Network
from typing import Any, Literal

import msgspec

from client.control.errors import Exit, RpcError
from client.control.methods import Methods
from client.core.choice import Switch
from client.core.commands import CheckNow, Pause, Resume
from client.core.explain import explain
from client.core.history import iso
from client.core.profile_checks import prefixes
from client.core.status import Handover, LogEntry
from client.core.traffic import Totals
from client.daemon.diagnosing import diagnose
from client.daemon.house import House
from client.daemon.node import RunningNode
from client.daemon.profile_methods import ProfileMethods
from client.mipv4.commands import SetBroadcasts, SetReverseTunnel, SetTunnelled
from mipv6.commands import SetDirectPaths

PUBLIC = ("explain",)


class _Pause(msgspec.Struct, forbid_unknown_fields=True):
    seconds: float | None = None
    network: bool = False


class _Value(msgspec.Struct, forbid_unknown_fields=True):
    value: Switch


class _OnOff(msgspec.Struct, forbid_unknown_fields=True):
    value: Literal["on", "off"]


class _Prefixes(msgspec.Struct, forbid_unknown_fields=True):
    prefixes: list[str] | None  # None: all


class _Count(msgspec.Struct, forbid_unknown_fields=True):
    n: int | None = None


class _Since(msgspec.Struct, forbid_unknown_fields=True):
    since: str | None = None


class _Code(msgspec.Struct, forbid_unknown_fields=True):
    code: str


class HouseMethods:
    """Each method takes the params of a call; the names are the interface that CLI and GUI share."""

    def __init__(self, house: House) -> None:
        self._house = house

    def table(self) -> Methods:
        """Method names and what they do."""
        return {
            **ProfileMethods(self._house).table(),
            "pause": self._pause,
            "resume": self._resume,
            "check": self._check,
            "reverse_tunnel": self._reverse_tunnel,
            "broadcasts": self._broadcasts,
            "direct_paths": self._direct_paths,
            "prefixes": self._prefixes,
            "handovers": self._handovers,
            "traffic": self._traffic,
            "events": self._events,
            "explain": self._explain,
            "diagnose": self._diagnose,
            "leave": self._leave,
        }

    def _pause(self, params: dict[str, Any]) -> None:
        wanted = msgspec.convert(params, _Pause)
        if wanted.network:
            words = "pausing while on one network is not there yet; give a time, or pause until you resume"
            raise RpcError(words, reason="not-yet", exit_code=Exit.USAGE)
        node = self._node()
        self._house.pause(wanted.seconds)
        until = None if wanted.seconds is None else node.now() + wanted.seconds
        node.obey(Pause(until))

    def _resume(self, params: dict[str, Any]) -> None:
        msgspec.convert(params, _Count)
        node = self._node()
        self._house.choices.set_pause(False)
        node.obey(Resume())

    def _check(self, params: dict[str, Any]) -> None:
        msgspec.convert(params, _Count)
        self._node().obey(CheckNow())

    def _reverse_tunnel(self, params: dict[str, Any]) -> None:
        value = msgspec.convert(params, _Value).value
        node = self._node()
        if self._house.profile:
            self._house.choices.set_reverse_tunnel(self._house.profile.id, value)
        node.obey(SetReverseTunnel(value))

    def _broadcasts(self, params: dict[str, Any]) -> None:
        value = msgspec.convert(params, _OnOff).value == "on"
        node = self._node()
        if self._house.profile:
            self._house.choices.set_broadcasts(self._house.profile.id, value=value)
        node.obey(SetBroadcasts(value))

    def _direct_paths(self, params: dict[str, Any]) -> None:
        value = msgspec.convert(params, _OnOff).value == "on"
        node = self._node()
        if self._house.profile:
            self._house.choices.set_direct_paths(self._house.profile.id, value=value)
        node.obey(SetDirectPaths(value))

    def _prefixes(self, params: dict[str, Any]) -> None:
        asked = msgspec.convert(params, _Prefixes).prefixes
        networks = None if asked is None else _read(asked)
        node = self._node()
        if self._house.profile:
            self._house.choices.set_tunnelled(self._house.profile.id, networks)
        node.obey(SetTunnelled(networks))

    def _traffic(self, params: dict[str, Any]) -> Totals:
        msgspec.convert(params, _Count)
        return self._node().traffic()

    def _handovers(self, params: dict[str, Any]) -> list[Handover]:
        count = msgspec.convert(params, _Count).n
        handovers = self._node().handovers
        return handovers if count is None else handovers[-count:] if count > 0 else []

    def _events(self, params: dict[str, Any]) -> list[LogEntry]:
        since = msgspec.convert(params, _Since).since
        entries = self._house.node.events if self._house.node else []
        return [entry for entry in entries if since is None or entry.at >= since]

    def _explain(self, params: dict[str, Any]) -> Any:
        return explain(msgspec.convert(params, _Code).code)

    async def _diagnose(self, params: dict[str, Any]) -> dict[str, Any]:
        msgspec.convert(params, _Count)
        return await diagnose(self._house)

    async def _leave(self, params: dict[str, Any]) -> dict[str, Any]:
        msgspec.convert(params, _Count)
        node = self._node()
        lapses_at = node.binding_ends()
        self._house.pause(None)
        node.obey(Pause(None))
        await node.parted.wait()
        confirmed = node.machines.parted_cleanly
        return {"confirmed": confirmed, "lapses_at": None if confirmed or lapses_at is None else iso(lapses_at)}

    def _node(self) -> RunningNode:
        if self._house.node is None:
            words = "no profile is in use: `mobilenode import FILE --up` starts one"
            raise RpcError(words, reason="no-profile", exit_code=Exit.BAD_PROFILE)
        return self._house.node


def _read(texts: list[str]) -> tuple[IPv4Network, ...]:
    try:
        return prefixes("prefixes", texts)
    except ValueError as error:
        raise RpcError(str(error), reason="invalid-params", exit_code=Exit.USAGE) from None
