"""What an evaluation refuses to do, as types. Each message says what happened and what to do next."""

from __future__ import annotations


class EvalError(Exception):
    """Anything an evaluation refuses to do, or could not do."""


class DataNotFound(EvalError):
    """The data set is in none of the places where it was looked for."""


class DataFormatError(EvalError):
    """A data file is not in the format that its loader reads."""


class UnknownName(EvalError):
    """No task, data set, system or conversation has this name."""


class ConfigurationMismatch(EvalError):
    """The folder holds a run of another configuration, so the two cannot be mixed."""


class NotARun(EvalError):
    """The folder does not hold what a run writes, or holds a damaged version of it."""


class FolderInUse(EvalError):
    """Another process writes to the run's folder at this moment."""
