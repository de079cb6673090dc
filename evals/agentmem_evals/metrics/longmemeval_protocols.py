"""Which of LongMemEval's 500 questions a retrieval figure is over. Advertised figures are often over all 500."""

from __future__ import annotations

from collections.abc import Callable, Mapping

ABSTENTION = "_abs"
"""What the id of a question contains whose right answer is that the history does not tell."""

Protocol = Callable[[str, bool], bool]
"""Whether a question counts, from its id and whether a turn of the *user* holds evidence."""


def is_abstention(question_id: str) -> bool:
    """The question is one of the 30 that cannot be answered."""
    return ABSTENTION in question_id


def in_470(question_id: str, user_target: bool) -> bool:  # noqa: ARG001 - both protocols are asked the same way
    """``src/evaluation/print_retrieval_metrics.py``: all but abstention.

    51 of the 470 have no evidence in what the user said. Retrieval by user turns cannot find it: they have recall_any
    0 and ndcg_any 0, and *recall_all 1*, since none is missing.
    """
    return not is_abstention(question_id)


def in_419(question_id: str, user_target: bool) -> bool:
    """``src/retrieval/run_retrieval.py``: all but abstention and questions without a user turn that has the answer."""
    return user_target and not is_abstention(question_id)


PROTOCOLS: Mapping[str, Protocol] = {"470": in_470, "419": in_419}
"""The protocols by the number of questions that they leave of LongMemEval's 500."""
