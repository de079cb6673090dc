"""A judge that could not judge, as a type."""

from __future__ import annotations

from agentmem.types import Usage
from agentmem_evals.errors import EvalError


class JudgeFailed(EvalError):
    """A judge gave no verdict: its model could not be asked, or replied with nothing that can be read.

    ``error`` is the type of what happened, and ``usage`` what was spent all the same. Judge again: only what has no
    verdict is asked about.
    """

    def __init__(self, error: str, message: str, usage: Usage) -> None:
        super().__init__(message)
        self.error = error
        self.usage = usage
