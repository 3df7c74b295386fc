from __future__ import annotations

import pytest

from lab.view.table import figure


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("own_ms_median", 7.54, "own time, median: 7.5 ms"),
        ("recovered_s", 3.21, "works again after: 3.2 s"),
        ("recovered_s", None, "works again after: never"),
        ("upload_resumed_s", 1.46, "upload resumed: 1.5 s"),
        ("heard", 30, "heard: 30"),
        ("stranger_got_after", 0, "stranger got after: 0"),
    ],
)
def test_figures_have_words_and_units(name: str, value: float | None, words: str) -> None:
    assert figure(name, value) == words
