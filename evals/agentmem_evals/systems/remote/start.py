"""The start of the process that a system runs in: whatever its packages print must not reach the protocol's stream."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from typing import TextIO

from agentmem_evals.systems.remote.serve import maker, serve


def main(arguments: Sequence[str] | None = None) -> None:
    """Serve the system that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m agentmem_evals.systems.remote", description=__doc__)
    parser.add_argument("spec", help="the system, as --system names it")
    parser.add_argument("--embedder", default="default", help="embedding model, as agentmem names it")
    parser.add_argument("--batch", type=int, default=1000, help="texts embedded at once")
    options = parser.parse_args(arguments)
    requests, replies = private_streams()
    with requests, replies:
        serve(maker(options.spec, options.embedder, options.batch), requests, replies)


def private_streams() -> tuple[TextIO, TextIO]:
    """Standard input and output, for the protocol alone.

    In their places stand an empty input and the error stream, for Python's ``print`` as for what C libraries and child
    processes write.
    """
    sys.stdout.flush()
    requests = os.fdopen(os.dup(0), "r", encoding="utf-8", newline="\n")
    replies = os.fdopen(os.dup(1), "w", encoding="utf-8", newline="\n")
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return requests, replies
