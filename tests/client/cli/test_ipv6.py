"""What people see and switch of IPv6."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
from click.testing import Result

from client.core.status import Handover, IPv6Status, LogEntry, Peer6, Phase, Place, Setting, State
from tests.client.cli.scripted_service import WORKING, ScriptedService, having

Run = Callable[..., Result]

V6 = IPv6Status(
    place=Place.CO_LOCATED,
    home_address="2001:db8:1::23",
    care_of_address="2001:db8:2::7",
    home_agent="2001:db8:1::1",
    expires_s=590,
    mtu=1460,
    path="reverse",
    protection="rfc4285",
    code=0,
    peers=[Peer6(address="2001:db8:9::1", path="direct", binding_s=400, packets=12)],
    state=State.WORKING,
)
ON = {"direct_paths": Setting(wanted="on", applied="on")}
UNPROTECTED = {"direct_paths": Setting(wanted="on", applied="off", why="unprotected")}


def test_with_ipv6_alone_the_picture_is_as_with_ipv4_alone(run: Run, service: ScriptedService) -> None:
    service.status = having(v4=None, v6=V6, settings=ON)
    assert run("status").output.splitlines() == [
        "Working - Cafe-Guest, own address",
        "  checked 4 s ago, 38 ms",
        "Home     2001:db8:1::23 at 2001:db8:1::1, 9:50 left",
        "Care-of  2001:db8:2::7",
        "Path     out via home (reverse tunnel), in via home",
        "Tunnel   IPv6-in-IPv6, MTU 1460, by tun",
        "Direct   with 2001:db8:9::1",
    ]


def test_both_families_are_told_one_after_the_other(run: Run, service: ScriptedService) -> None:
    service.status = having(v6=msgspec.structs.replace(V6, peers=[]), settings={**WORKING.settings, **ON})
    names = [line.split()[0] for line in run("status").output.splitlines()[2:]]
    assert names == ["Home", "Care-of", "Path", "Tunnel", "Home6", "Care-of6", "Path6", "Tunnel6"]


def test_family_with_another_state_says_so(run: Run, service: ScriptedService) -> None:
    service.status = having(v6=msgspec.structs.replace(V6, state=State.REFUSED, reason="v6:134"))
    assert "IPv6     Refused: another device uses your home address (code 134)" in run("status").output


def test_direct_paths_that_are_off_say_why(run: Run, service: ScriptedService) -> None:
    service.status = having(v4=None, v6=V6, settings=UNPROTECTED)
    assert "Direct   with nobody: nothing would protect its tests on their way home" in run("status").output


def test_direct_paths_are_switched_and_told(run: Run, service: ScriptedService) -> None:
    service.status = having(v4=None, v6=V6, settings=ON)
    result = run("direct-paths", "on")
    assert service.calls == [("direct_paths", {"value": "on"})]
    assert result.output.splitlines() == ["Direct paths are on.", "  2001:db8:9::1 straight, 6:40 left"]


def test_direct_paths_that_cannot_be_say_why(run: Run, service: ScriptedService) -> None:
    service.status = having(v4=None, v6=msgspec.structs.replace(V6, peers=[]), settings=UNPROTECTED)
    assert run("direct-paths").output.startswith("Direct paths are off; on was asked for: nothing would protect")


def test_silent_home_agent_is_named(run: Run, service: ScriptedService) -> None:
    silent = msgspec.structs.replace(V6, tries=4)
    service.status = having(state=State.NO_ANSWER, v4=None, v6=silent, advice="check-home-agent6")
    output = run("status").output
    assert "2001:db8:1::1 said nothing to 4 requests" in output
    assert "mobility headers" in output


def test_events_and_moves_of_ipv6_are_told_apart(run: Run, service: ScriptedService) -> None:
    at = "2026-11-23T14:02:11.000Z"
    parameters = {"family": "ipv6", "care_of": "2001:db8:2::7", "code": "0"}
    service.answers["events"] = [LogEntry(at=at, id="bound", parameters=parameters)]
    service.answers["handovers"] = [
        Handover(
            at=at,
            to="co-located eth0",
            place=Place.CO_LOCATED,
            phases=[Phase(name="data", ms=3.0)],
            total_ms=3.0,
            family="ipv6",
        )
    ]
    assert "IPv6: bound to the care-of address 2001:db8:2::7: accepted (code 0)" in run("events").output
    assert " IPv6 start > co-located eth0" in run("handovers").output
