"""The checks in words: what was looked at, and what was found."""

from __future__ import annotations

from collections.abc import Sequence

from client.core import words
from client.core.checkup import FAILED, OK, SKIPPED, WARNING, Check
from gui.view import phrases
from gui.view.model import CheckLine, Translate

SIGNS = {OK: "✓", WARNING: "!", FAILED: "✗", SKIPPED: "-"}
"""Shapes that are told apart without colour."""


def check_lines(checks: Sequence[Check], translate: Translate) -> list[CheckLine]:
    """One line for each check."""
    return [_line(check, translate) for check in checks]


def verdict(checks: Sequence[Check], translate: Translate) -> str:
    """One sentence: what fails first, or that nothing does."""
    failed = next((check for check in checks if check.result == FAILED), None)
    if failed is None:
        return translate("Nothing is wrong.")
    return translate("{check}: {finding}.").format(
        check=_title(failed.id, translate), finding=_found(failed, translate)
    )


def _line(check: Check, translate: Translate) -> CheckLine:
    return CheckLine(
        id=check.id,
        result=check.result,
        sign=SIGNS.get(check.result, "?"),
        title=_title(check.id, translate),
        text=_found(check, translate),
        spoken=translate(words.RESULTS.get(check.result, check.result)),
    )


def _title(identifier: str, translate: Translate) -> str:
    return translate(words.CHECKS[identifier]) if identifier in words.CHECKS else identifier


def _found(check: Check, translate: Translate) -> str:
    known = words.FINDINGS.get(check.finding)
    if known is None:
        state = words.STATES.get(check.finding)
        return translate(state) if state else phrases.reason(check.finding, translate)
    detail = _title(check.detail, translate) if check.finding == "after-failure" else check.detail
    return translate(known).replace("{detail}", detail)
