"""Questions that are answered by choosing: the options under letters.

They are shown in the data set's order, which is the same for every system; loaders draw it where the data set asks for
that, as LoCoMo does for the two options of an adversarial question.
"""

from __future__ import annotations

from collections.abc import Sequence
from string import ascii_lowercase

from agentmem_evals.errors import EvalError


def letters(options: Sequence[str]) -> tuple[str, ...]:
    """The letters of the options: ``a``, ``b``, ...

    Raises:
        EvalError: there are no options, or more than letters.
    """
    if not 1 <= len(options) <= len(ascii_lowercase):
        raise EvalError(f"A question with {len(options)} options cannot be answered by a letter. Use another style.")
    return tuple(ascii_lowercase[: len(options)])


def lettered(options: Sequence[str]) -> str:
    """The options, one a line, each after its letter."""
    return "\n".join(f"({letter}) {option}" for letter, option in zip(letters(options), options, strict=True))
