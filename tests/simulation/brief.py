"""Plays seeds until one breaks a rule: `python -m tests.simulation.brief FIRST LAST`, exit code 1 if one did."""

from __future__ import annotations

import sys

from tests.simulation.journal import Violation
from tests.simulation.play import play

HANDOVERS = 25


def main() -> None:
    """Say which rule broke, in which seed."""
    first, last = (int(argument) for argument in sys.argv[1:3])
    for seed in range(first, last + 1):
        try:
            play(seed, HANDOVERS)
        except Violation as broken:
            print(f"invariant {broken} (seed {seed})")
            sys.exit(1)
    print(f"no rule breaks in seeds {first} to {last}")


if __name__ == "__main__":
    main()
