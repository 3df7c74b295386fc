"""`reverse-tunnel` and `broadcasts`: asked, accepted or refused, and proven."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from click.testing import Result

from client.core.status import State
from tests.client.cli.scripted_service import ScriptedService, having, switched

Run = Callable[..., Result]


def test_without_argument_it_says_how_it_is(run: Run) -> None:
    assert run("reverse-tunnel").output == "Reverse tunnel is off (auto).\n"


def test_turning_on_is_asked_accepted_and_proven(run: Run, service: ScriptedService) -> None:
    service.script["reverse_tunnel"] = [
        switched("on", "off", pending=True),
        switched("on", "on"),
        switched("on", "on", age_ms=1),
    ]
    result = run("reverse-tunnel", "on")
    assert service.calls == [("reverse_tunnel", {"value": "on"})]
    assert re.sub(r"\d+ ms", "N ms", result.output).splitlines() == [
        "Asking 203.0.113.80 ... accepted (N ms)",
        "Checking data ... ok (N ms)",
        "Reverse tunnel is on.",
    ]
    assert result.exit_code == 0


def test_answer_that_is_there_before_we_see_the_question_asked_reads_the_same(
    run: Run, service: ScriptedService
) -> None:
    service.script["reverse_tunnel"] = [switched("on", "on", age_ms=0)]
    result = run("reverse-tunnel", "on")
    assert re.sub(r"\d+ ms", "N ms", result.output).splitlines() == [
        "Asking 203.0.113.80 ... accepted (N ms)",
        "Checking data ... ok (N ms)",
        "Reverse tunnel is on.",
    ]


def test_a_refusal_is_5_and_names_the_code(run: Run, service: ScriptedService) -> None:
    service.script["reverse_tunnel"] = [switched("on", "off", pending=True), switched("on", "off", "v4:137")]
    result = run("reverse-tunnel", "on")
    assert result.exit_code == 5
    assert "Asking 203.0.113.80 ... refused" in result.output
    assert "your home agent does not offer reverse tunnelling (code 137); you are still connected" in result.output
    assert "next: mobilenode explain v4:137" in result.output


def test_an_agent_that_does_not_offer_it_is_5_without_asking(run: Run, service: ScriptedService) -> None:
    service.script["reverse_tunnel"] = [switched("on", "off", "foreign-agent")]
    result = run("reverse-tunnel", "on")
    assert (result.exit_code, "not offered here" in result.output) == (5, True)


def test_no_answer_is_6_and_nothing_has_changed(run: Run, service: ScriptedService) -> None:
    service.script["reverse_tunnel"] = [switched("on", "off", pending=True)]
    result = run("reverse-tunnel", "on", "--timeout", "1")
    assert result.exit_code == 6
    assert "did not answer within 1 s; until it does, all stays as it was" in result.output


def test_accepted_but_without_data_is_6(run: Run, service: ScriptedService) -> None:
    service.script["reverse_tunnel"] = [switched("on", "off", pending=True), switched("on", "on", age_ms=60_000)]
    result = run("reverse-tunnel", "on", "--timeout", "1")
    assert result.exit_code == 6
    assert "Checking data ... nothing came back" in result.output


@pytest.mark.parametrize(("why", "words"), [("home", "not needed at home"), (None, "from the next registration")])
def test_where_nothing_is_registered_away_it_is_stored(
    run: Run, service: ScriptedService, why: str | None, words: str
) -> None:
    service.script["reverse_tunnel"] = [switched("on", "off", why)]
    result = run("reverse-tunnel", "on")
    assert (result.exit_code, result.output) == (0, f"Reverse tunnel is off; on was asked for: {words}.\n")


def test_what_is_so_already_is_not_asked_for(run: Run, service: ScriptedService) -> None:
    service.status = switched("on", "on")
    service.script["reverse_tunnel"] = [switched("on", "on")]
    assert run("reverse-tunnel", "on").output == "Reverse tunnel is on.\n"


def test_no_wait_only_asks(run: Run, service: ScriptedService) -> None:
    result = run("reverse-tunnel", "off", "--no-wait")
    assert (result.exit_code, result.output) == (0, "Asked for reverse tunnel off.\n")
    assert service.calls == [("reverse_tunnel", {"value": "off"})]


def test_without_a_profile_it_is_8(run: Run, service: ScriptedService) -> None:
    service.status = having(state=State.NO_PROFILE, settings={})
    assert run("reverse-tunnel").exit_code == 8


def test_other_values_are_usage_errors(run: Run) -> None:
    assert run("reverse-tunnel", "maybe").exit_code == 2


def test_broadcasts_are_asked_for_accepted_and_proven_alike(run: Run, service: ScriptedService) -> None:
    assert run("broadcasts").output == "Home broadcasts are off.\n"
    service.script["broadcasts"] = [
        switched("on", "off", pending=True, switch="broadcasts"),
        switched("on", "on", switch="broadcasts"),
        switched("on", "on", age_ms=1, switch="broadcasts"),
    ]
    result = run("broadcasts", "on")
    assert service.calls == [("broadcasts", {"value": "on"})]
    assert re.sub(r"\d+ ms", "N ms", result.output).splitlines() == [
        "Asking 203.0.113.80 ... accepted (N ms)",
        "Checking data ... ok (N ms)",
        "Home broadcasts are on.",
    ]
    assert result.exit_code == 0


def test_broadcasts_at_home_are_stored_for_later(run: Run, service: ScriptedService) -> None:
    service.script["broadcasts"] = [switched("on", "off", "home", switch="broadcasts")]
    result = run("broadcasts", "on")
    assert result.output == "Home broadcasts are off; on was asked for: not needed at home.\n"
    assert result.exit_code == 0


def test_broadcasts_without_waiting(run: Run, service: ScriptedService) -> None:
    assert run("broadcasts", "off", "--no-wait").output == "Asked for home broadcasts off.\n"
    assert service.calls == [("broadcasts", {"value": "off"})]


def test_broadcasts_are_on_or_off(run: Run) -> None:
    assert run("broadcasts", "auto").exit_code == 2
