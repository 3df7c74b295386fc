"""The tray's menu: the same lines for ever, whose labels, ticks and presence follow the status."""

from __future__ import annotations

from collections.abc import Sequence

from client.core.status import Setting, State, Status
from gui.view import phrases
from gui.view.headline import headline
from gui.view.model import Call, Local, Lost, MenuItem, Translate
from gui.view.profiles import Profile

REFUSALS = {
    "v4:74": "not offered here",
    "v4:137": "not offered here",
    "v4:75": "required by this network",
    "v4:138": "required by your home agent",
    "home": "not needed at home",
    "foreign-agent": "not offered here",
}
"""Reasons that have a few words of their own, since a menu is narrow."""

_UNANSWERED = frozenset({State.NO_ANSWER, State.REFUSED, State.CONNECTING})
"""Nothing is in force: what is asked for comes with the next registration that is granted."""

_PAUSES = (("pause-15", 900.0), ("pause-60", 3600.0), ("pause-until", None))


def menu(
    status: Status | Lost, profiles: Sequence[Profile], age_ms: float, translate: Translate, *, at_login: bool = False
) -> tuple[MenuItem, ...]:
    """All lines in their order; those that have no place now are not visible."""
    there = status if isinstance(status, Status) else None
    found = headline(status, age_ms, translate)
    first = " - ".join(part for part in (found.title, found.where) if part)
    fix = found.fix or MenuItem(id="fix", label="", visible=False)
    return (
        MenuItem(id="headline", label=first, action=Local.OPEN_WINDOW),
        fix,
        *_addresses(there, translate),
        *switches(there, translate),
        *pausing(there, translate),
        _profile(there, profiles, translate),
        MenuItem(id="check", label=translate("Check now"), visible=there is not None, action=Call(method="check")),
        MenuItem(id="open", label=translate("Open mobilenode"), action=Local.OPEN_WINDOW, separator_before=True),
        MenuItem(id="at-login", label=translate("Start at login"), checked=at_login, action=Local.AT_LOGIN),
        MenuItem(id="quit", label=translate("Quit tray (the service keeps running)"), action=Local.QUIT),
    )


def switches(status: Status | None, translate: Translate) -> tuple[MenuItem, ...]:
    """What can be turned on and off. The tick is what is in force, or, while that is asked for, what is asked for."""
    names = {
        "reverse-tunnel": ("reverse_tunnel", translate("Reverse tunnel")),
        "direct-paths": ("direct_paths", translate("Direct paths (IPv6)")),
        "broadcasts": ("broadcasts", translate("Receive home broadcasts")),
    }
    return tuple(_switch(identifier, key, name, status, translate) for identifier, (key, name) in names.items())


def _switch(identifier: str, key: str, name: str, status: Status | None, translate: Translate) -> MenuItem:
    setting = status.settings.get(key) if status else None
    if status is None or setting is None:
        return MenuItem(id=identifier, label=name, visible=False, checked=False)
    on = _will_be_on(setting, status)
    note = _note(setting, status, translate)
    return MenuItem(
        id=identifier,
        label=f"{name} - {note}" if note else name,
        enabled=not _is_under_way(setting, status),
        checked=on,
        action=Call(method=key, params={"value": "off" if on else "on"}),
        separator_before=identifier == "reverse-tunnel",
    )


def _note(setting: Setting, status: Status, translate: Translate) -> str:
    """What is worth saying beside the switch's name."""
    if _is_under_way(setting, status):
        return translate("turning on...") if _will_be_on(setting, status) else translate("turning off...")
    if setting.why:
        short = REFUSALS.get(setting.why)
        return translate(short) if short else phrases.reason(setting.why, translate)
    if setting.pending or (setting.wanted not in ("auto", setting.applied) and not _registered(status)):
        return translate("from the next registration")
    return ""


def _will_be_on(setting: Setting, status: Status) -> bool:
    """What is asked for, also where the service chooses it ("auto"): a request under way is for the other way."""
    if not setting.pending and not _registered(status) and setting.wanted in ("on", "off"):
        return setting.wanted == "on"
    return (setting.applied == "on") is not setting.pending


def _is_under_way(setting: Setting, status: Status) -> bool:
    """Will the answer come soon? Where nobody answers, or refuses all, a switch can still be changed."""
    return setting.pending and status.state not in _UNANSWERED


def _registered(status: Status) -> bool:
    return any(one is not None and one.place is not None for one in (status.v4, status.v6))


def _addresses(status: Status | None, translate: Translate) -> tuple[MenuItem, ...]:
    four = status.v4.home_address if status and status.v4 else None
    six = status.v6.home_address if status and status.v6 else None
    return tuple(
        MenuItem(
            id=identifier,
            label=translate("Home address {address} (copy)").format(address=address or ""),
            visible=address is not None,
            action=Local.COPY,
            detail=address or "",
        )
        for identifier, address in (("home-address", four), ("home-address6", six))
    )


def pausing(status: Status | None, translate: Translate) -> tuple[MenuItem, MenuItem]:
    """How long to pause, or resuming."""
    paused = status is not None and status.state is State.PAUSED
    idle = status is None or status.state is State.NO_PROFILE
    labels = {
        "pause-15": translate("15 minutes"),
        "pause-60": translate("1 hour"),
        "pause-until": translate("Until I resume"),
    }
    children = tuple(
        MenuItem(id=identifier, label=labels[identifier], action=Call(method="pause", params={"seconds": seconds}))
        for identifier, seconds in _PAUSES
    )
    return (
        MenuItem(
            id="pause", label=translate("Pause"), visible=not paused and not idle, children=children,
            separator_before=True,
        ),
        MenuItem(
            id="resume", label=translate("Resume"), visible=paused, action=Call(method="resume"), separator_before=True
        ),
    )  # fmt: skip


def _profile(status: Status | None, profiles: Sequence[Profile], translate: Translate) -> MenuItem:
    choices = tuple(
        MenuItem(
            id=f"profile:{each.id}",
            label=each.name or each.id,
            checked=each.active,
            radio=True,
            action=Call(method="profile.use", params={"id": each.id}),
        )
        for each in profiles
    )
    bring = MenuItem(id="import", label=translate("Import..."), action=Local.IMPORT, separator_before=bool(choices))
    return MenuItem(id="profile", label=translate("Profile"), visible=status is not None, children=(*choices, bring))
