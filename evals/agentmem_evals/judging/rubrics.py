"""The judging protocols: which prompt an answer is put into, which reply is wanted, which questions are left out.

Protocols are not comparable with each other: the same answers got 91 % from a generous one and 35 % from a strict one
(mem0ai/memory-benchmarks, issue 29). So a judgement always carries its protocol's name. The wordings here are this
project's own and carry the published conditions; numbers are near those of the published prompts, not the same.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agentmem_evals.errors import UnknownName
from agentmem_evals.judging.judged import Judged
from agentmem_evals.judging.replies import Examined, JudgeReply, Labelled, YesNo

UNTOLD = "What is asked for was never told."
"""Why a question cannot be answered, where its data set does not say."""

_LONGMEMEVAL: Mapping[str, str] = {
    "temporal-reasoning": "judge_longmemeval_temporal",
    "knowledge-update": "judge_longmemeval_update",
    "single-session-preference": "judge_longmemeval_preference",
}


@dataclass(frozen=True, slots=True)
class Rubric:
    """A judging protocol.

    Attributes:
        name: under which its numbers stand.
        prompt_of: the id of the prompt for an answer.
        reply: the form of the model's reply.
        max_tokens: how long that may be.
        applies: whether a question is judged.
    """

    name: str
    prompt_of: Callable[[Judged], str]
    reply: type[JudgeReply]
    max_tokens: int
    applies: Callable[[Judged], bool]

    @property
    def prompt_ids(self) -> tuple[str, ...]:
        """All its prompts, sorted."""
        return _PROMPTS[self.name]


def _longmemeval_prompt(item: Judged) -> str:
    """Abstention goes before the type: an unanswerable question keeps the type it was made from."""
    if item.unanswerable:
        return "judge_longmemeval_abstention"
    return _LONGMEMEVAL.get(item.category, "judge_longmemeval_answer")


def _strict_prompt(item: Judged) -> str:
    return "judge_strict_abstention" if item.unanswerable else "judge_strict"


def _has_right_answer(item: Judged) -> bool:
    return item.gold is not None or item.unanswerable


def _can_be_answered(item: Judged) -> bool:
    return item.gold is not None and not item.unanswerable


LONGMEMEVAL = Rubric("longmemeval", _longmemeval_prompt, YesNo, 32, _has_right_answer)
"""LongMemEval's five rubrics by question type (``src/evaluation/evaluate_qa.py``), temperature 0.

Contains or is equivalent, a part is not enough; off by one tolerated (temporal reasoning); older states may be
mentioned (knowledge update); the described preference is met; unanswerable is noticed. Types of other data sets are
judged by the first. Published is a bound of 10 tokens for a bare word; the bound here leaves room for the JSON around
it.
"""

MEM0 = Rubric("mem0", lambda _item: "judge_mem0", Labelled, 512, _can_be_answered)
"""Mem0's generous judge (``evaluation/metrics/llm_judge.py``), temperature 0: a label ``CORRECT`` or ``WRONG``.

Unanswerable questions, LoCoMo's category 5, are left out as published.
"""

STRICT = Rubric("strict", _strict_prompt, Examined, 512, _has_right_answer)
"""This project's own: every fact of the gold, the same dates and numbers, no contradiction, one answer."""

JUDGES: Mapping[str, Rubric] = {rubric.name: rubric for rubric in (LONGMEMEVAL, MEM0, STRICT)}

_PROMPTS: Mapping[str, tuple[str, ...]] = {
    LONGMEMEVAL.name: (
        "judge_longmemeval_abstention",
        "judge_longmemeval_answer",
        "judge_longmemeval_preference",
        "judge_longmemeval_temporal",
        "judge_longmemeval_update",
    ),
    MEM0.name: ("judge_mem0",),
    STRICT.name: ("judge_strict", "judge_strict_abstention"),
}


def rubric(name: str) -> Rubric:
    """The protocol of a name.

    Raises:
        UnknownName: there is no such protocol.
    """
    try:
        return JUDGES[name]
    except KeyError:
        raise UnknownName(f"There is no judge {name!r}. Known are: {', '.join(JUDGES)}.") from None
