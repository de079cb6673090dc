"""The command ``agentmem``: the library's verbs in a terminal, with tables for people and ``--json`` for programs.

It decides nothing itself. Importing it costs little: the library and rich are imported by the command that needs them.
"""

from __future__ import annotations

from agentmem.cli.app import app, main

__all__ = ["app", "main"]
