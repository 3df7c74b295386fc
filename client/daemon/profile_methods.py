"""What the control socket can be asked about profiles. No answer ever holds a key."""

from __future__ import annotations

from typing import Any

import msgspec

from client.control.methods import Methods
from client.core.profile import Profile, not_acted_on
from client.core.profile_summary import summarise
from client.daemon.house import House


class _Nothing(msgspec.Struct, forbid_unknown_fields=True):
    pass


class _Import(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    up: bool = False
    name: str | None = None


class _Identity(msgspec.Struct, forbid_unknown_fields=True):
    id: str


class _Validate(msgspec.Struct, forbid_unknown_fields=True):
    text: str
    id: str | None = None  # of the profile whose keys count where the text brings none


class _Edit(msgspec.Struct, forbid_unknown_fields=True):
    id: str
    text: str


class ProfileMethods:
    """Each method takes the params of a call."""

    def __init__(self, house: House) -> None:
        self._house = house

    def table(self) -> Methods:
        """Method names and what they do."""
        return {
            "import": self._import,
            "profile.list": self._list,
            "profile.use": self._use,
            "profile.show": self._show,
            "profile.validate": self._validate,
            "profile.edit": self._edit,
            "profile.remove": self._remove,
        }

    async def _import(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = msgspec.convert(params, _Import)
        profile = self._house.store.add(wanted.text, wanted.name)
        in_use = wanted.up or self._house.uses(profile.id)
        if in_use:
            await self._house.use(profile.id)
        return {"id": profile.id, "summary": summarise(profile), "in_use": in_use}

    def _list(self, params: dict[str, Any]) -> list[dict[str, Any]]:
        msgspec.convert(params, _Nothing)
        return [
            {"id": each.id, "name": each.name, "serial": each.serial, "active": self._house.uses(each.id)}
            for each in self._house.store.list()
        ]

    async def _use(self, params: dict[str, Any]) -> None:
        await self._house.use(msgspec.convert(params, _Identity).id)

    def _show(self, params: dict[str, Any]) -> dict[str, Any]:
        store, identity = self._house.store, msgspec.convert(params, _Identity).id
        return _told(store.load(identity)) | {"text": store.text(identity)}

    def _validate(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = msgspec.convert(params, _Validate)
        return _told(self._house.store.read(wanted.text, wanted.id))

    async def _edit(self, params: dict[str, Any]) -> dict[str, Any]:
        wanted = msgspec.convert(params, _Edit)
        profile = self._house.store.edit(wanted.id, wanted.text)
        if self._house.uses(profile.id):
            await self._house.use(profile.id)
        return _told(profile)

    async def _remove(self, params: dict[str, Any]) -> None:
        await self._house.remove(msgspec.convert(params, _Identity).id)


def _told(profile: Profile) -> dict[str, Any]:
    return {"summary": summarise(profile), "limits": not_acted_on(profile)}
