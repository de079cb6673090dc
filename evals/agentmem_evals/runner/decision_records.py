"""What a run writes for each pair: what was decided, or how the decider failed. One JSON object a line."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.updating.decision import Relation
from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.records import Failure

DECIDE = "decide"
"""The stage of a failure."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The decision about one pair, with the pair beside it, so that scoring needs no data set.

    ``category`` is the pair's kind, ``gold`` its label and ``said`` the decision. ``text`` is the wording that the
    decider proposes for both, where it does.
    """

    pair_id: str
    category: str
    older: str
    newer: str
    gold: Relation
    said: Relation
    reason: str
    text: str | None
    cosine: float | None

    @property
    def question_id(self) -> str:
        """The pair is what was asked about."""
        return self.pair_id


DecisionRecord = Verdict | Failure

DECIDED: Codec[DecisionRecord] = Codec(
    "a decision", {"verdict": Verdict, "failure": Failure}, {"gold": Relation, "said": Relation}
)
"""The lines of a run of the task ``decisions``."""
