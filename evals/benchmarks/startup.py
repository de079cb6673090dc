"""Starting: importing the library and asking the command for help, in fresh processes."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from evals.benchmarks.measuring import median_ms
from evals.benchmarks.output import Figure, Result, command

REPEATS = 10


def start(name: str, arguments: Sequence[str]) -> Figure:
    """The median wall time of a process; one run before, so that files are in the cache."""

    def run() -> None:
        subprocess.run(arguments, check=True, stdout=subprocess.DEVNULL)

    run()
    return {"what": name, "median (ms)": median_ms([run] * REPEATS)}


def measure() -> Result:
    """Measure starting."""
    installed = Path(sys.executable).with_name("agentmem")
    help_command = [str(installed)] if installed.exists() else [sys.executable, "-m", "agentmem.cli"]
    rows = [
        start("python -c pass", [sys.executable, "-c", "pass"]),
        start("python -c 'import agentmem'", [sys.executable, "-c", "import agentmem"]),
        start("agentmem --help", [*help_command, "--help"]),
    ]
    return Result("startup", "Starting", rows, f"Median of {REPEATS} fresh processes, Python's own start included.")


if __name__ == "__main__":
    command(measure)
