"""The command ``agentmem-evals``: wires the parts and shows what they say; decides nothing."""

from __future__ import annotations

from agentmem_evals.cli.app import app, main

__all__ = ["app", "main"]
