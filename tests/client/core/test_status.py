"""The status as JSON: an interface that others read."""

from __future__ import annotations

import json

import msgspec
import pytest

from client.core.status import Handover, IPv4Status, Network, Phase, Place, Proof, Setting, State, Status

STATUS = Status(
    state=State.WORKING,
    since="2026-11-23T14:02:11Z",
    proof=Proof(kind="probe", age_ms=4012, rtt_ms=38.0),
    profile="alice@example.net",
    network=Network(interface="wlan0", name="Cafe-Guest"),
    v4=IPv4Status(
        place=Place.CO_LOCATED, home_address="198.51.100.23", care_of_address="192.0.2.7", home_agent="203.0.113.80"
    ),
    settings={"reverse_tunnel": Setting(wanted="on", applied="off", pending=True, why="v4:74")},
)


def test_json_has_the_names_that_others_read() -> None:
    shown = json.loads(msgspec.json.encode(STATUS))
    assert (shown["v"], shown["state"], shown["since"]) == (1, "working", "2026-11-23T14:02:11Z")
    assert shown["proof"] == {"kind": "probe", "age_ms": 4012, "rtt_ms": 38.0}
    assert shown["network"]["if"] == "wlan0"
    assert (shown["v4"]["place"], shown["v4"]["coa"], shown["v4"]["ha"]) == ("co-located", "192.0.2.7", "203.0.113.80")
    assert shown["settings"]["reverse_tunnel"] == {"wanted": "on", "applied": "off", "pending": True, "why": "v4:74"}
    assert shown["v6"] is None


def test_what_was_sent_is_what_is_read() -> None:
    assert msgspec.json.decode(msgspec.json.encode(STATUS), type=Status) == STATUS


def test_names_that_a_newer_daemon_adds_are_skipped() -> None:
    data = msgspec.json.encode(STATUS)
    assert msgspec.json.decode(data[:-1] + b',"later":1}', type=Status) == STATUS


def test_unknown_state_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError, match="state"):
        msgspec.json.decode(b'{"state":"fine","since":"2026-11-23T14:02:11Z"}', type=Status)


def test_handover_says_from_and_to() -> None:
    handover = Handover(
        at="2026-11-23T14:02:11Z",
        origin="home eth0",
        to="co-located eth0",
        place=Place.CO_LOCATED,
        phases=[Phase(name="registration", ms=4.5)],
        total_ms=9.5,
    )
    shown = json.loads(msgspec.json.encode(handover))
    assert (shown["from"], shown["to"], shown["phases"]) == (
        "home eth0",
        "co-located eth0",
        [{"name": "registration", "ms": 4.5}],
    )
