"""How far a judge says what a person says: the judge's verdicts beside the labels of the agreement fixture."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import partial
from typing import Any

from agentmem_evals.judging.failed import JudgeFailed
from agentmem_evals.judging.judged import Judge
from agentmem_evals.judging.labelled import LabelledAnswer
from agentmem_evals.metrics.agreement import Agreement, agreement
from agentmem_evals.reading.in_order import in_order


class Strictness(StrEnum):
    """Which of the two labels."""

    STRICT = "strict"
    GENEROUS = "generous"


@dataclass(frozen=True, slots=True)
class Tried:
    """A judge's verdict on a labelled answer; ``None`` where it failed."""

    answer: LabelledAnswer
    correct: bool | None


@dataclass(frozen=True, slots=True)
class JudgeAgreement:
    """One judge on a set of labelled answers.

    ``tried`` are the answers that the judge's protocol covers, in order; ``skipped`` is how many it does not cover.
    """

    judge: str
    tried: tuple[Tried, ...]
    skipped: int

    @property
    def failed(self) -> int:
        """How many answers got no verdict. They are in no measure."""
        return sum(one.correct is None for one in self.tried)

    def beside(self, level: Strictness, kind: str | None = None) -> Agreement:
        """The counts beside the labels of a level, over all answers or those of one kind."""
        return agreement(
            (one.answer.strict if level is Strictness.STRICT else one.answer.generous, one.correct)
            for one in self.tried
            if one.correct is not None and kind in (None, one.answer.kind)
        )

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the answers tried, in order of first appearance."""
        return tuple(dict.fromkeys(one.answer.kind for one in self.tried))

    def as_json(self) -> dict[str, Any]:
        """Plain values: at each level the measures over all answers, and the accuracy by kind."""
        return {
            "judge": self.judge,
            "skipped": self.skipped,
            "failed": self.failed,
            **{level.value: self._level(level) for level in Strictness},
        }

    def _level(self, level: Strictness) -> dict[str, Any]:
        whole = self.beside(level)
        return {
            "n": whole.n,
            "accuracy": whole.accuracy,
            "kappa": whole.kappa,
            "false_accept_rate": whole.false_accept_rate,
            "false_reject_rate": whole.false_reject_rate,
            "by_kind": {
                kind: {"n": part.n, "accuracy": part.accuracy}
                for kind, part in ((kind, self.beside(level, kind)) for kind in self.kinds)
                if part.n
            },
        }


def measure_agreement(
    judge: Judge,
    answers: Sequence[LabelledAnswer],
    concurrency: int = 8,
    advance: Callable[[int], None] = lambda _answers: None,
) -> JudgeAgreement:
    """Put every labelled answer that the judge's protocol covers to it, at most ``concurrency`` at a time.

    The published protocols name no level: look at both. A judge is trusted where its false accepts are few.
    ``advance`` is told how many more answers are dealt with.

    Raises:
        BudgetExhausted: nothing more may be spent.
        EvalError: a concurrency below 1.
    """
    covered = [answer for answer in answers if judge.applies(answer.item)]
    tried: list[Tried] = []
    for one in in_order(partial(_try, judge), covered, concurrency, "agentmem-evals-agreement"):
        tried.append(one)
        advance(1)
    return JudgeAgreement(judge.name, tuple(tried), len(answers) - len(covered))


def _try(judge: Judge, answer: LabelledAnswer) -> Tried:
    try:
        return Tried(answer, judge.judge(answer.item).correct)
    except JudgeFailed:
        return Tried(answer, None)
