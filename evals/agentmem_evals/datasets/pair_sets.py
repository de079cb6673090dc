"""Which sets of labelled pairs there are, and how each is found and loaded."""

from __future__ import annotations

from pathlib import Path

from agentmem_evals.datasets import babi_changes, pairs
from agentmem_evals.datasets.pairs import Half, LabelledPairs
from agentmem_evals.errors import DataNotFound, EvalError, UnknownName

PAIR_SETS = (pairs.NAME, babi_changes.NAME)


def load_labelled(name: str, half: Half | None, given: Path | None, root: Path | None) -> LabelledPairs:
    """A set of labelled pairs.

    Args:
        name: one of :data:`PAIR_SETS`.
        half: which of the project's own pairs; ``None`` for the development half.
        given: a file of pairs to use instead of the project's; for bAbI, a file or the folder of its files.
        root: a folder that holds ``babi/``.

    Raises:
        UnknownName: there is no such set.
        DataNotFound: its files are not there.
        DataFormatError: a file is not in the set's format.
        EvalError: ``half`` was asked of a set that has no halves.
    """
    if name == pairs.NAME and given is None:
        return pairs.load_pairs(half or Half.DEVELOPMENT)
    if name not in PAIR_SETS:
        raise UnknownName(f"There is no set of pairs {name!r}. Known are: {', '.join(PAIR_SETS)}.")
    if half is not None:
        raise EvalError("Only the project's own pairs have halves: leave --half out, or --data.")
    if name == babi_changes.NAME:
        return babi_changes.load_babi(babi_changes.find_babi(given, root))
    if given is None or not given.is_file():
        raise DataNotFound(f"{given} is no file of pairs. Pass one with --data, or leave --data out.")
    return pairs.read_pairs(given)
