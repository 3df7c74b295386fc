from __future__ import annotations

from typing import Any

import pytest

from gui.view.menu import menu
from gui.view.model import Call, Local, Lost, MenuItem
from gui.view.profiles import Profile
from tests.gui.english import english
from tests.gui.statuses import status


def items(found: Any = None, profiles: tuple[Profile, ...] = ()) -> dict[str, MenuItem]:
    return {item.id: item for item in menu(found or status(), profiles, 0, english)}


def reverse_tunnel(**setting: Any) -> MenuItem:
    return items(status(settings={"reverse_tunnel": setting}))["reverse-tunnel"]


def test_the_menu_has_the_same_lines_in_every_state() -> None:
    assert list(items()) == list(items(status("paused"))) == list(items(Lost(reason="not-running")))


def test_a_switch_that_is_on_asks_for_off() -> None:
    item = reverse_tunnel(wanted="auto", applied="on")
    assert (item.label, item.checked, item.enabled) == ("Reverse tunnel", True, True)
    assert item.action == Call(method="reverse_tunnel", params={"value": "off"})


@pytest.mark.parametrize(("wanted", "words"), [("on", "turning on..."), ("off", "turning off...")])
def test_while_it_is_asked_for_the_switch_says_so_and_cannot_be_clicked(wanted: str, words: str) -> None:
    before = "off" if wanted == "on" else "on"
    item = reverse_tunnel(wanted=wanted, applied=before, pending=True)
    assert (item.label, item.checked, item.enabled) == (f"Reverse tunnel - {words}", wanted == "on", False)


def test_what_the_service_chooses_is_asked_for_as_well() -> None:
    item = reverse_tunnel(wanted="auto", applied="off", pending=True)
    assert (item.label, item.checked, item.enabled) == ("Reverse tunnel - turning on...", True, False)


@pytest.mark.parametrize("state", ["refused", "no-answer", "connecting"])
def test_where_nobody_answers_a_switch_can_be_changed_for_the_next_registration(state: str) -> None:
    setting = {"wanted": "auto", "applied": "off", "pending": True}
    item = items(status(state, settings={"reverse_tunnel": setting}))["reverse-tunnel"]
    assert (item.label, item.checked, item.enabled) == ("Reverse tunnel - from the next registration", True, True)
    assert item.action == Call(method="reverse_tunnel", params={"value": "off"})


@pytest.mark.parametrize(("wanted", "ticked"), [("on", True), ("off", False), ("auto", False)])
def test_without_any_registration_the_tick_is_what_was_asked_for(wanted: str, ticked: bool) -> None:
    setting = {"wanted": wanted, "applied": "off"}
    item = items(status("no-network", v4=None, settings={"reverse_tunnel": setting}))["reverse-tunnel"]
    assert (item.checked, item.enabled) == (ticked, True)


@pytest.mark.parametrize(
    ("why", "words"),
    [
        ("v4:74", "not offered here"),
        ("v4:137", "not offered here"),
        ("v4:75", "required by this network"),
        ("v4:138", "required by your home agent"),
        ("home", "not needed at home"),
    ],
)
def test_a_refused_switch_goes_back_and_says_why(why: str, words: str) -> None:
    item = reverse_tunnel(wanted="on", applied="off", why=why)
    assert (item.label, item.checked, item.enabled) == (f"Reverse tunnel - {words}", False, True)


def test_without_a_service_only_window_and_quit_are_left() -> None:
    shown = [item.id for item in menu(Lost(reason="not-running"), (), 0, english) if item.visible]
    assert shown == ["headline", "open", "at-login", "quit"]


def test_pause_becomes_resume() -> None:
    assert items()["pause"].visible
    assert not items()["resume"].visible
    paused = items(status("paused"))
    assert not paused["pause"].visible
    assert paused["resume"].action == Call(method="resume")


def test_pausing_for_a_while_and_until_resumed() -> None:
    calls = [child.action for child in items()["pause"].children]
    assert calls == [Call(method="pause", params={"seconds": seconds}) for seconds in (900.0, 3600.0, None)]


def test_profiles_can_be_chosen_and_imported() -> None:
    profiles = (Profile(id="a", name="Home", active=True), Profile(id="b"))
    children = items(profiles=profiles)["profile"].children
    assert [(child.label, child.checked) for child in children] == [
        ("Home", True),
        ("b", False),
        ("Import...", None),
    ]
    assert children[1].action == Call(method="profile.use", params={"id": "b"})
    assert children[2].action is Local.IMPORT


def test_the_home_address_is_there_to_be_copied() -> None:
    item = items()["home-address"]
    assert (item.action, item.detail) == (Local.COPY, "198.51.100.23")
