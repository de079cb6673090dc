"""Running pieces of code in processes of their own, and killing them."""

from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

PRELUDE = """
import os, signal, sys
from datetime import UTC, datetime, timedelta
from agentmem import AgentMemory, Document, Message, Scope
from agentmem.errors import *
from agentmem.testing import BrokenEmbedder, FakeClock, FakeEmbedder

database = sys.argv[1]

def opened(**arguments):
    return AgentMemory.open(database, **{"embedder": FakeEmbedder(), "clock": FakeClock(), **arguments})

def die():
    os.kill(os.getpid(), signal.SIGKILL)
"""


class Child:
    """Runs code with ``database``, ``opened()`` and the library's names at hand."""

    def __init__(self, database: Path) -> None:
        self._database = database

    def start(self, code: str) -> subprocess.Popen[str]:
        source = PRELUDE + textwrap.dedent(code)
        command = [sys.executable, "-c", source, str(self._database)]
        environment = {**os.environ, "PYTHONWARNINGS": "ignore"}
        return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment)

    def run(self, code: str) -> tuple[int, str]:
        """The exit status (negative: killed by that signal) and what was printed."""
        process = self.start(code)
        output, errors = process.communicate(timeout=120)
        assert process.returncode in (0, -9), errors
        return process.returncode, output


@pytest.fixture
def child(database: Path) -> Child:
    return Child(database)
