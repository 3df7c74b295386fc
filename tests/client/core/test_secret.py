"""A key that shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import logging
import pickle

import pytest

from client.core.secret import Secret

KEY = b"sixteen byte key"


def test_no_way_of_printing_shows_the_key(caplog: pytest.LogCaptureFixture) -> None:
    secret = Secret(KEY)
    logging.getLogger("test").warning("%s %r", secret, [secret])
    shown = f"{secret} {secret!r} {secret!s} {[secret]} {caplog.text}"
    assert "sixteen" not in shown
    assert KEY.hex() not in shown


def test_secret_is_never_pickled() -> None:
    with pytest.raises(TypeError, match="never pickled"):
        pickle.dumps(Secret(KEY))


def test_key_is_revealed_to_those_who_ask() -> None:
    assert Secret(KEY).reveal() == KEY
    assert len(Secret(KEY)) == 16


def test_secrets_are_equal_when_their_keys_are() -> None:
    assert Secret(KEY) == Secret(KEY[:8] + KEY[8:])
    assert hash(Secret(KEY)) == hash(Secret(KEY))
    assert Secret(KEY) != Secret(KEY[::-1])
    assert Secret(KEY) != KEY
