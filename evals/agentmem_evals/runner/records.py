"""What a run writes for each question: what the system found, or how it failed. One JSON object a line."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from agentmem_evals.runner.codec import Codec

INGEST = "ingest"
RETRIEVE = "retrieve"
READ = "read"
ANSWER = "answer"


class AboutQuestion(Protocol):
    """What every record says."""

    @property
    def question_id(self) -> str:
        """The question that the record is about."""
        ...


@dataclass(frozen=True, slots=True)
class UserSide:
    """Of a ranking, what the user of an assistant said, which LongMemEval's own measures are about.

    ``found`` are the user's turns in the ranking and ``gold`` those that hold the answer; ``turns`` is how many there
    are in all.
    """

    found: tuple[str, ...]
    gold: tuple[str, ...]
    turns: int


@dataclass(frozen=True, slots=True)
class Prediction:
    """The ranking for one question, with the gold beside it, so that scoring needs no data set.

    ``gold`` and ``found`` are items: turns, observations or passages, as the manifest's ``level`` says.
    ``sessions_from`` says who ranked the sessions: ``"system"``, or ``"turns"`` for the order of first appearance;
    passages have no sessions. ``usage`` holds what models were asked for (the non-zero fields of
    :class:`agentmem.types.Usage`); of questions that were put at once it is the mean. ``why`` holds the signals of each
    found item, in the order of ``found``, where the system tells them
    (:func:`agentmem_evals.runner.retrieving.kept_signals`), and is empty where it does not. ``user`` is there for
    LongMemEval alone.
    """

    question_id: str
    body: str
    category: str
    question: str
    gold: tuple[str, ...]
    gold_sessions: tuple[str, ...]
    found: tuple[str, ...]
    sessions: tuple[str, ...]
    sessions_from: str
    latency_ms: float
    usage: Mapping[str, float] = field(default_factory=dict)
    why: tuple[Mapping[str, float], ...] = ()
    user: UserSide | None = None


@dataclass(frozen=True, slots=True)
class Failure:
    """A question that got no answer: an exception, which is not a score of zero. ``stage`` is where it was raised.

    ``usage`` is what models were asked for at that stage all the same, and ``retrieve_usage`` what finding had cost
    before a reader failed. Both are as in :class:`Prediction`.
    """

    question_id: str
    body: str
    category: str
    stage: str
    error: str
    message: str
    usage: Mapping[str, float] = field(default_factory=dict)
    retrieve_usage: Mapping[str, float] = field(default_factory=dict)


Record = Prediction | Failure


def _user_side(raw: Mapping[str, Any] | None) -> UserSide | None:
    return None if raw is None else UserSide(tuple(raw["found"]), tuple(raw["gold"]), raw["turns"])


RETRIEVED: Codec[Record] = Codec("a record", {"prediction": Prediction, "failure": Failure}, {"user": _user_side})
"""The lines of a run of the task ``retrieval``."""
