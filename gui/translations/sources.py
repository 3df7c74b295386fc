"""The English texts that the program asks to have translated."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from itertools import chain
from pathlib import Path

from client.core import code_words, words
from client.core.explain import LATER
from gui.view.menu import REFUSALS
from gui.view.phrases import ERRORS

GUI = Path(__file__).parents[1]
ASKED_BY = frozenset({"translate", "_translate"})
"""What a `Translate` is called everywhere in the house."""


def sources() -> list[str]:
    """Each once, in the order in which a translator reads them best: as they stand in the files."""
    literals = chain.from_iterable(written_in(file.read_text("utf-8")) for file in sorted(GUI.rglob("*.py")))
    return list(dict.fromkeys(text for text in chain(literals, _tables()) if text))


def plural(source: str) -> bool:
    """Whether it is about a number of things."""
    return "%n" in source


def written_in(code: str) -> Iterator[str]:
    """The literals that a module gives to its `Translate`."""
    return (text.value for text in asked_in(code) if isinstance(text, ast.Constant) and isinstance(text.value, str))


def asked_in(code: str) -> list[ast.expr]:
    """What a module gives to its `Translate`, from the first line to the last."""
    calls = [node for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Call) and node.args]
    found = [call.args[0] for call in calls if ast.unparse(call.func).rpartition(".")[2] in ASKED_BY]
    return sorted(found, key=lambda text: (text.lineno, text.col_offset))


def _tables() -> Iterable[str]:
    """The words for ids and codes; of code words the meaning and what to do."""
    plain = [table for name, table in vars(words).items() if name.isupper()]
    coded = (entry[:2] for table in (code_words.V4, code_words.V6) for entry in table.values())
    return chain(*(table.values() for table in (*plain, REFUSALS, ERRORS)), *coded, [LATER])
