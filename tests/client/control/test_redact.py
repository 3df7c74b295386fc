"""People without rights see that it works, but not where we are."""

from __future__ import annotations

import msgspec

from client.control.redact import without_places
from client.core.status import Setting, State, Status
from tests.client.control.running_server import HOME_STATUS


def test_no_place_is_left_in_the_whole_text() -> None:
    text = msgspec.json.encode(without_places(HOME_STATUS)).decode()
    assert not [word for word in ("wlan0", "Cafe", "10.0.0", "203.0.113.80", "192.0.2.1") if word in text]


def test_what_tells_no_place_is_kept() -> None:
    seen = without_places(HOME_STATUS)
    assert (seen.state, seen.since, [limit.id for limit in seen.limits]) == (
        HOME_STATUS.state,
        HOME_STATUS.since,
        ["kernel"],
    )


def test_prefixes_are_places_too() -> None:
    work = Setting(wanted="10.0.0.0/8 192.0.2.0/24", applied="all")
    on = Setting(wanted="on", applied="off", pending=True, why="v4:74")
    seen = without_places(msgspec.structs.replace(HOME_STATUS, settings={"prefixes": work, "reverse_tunnel": on}))
    assert seen.settings == {"prefixes": Setting(wanted="some", applied="all"), "reverse_tunnel": on}


def test_a_status_without_mobile_ip_is_kept_as_it_is() -> None:
    status = Status(state=State.NO_PROFILE, since="2026-11-23T14:02:11Z")
    assert without_places(status) == status
