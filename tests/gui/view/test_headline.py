from __future__ import annotations

from datetime import UTC, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from client.core.status import State
from gui.icons.draw import PICTURES
from gui.reading import read_status
from gui.view.headline import CARRIES, headline
from gui.view.menu import menu
from gui.view.model import Call, Lost
from gui.view.path_picture import path_picture
from tests.gui.english import english
from tests.gui.statuses import STATES, raw, status

SENTENCES = {
    "no-daemon": "The mobilenode service is not running.",
    "no-profile": "No profile yet: import the file from your home agent.",
    "paused": "Paused; your home address is not reachable. Until 15:30.",
    "no-network": "No network: waiting for Wi-Fi or cable.",
    "portal": "This network wants you to sign in first.",
    "no-answer": "Your home agent does not answer. 203.0.113.80 said nothing to 4 request(s).",
    "connecting": "Getting you home... Asking your home agent.",
    "checking": "Home accepted you; checking that data really flows...",
    "stalled": "Registered, but nothing comes back.",
    "one-way": "This network drops packets that carry your home address.",
    "home": "You are at home; no tunnel is needed.",
    "limited": "Working, but not all is as you asked. "
    "Only packets of 1200 bytes or less pass here; a few programs need more.",
    "working": "Working.",
}
MORE: dict[str, dict[str, Any]] = {
    "paused": {"paused_until": "2026-11-23T15:30:00Z"},
    "no-answer": {"v4": {"place": None, "home_address": None, "ha": "203.0.113.80", "tries": 4}},
    "connecting": {"reason": "registering"},
    "limited": {"limits": [{"id": "mtu", "detail": "1200"}]},
}


@pytest.mark.parametrize("state", [each for each in STATES if each != "refused"])
def test_each_state_has_its_sentence(state: str) -> None:
    assert headline(status(state, **MORE.get(state, {})), 0, english, UTC).sentence == SENTENCES[state]


@pytest.mark.parametrize(("hours", "there"), [(-5, "10:30"), (5.75, "21:15")])
def test_a_pause_ends_by_the_clock_of_the_person(hours: float, there: str) -> None:
    found = headline(status("paused", **MORE["paused"]), 0, english, timezone(timedelta(hours=hours)))
    assert found.where == f"until {there}"


def test_a_refusal_says_what_its_code_means() -> None:
    found = headline(status("refused", reason="v4:131"), 0, english)
    assert "(code 131)" in found.sentence
    assert found.advice


@pytest.mark.parametrize("state", STATES)
def test_only_states_that_carry_packets_and_a_stalled_one_tell_of_a_proof(state: str) -> None:
    found = headline(status(state), 1500, english)
    carries = State(state) in CARRIES or state == "stalled"
    assert found.proof == ("checked 5 s ago, 38 ms" if carries else "")


@pytest.mark.parametrize("state", STATES)
def test_every_state_has_an_icon_of_its_own(state: str) -> None:
    assert headline(status(state, v4=None), 0, english).icon in PICTURES


def test_the_line_says_where_and_how_old_the_proof_is() -> None:
    found = headline(status(), 0, english)
    assert (found.title, found.where) == ("Working", "Cafe-Guest, own address behind NAT, 4 s ago")
    assert found.place == "Cafe-Guest, own address behind NAT"
    assert headline(status(), 120_000, english).where.endswith("2 min ago")


def test_a_double_link_says_that_the_reverse_tunnel_is_on() -> None:
    assert headline(status(), 0, english).icon == "working-reverse"
    triangle = {**raw()["v4"], "path": "triangle"}
    assert headline(status(v4=triangle), 0, english).icon == "working"


def test_one_way_offers_the_reverse_tunnel() -> None:
    fix = headline(status("one-way"), 0, english).fix
    assert fix
    assert fix.action == Call(method="reverse_tunnel", params={"value": "on"})


@pytest.mark.parametrize("reason", ["not-running", "not-permitted", "silent", "not-ours", "from a newer version"])
def test_without_a_service_the_reason_is_told(reason: str) -> None:
    found = headline(Lost(reason=reason), 0, english)
    assert found.state is State.NO_DAEMON
    assert found.sentence.endswith(".")


def test_a_newer_service_breaks_nothing() -> None:
    newer = {**raw("teleporting"), "v4": {**raw()["v4"], "place": "orbit", "later": 1}, "more": [1, 2]}
    found = headline(status("teleporting", **{k: v for k, v in newer.items() if k != "state"}), 0, english)
    assert found.sentence == "Getting you home... Teleporting."


@pytest.mark.parametrize("nonsense", [None, 7, [], {}, {"state": 3}, {"state": "working"}])
def test_what_is_no_status_is_not_taken_for_one(nonsense: object) -> None:
    assert read_status(nonsense) == Lost(reason="not-ours")


texts = st.text(max_size=20)
settings = st.fixed_dictionaries(
    {"wanted": texts, "applied": texts, "pending": st.booleans(), "why": st.none() | texts | st.just("v4:74")}
)


@given(
    state=texts | st.sampled_from(STATES),
    v4=st.fixed_dictionaries(
        {"place": st.none() | texts, "home_address": st.none() | texts, "path": st.none() | texts}
    ),
    setting=settings,
    reason=st.none() | texts | st.integers(0, 300).map("v6:{}".format),
    limit=texts,
)
def test_whatever_a_newer_service_says_is_drawn(
    state: str, v4: dict[str, str | None], setting: dict[str, object], reason: str | None, limit: str
) -> None:
    more = {"settings": {"reverse_tunnel": setting}, "reason": reason, "limits": [{"id": limit}], "v4": v4}
    found = status(state, **more)
    assert headline(found, 0, english).title
    assert menu(found, (), 0, english)
    assert path_picture(found, english).text
