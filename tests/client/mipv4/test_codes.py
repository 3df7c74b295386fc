"""Reply codes: the numbers of three RFCs, who speaks by them, and that every one has a remedy."""

from __future__ import annotations

import pytest

from client.mipv4.codes import Code, Remedy, is_accepted, is_from_foreign_agent, remedy

FOREIGN_AGENT = [64, 65, 66, 67, 68, 69, 70, 71, 72, 73, 77, 78, 80, 81, 82, 88, 194]
HOME_AGENT = [128, 129, 130, 131, 132, 133, 134, 135, 136]


@pytest.mark.rfc("5944", "3.4")
def test_every_code_of_the_rfc_has_a_name() -> None:
    assert {0, 1, *FOREIGN_AGENT, *HOME_AGENT} <= {code.value for code in Code}


@pytest.mark.rfc("2794", "5")
def test_codes_of_the_nai_have_names() -> None:
    assert {96, 97, 98, 99} <= {code.value for code in Code}


@pytest.mark.rfc("3024", "3.4")
def test_codes_of_reverse_tunnelling_have_names() -> None:
    assert {74, 75, 76, 79, 137, 138, 139} <= {code.value for code in Code}


@pytest.mark.rfc("5944", "3.4")
def test_only_0_and_1_accept() -> None:
    assert [code for code in range(256) if is_accepted(code)] == [0, 1]


@pytest.mark.rfc("5944", "3.4")
@pytest.mark.parametrize("code", FOREIGN_AGENT)
def test_codes_of_foreign_agents(code: int) -> None:
    assert is_from_foreign_agent(code)


@pytest.mark.rfc("5944", "3.4")
@pytest.mark.parametrize("code", [0, 1, *HOME_AGENT, 137, 138, 139])
def test_codes_of_home_agents(code: int) -> None:
    assert not is_from_foreign_agent(code)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (69, Remedy.SHORTER_LIFETIME),
        (74, Remedy.NO_REVERSE_TUNNEL),
        (75, Remedy.REVERSE_TUNNEL),
        (77, Remedy.OTHER_CARE_OF_ADDRESS),
        (78, Remedy.LATER),
        (88, Remedy.LATER),
        (130, Remedy.LATER),
        (131, Remedy.PERSON),
        (133, Remedy.RESYNCHRONISE),
        (136, Remedy.OTHER_HOME_AGENT),
        (137, Remedy.NO_REVERSE_TUNNEL),
        (138, Remedy.REVERSE_TUNNEL),
    ],
)
def test_remedy_fits_the_refusal(code: int, expected: Remedy) -> None:
    assert remedy(code) is expected


@pytest.mark.rfc("5944", "3.4")
def test_unknown_codes_have_a_remedy_by_their_range() -> None:
    assert remedy(127) is Remedy.OTHER_CARE_OF_ADDRESS
    assert remedy(255) is Remedy.LATER
    for code in range(2, 256):
        assert isinstance(remedy(code), Remedy)
