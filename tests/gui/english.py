"""The source language: what the catalogues would give in English."""

from __future__ import annotations


def english(text: str, number: int | None = None) -> str:
    """The text itself, with its number."""
    return text if number is None else text.replace("%n", str(number))
