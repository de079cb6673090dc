"""``python -m evals.benchmarks [NAME...] [--json FOLDER]``: all benchmarks, or those named."""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

from evals.benchmarks.output import show, write

NAMES = ("startup", "lexical", "graph", "tree", "ingest", "worker", "reconcile", "cost", "retrieve", "mem0")


def main() -> None:
    """Run benchmarks one after another."""
    parser = argparse.ArgumentParser(prog="python -m evals.benchmarks", description="Measure speed.")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)}; default: all")
    parser.add_argument("--json", type=Path, metavar="FOLDER", help="also write the figures there")
    options = parser.parse_args()
    if unknown := set(options.names).difference(NAMES):
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name in options.names or NAMES:
        result = import_module(f"evals.benchmarks.{name}").measure()
        show(result)
        if options.json is not None:
            write(result, options.json)


if __name__ == "__main__":
    main()
