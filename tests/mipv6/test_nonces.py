"""Nonces and node keys of a correspondent (RFC 6275 §5.2.1, §5.2.2, §5.2.7)."""

from __future__ import annotations

import pytest

from mipv6.nonces import Nonces
from tests.mipv6.headers import HOME
from tests.mipv6.return_routability_by_hand import dice


@pytest.mark.rfc("6275", "5.2.7")
def test_however_often_tokens_are_asked_for_nonces_stay_few() -> None:
    """One for every 30 s of use, none for longer than 240 s; new ones are not made at every question."""
    nonces = Nonces(dice(), 30.0, 240.0)
    indices = [nonces.current(tick / 10).index for tick in range(10_000)]
    assert len(set(indices)) == 34
    assert len(nonces) <= 8


@pytest.mark.rfc("6275", "5.2.7", "node-key-too")
@pytest.mark.rfc("6275", "5.2.1", "node-key")
@pytest.mark.rfc("6275", "5.2.2")
def test_key_and_nonce_have_the_sizes_of_the_rfc_and_change_together() -> None:
    """20 and 8 bytes; an index tells both."""
    nonces = Nonces(dice(), 30.0, 240.0)
    first, second = nonces.current(0.0), nonces.current(30.0)
    assert (len(first.node_key), len(first.value)) == (20, 8)
    assert (first.node_key, first.value) != (second.node_key, second.value)
    assert nonces.find(first.index, 30.0) is first


@pytest.mark.rfc("6275", "5.2.7", "nonce-lifetime")
@pytest.mark.rfc("6275", "5.2.2", "expired")
def test_an_expired_nonce_is_discarded() -> None:
    """240 s after its first use, to the moment."""
    nonces = Nonces(dice(), 30.0, 240.0)
    nonce = nonces.current(5.0)
    assert nonces.find(nonce.index, 244.9) is nonce
    assert nonces.find(nonce.index, 245.0) is None
    assert len(nonces) == 0


def test_indices_begin_anywhere_wrap_around_and_leave_zero_out() -> None:
    """Zero is what mobile nodes write when they mean none."""
    nonces = Nonces(lambda: 65533.5 / 65535, 30.0, 240.0)
    assert [nonces.current(30.0 * number).index for number in range(4)] == [65534, 65535, 1, 2]


def test_a_nonce_does_not_show_its_key() -> None:
    """Logs are read by many."""
    nonce = Nonces(dice(), 30.0, 240.0).current(0.0)
    assert nonce.node_key.hex() not in repr(nonce)
    assert str(nonce.node_key) not in repr(nonce)
    assert len(nonce.token(HOME, care_of=False)) == 8
