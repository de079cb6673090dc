"""What the judge ``facts`` said of each summary of a run, or how it failed: the lines of ``judgements-facts.jsonl``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.records import Failure

FACTS = "facts"
"""The judge's name."""


@dataclass(frozen=True, slots=True)
class CheckedFact:
    """An atomic fact, whether the other side bears it out, and why, in the judge's words."""

    text: str
    supported: bool
    reason: str = ""


@dataclass(frozen=True, slots=True)
class FactJudgement:
    """The facts of one session and speaker: those of the summary, and those that people wrote down.

    ``prompts`` are the digests of the prompts by id, and ``judged`` is the digest of all that was judged
    (:attr:`agentmem_evals.judging.facts.sides.Sides.digest`).
    """

    question_id: str
    body: str
    speaker: str
    said: tuple[CheckedFact, ...]
    gold: tuple[CheckedFact, ...]
    model: str
    judged: str
    prompts: Mapping[str, str] = field(default_factory=dict)
    usage: Mapping[str, float] = field(default_factory=dict)


FactRecord = FactJudgement | Failure


def _facts(raw: Sequence[Mapping[str, Any]]) -> tuple[CheckedFact, ...]:
    return tuple(CheckedFact(**one) for one in raw)


FACT_JUDGED: Codec[FactRecord] = Codec(
    "a judgement of facts", {"facts": FactJudgement, "failure": Failure}, {"said": _facts, "gold": _facts}
)
