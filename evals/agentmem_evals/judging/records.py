"""What a judge said about each answer of a run, or how it failed: the lines of ``judgements-NAME.jsonl``."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from agentmem_evals.runner.codec import Codec
from agentmem_evals.runner.records import Failure

JUDGE = "judge"
"""The stage of a failure."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """A verdict about one answer, with the answer beside it, so that nobody takes it for one about another answer.

    ``reason`` is the judge's, in its words, and ``raw`` its whole reply. ``judge`` is the protocol and ``model`` who
    applied it; the prompt is named by id, version and digest. ``judged`` is the digest of all that was judged
    (:attr:`agentmem_evals.judging.judged.Judged.digest`), the gold included.
    """

    question_id: str
    category: str
    unanswerable: bool
    said: str
    correct: bool
    reason: str
    raw: str
    judge: str
    usage: Mapping[str, float] = field(default_factory=dict)
    model: str = ""
    prompt_id: str = ""
    prompt_version: int = 0
    prompt_digest: str = ""
    judged: str = ""


JudgementRecord = Judgement | Failure

JUDGED: Codec[JudgementRecord] = Codec("a judgement", {"judgement": Judgement, "failure": Failure})
