"""What can go wrong with systems that others made, as types."""

from __future__ import annotations

from agentmem_evals.errors import EvalError


class MissingPackage(EvalError):
    """The package behind a system is not installed in the interpreter that should run it."""


class InvalidSystem(EvalError):
    """What was named as a system has not the methods of one, or says what no system says."""


class RemoteFailure(EvalError):
    """A system in another process raised; the message begins with the name of what it raised."""


class RemoteGone(EvalError):
    """The process that a system runs in ended, or says what is not the protocol."""
