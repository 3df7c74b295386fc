"""The checks, from statuses laid out by hand."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from client.core import words
from client.core.checkup import Check, Facts, check_all
from client.core.explain import check_words
from client.core.profile_text import read_profile
from client.core.report_text import report_text
from client.core.status import Limit, LogEntry, Network, Place, Proof, State, Status
from tests.client.cli.scripted_service import WORKING
from tests.client.daemon.test_translation import PROFILE

assert WORKING.v4
V4 = WORKING.v4
ALICE = read_profile(PROFILE)


def found(status: Status = WORKING, *, fresh: bool = True, unresolved: tuple[str, ...] = ()) -> dict[str, Check]:
    facts = Facts(status=status, profile=ALICE, fresh=fresh, unresolved=unresolved)
    return {check.id: check for check in check_all(facts)}


def having(**changes: Any) -> Status:
    return msgspec.structs.replace(WORKING, **changes)


def having4(**changes: Any) -> Status:
    return having(v4=msgspec.structs.replace(V4, **changes))


def failed(checks: dict[str, Check]) -> list[str]:
    return [check.id for check in checks.values() if check.result == "failed"]


def test_all_is_well() -> None:
    checks = found(having(dataplane="ebpf"))
    assert failed(checks) == []
    assert {check.result for name, check in checks.items() if name != "profile"} == {"ok"}
    assert check_words(checks["tunnel"]) == "answered in 38 ms"
    assert check_words(checks["address"]) == "10.0.0.7"


@pytest.mark.parametrize(
    ("status", "broken", "says"),
    [
        (having(state=State.PAUSED, v4=None), "switch", "paused by you"),
        (having(state=State.CONNECTING, reason="clock"), "clock", "this computer's clock cannot be right; set it"),
        (having(state=State.NO_NETWORK, network=None, v4=None), "link", "no Wi-Fi and no cable is connected"),
        (having4(place=None, care_of_address=None), "address", "looking for an address or a foreign agent"),
        (having(state=State.REFUSED, reason="v4:131"), "registration", "(code 131)"),
        (having(state=State.NO_ANSWER), "registration", "your home agent 203.0.113.80 says nothing to requests"),
        (having4(place=None), "registration", "asking your home agent"),
    ],
)
def test_the_first_that_fails_is_named_and_what_rests_on_it_is_skipped(status: Status, broken: str, says: str) -> None:
    checks = found(status)
    assert failed(checks) == [broken]
    assert says in check_words(checks[broken])
    assert check_words(checks["mtu"]) == f"not looked at, since this failed: {words.CHECKS[broken]}"


def test_an_old_proof_is_none() -> None:
    assert check_words(found(fresh=False)["tunnel"]) == "nothing came back; this network may block the tunnel"
    one_way = found(having(state=State.ONE_WAY), fresh=False)["tunnel"]
    assert one_way.finding == "one-way"


def test_names_that_lead_nowhere() -> None:
    checks = found(having(state=State.NO_NETWORK, network=None, v4=None), unresolved=("ha.example.net",))
    assert (failed(checks), checks["names"].detail) == (["names"], "ha.example.net")


def test_at_home_no_tunnel_is_missed() -> None:
    status = having(state=State.HOME, proof=Proof(kind="registration", age_ms=90_000))
    home = msgspec.structs.replace(status, v4=msgspec.structs.replace(V4, place=Place.HOME, mtu=None))
    assert failed(found(home, fresh=False)) == []


def test_without_a_profile_there_is_little_to_say() -> None:
    status = Status(state=State.NO_PROFILE, since="2026-11-23T14:02:11.000Z")
    checks = check_all(Facts(status=status, profile=None, fresh=False))
    assert [check.id for check in checks if check.result == "failed"] == ["profile"]


def test_what_the_kernel_refused_and_small_packets() -> None:
    checks = found(having(limits=[Limit(id="kernel", detail="rule: EPERM"), Limit(id="mtu", detail="1200")]))
    assert failed(checks) == ["kernel"]
    assert check_words(checks["mtu"]) == "only packets of 1200 bytes or less pass"


def test_every_check_has_a_name_and_every_finding_words() -> None:
    for check in found().values():
        assert check.id in words.CHECKS
        assert check.finding in words.FINDINGS


def test_a_report_tells_nobody_who_or_where() -> None:
    status = having(network=Network(interface="wlan0", name="Cafe-Guest"))
    events = [LogEntry(at="2026-11-23T14:02:11.000Z", id="registered", parameters={"care_of": "10.0.0.7"})]
    text = report_text("mobilenode 0", list(found(status).values()), status, ALICE, events, [])
    for private in ("Cafe-Guest", "alice", "example.net", "10.0.0.7", "203.0.113.80", "198.51.100.23"):
        assert private not in text
    for secret in ALICE.secrets.values():
        assert secret.reveal().hex() not in text
    assert "<v4-1>" in text
    assert "2026-11-23T14:02:11.000Z" in text
