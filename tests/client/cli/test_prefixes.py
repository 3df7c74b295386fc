"""`prefixes`: which packets use the home address."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from click.testing import Result

from client.core.status import Setting, State
from tests.client.cli.scripted_service import WORKING, ScriptedService, having

Run = Callable[..., Result]
TWO = "10.0.0.0/8 192.0.2.0/24"
WORK = having(settings={**WORKING.settings, "prefixes": Setting(wanted=TWO, applied=TWO)})


def test_without_argument_it_says_how_it_is(run: Run, service: ScriptedService) -> None:
    assert run("prefixes").output == "All packets use the home address.\n"
    service.status = WORK
    assert run("prefixes").output == "Only packets to 10.0.0.0/8, 192.0.2.0/24 use the home address.\n"


def test_prefixes_are_handed_over_and_then_told_as_they_are(run: Run, service: ScriptedService) -> None:
    service.script["prefixes"] = [WORK]
    result = run("prefixes", "10.0.0.0/8", "192.0.2.0/24")
    assert service.calls == [("prefixes", {"prefixes": ["10.0.0.0/8", "192.0.2.0/24"]})]
    assert (result.exit_code, result.output) == (0, "Only packets to 10.0.0.0/8, 192.0.2.0/24 use the home address.\n")


def test_all_is_all(run: Run, service: ScriptedService) -> None:
    service.status = WORK
    service.script["prefixes"] = [WORKING]
    assert run("prefixes", "all").output == "All packets use the home address.\n"
    assert service.calls == [("prefixes", {"prefixes": None})]


def test_an_address_alone_is_a_network_of_one(run: Run, service: ScriptedService) -> None:
    assert run("prefixes", "192.0.2.1", "--no-wait").output == "Asked.\n"
    assert service.calls == [("prefixes", {"prefixes": ["192.0.2.1/32"]})]


@pytest.mark.parametrize(
    ("values", "words"),
    [
        (["10.0.0.1/8"], "did you mean 10.0.0.0/8?"),
        (["all", "10.0.0.0/8"], "'all' is no prefix"),
        (["2001:db8::/32"], "is no prefix"),
        (["10.0.0.0/8", "10.0.0.0/8"], "none twice"),
    ],
)
def test_what_is_no_prefix_is_2_and_not_asked(
    run: Run, service: ScriptedService, values: list[str], words: str
) -> None:
    result = run("prefixes", *values)
    assert (result.exit_code, words in result.output, service.calls) == (2, True, [])


def test_without_a_profile_it_is_8(run: Run, service: ScriptedService) -> None:
    service.status = having(state=State.NO_PROFILE, settings={})
    assert run("prefixes").exit_code == 8


def test_service_that_knows_no_prefixes_is_1(run: Run, service: ScriptedService) -> None:
    service.status = having(settings={})
    assert run("prefixes").exit_code == 1
