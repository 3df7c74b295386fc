"""The planted faults are there, and each says what it breaks and who should notice."""

from __future__ import annotations

import pytest

from tests.mutants.run import MUTANTS, ROOT, Mutant, apply, mutants

DEMANDED = (
    "no-tunnel",
    "no-renewal",
    "no-authentication-at-home",
    "no-authentication-at-the-node",
    "identification-may-be-equal",
    "no-deregistration",
    "no-outer-source-check",
    "no-proxy-arp",
    "floor-forgotten",
    "lifetime-doubled-at-home",
    "lifetime-doubled-at-the-node",
    "reply-of-another-request",
    "correspondent-without-authenticator",
    "acknowledgement-without-authenticator",
    "sequence-may-be-equal",
    "token-for-ever",
    "nonce-for-ever",
    "home-address-without-a-binding",
)


def test_no_demanded_mutant_is_missing() -> None:
    """A fault that nobody plants is caught by nobody."""
    assert set(DEMANDED) <= {mutant.name for mutant in mutants([])}


@pytest.mark.parametrize("mutant", mutants([]), ids=lambda mutant: mutant.name)
def test_each_mutant_names_its_rule_and_catchers_that_exist(mutant: Mutant) -> None:
    """Paths of tests must lead somewhere; seeds are a range."""
    assert mutant.rule
    assert mutant.tests or mutant.seeds
    assert all((ROOT / test).exists() for test in mutant.tests.split())
    if mutant.seeds:
        first, last = mutant.seeds.split("-")
        assert 0 <= int(first) <= int(last)


def test_every_patch_is_read() -> None:
    """By its headers, up to the first empty line."""
    assert len(mutants([])) == len(list(MUTANTS.glob("*.patch")))


@pytest.mark.parametrize("mutant", mutants([]), ids=lambda mutant: mutant.name)
def test_each_patch_still_fits(mutant: Mutant) -> None:
    """A fault that cannot be planted any more proves nothing: whoever changes its lines mends it in the same change."""
    assert apply(mutant.patch, ROOT, "--check") is None
