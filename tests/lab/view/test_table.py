from __future__ import annotations

import pytest

from lab.view.table import figure


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("own_ms_median", 7.54, "own time, median: 7.5 ms"),
        ("recovered_s", 3.21, "works again after: 3.2 s"),
        ("recovered_s", None, "works again after: never"),
        ("stranger_got_after", 0, "stranger got after: 0"),
    ],
)
def test_figures_have_words_and_units(name: str, value: float | None, words: str) -> None:
    assert figure(name, value) == words
