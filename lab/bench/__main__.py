"""python -m lab.bench."""

from lab.bench.cli import main

main()
