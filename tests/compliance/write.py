"""`python -m tests.compliance.write` writes docs/COMPLIANCE.md; with --check it only says whether that is needed."""

from __future__ import annotations

import sys

from tests.compliance.document import document
from tests.compliance.marks import ROOT, read_marks
from tests.compliance.rules import read_rules, read_sections

PAGE = ROOT / "docs" / "COMPLIANCE.md"


def main(arguments: list[str]) -> int:
    """The exit code."""
    text = document(read_rules(), read_sections(), read_marks())
    if "--check" not in arguments:
        PAGE.write_text(text)
    elif PAGE.read_text() != text:
        print("docs/COMPLIANCE.md is not what the tests and rules say: make compliance", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
