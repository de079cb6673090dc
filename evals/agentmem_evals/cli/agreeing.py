"""``agentmem-evals judge --agreement``: a judge, or a rule without a model, put to the labelled answers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from agentmem.errors import BudgetExhausted
from agentmem.models.chat.budget import Budget
from agentmem_evals.cli.models import open_chat
from agentmem_evals.cli.telling import ERR, say
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.judging.agreement import measure_agreement
from agentmem_evals.judging.agreement_file import (
    agreement_path,
    earlier_agreement,
    measured_by,
    measured_by_rule,
    write_agreement,
)
from agentmem_evals.judging.asked import AskedJudge
from agentmem_evals.judging.labelled import LabelledAnswers, load_labelled_answers, read_labelled_answers
from agentmem_evals.judging.references import REFERENCES, reference
from agentmem_evals.judging.rubrics import JUDGES, Rubric, rubric
from agentmem_evals.progress import progress
from agentmem_evals.runner.purse import Purse


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be measured, and where it is to stand.

    ``judge``: a protocol of :data:`agentmem_evals.judging.rubrics.JUDGES`, with ``llm``; or without one a rule of
    :data:`agentmem_evals.judging.references.REFERENCES`, ``None`` for all of them. ``labelled``: a file of labelled
    answers, ``None`` for the project's own. ``folders``: each gets a file for each judge.
    """

    judge: str | None
    folders: Sequence[Path]
    llm: str | None = None
    base_url: str | None = None
    labelled: Path | None = None
    concurrency: int = 1
    budget: Budget = field(default_factory=Budget)
    overwrite: bool = False


def measure_judges(trial: Trial) -> list[dict[str, Any]]:
    """Measure, write a file for each judge into each folder, and give back what they hold.

    Raises:
        EvalError: of any kind; a name is unknown, there is nowhere to write, or a file holds another measurement.
        BudgetExhausted: the budget is spent; nothing is written then.
    """
    if not trial.folders:
        raise EvalError("Say where the agreement is to be written: --out FOLDER, or the folder of a run.")
    labelled = load_labelled_answers() if trial.labelled is None else read_labelled_answers(trial.labelled)
    if trial.llm is None:
        return [_rule(name, trial, labelled) for name in _rules(trial.judge)]
    if trial.judge in REFERENCES:
        raise EvalError(f"{trial.judge!r} is a rule that asks nobody: leave --llm out.")
    if trial.judge is None:
        raise UnknownName(f"Say which protocol the model applies: --judge, of {', '.join(JUDGES)}.")
    return [_asked(rubric(trial.judge), trial.llm, trial, labelled)]


def _rules(name: str | None) -> Sequence[str]:
    if name in JUDGES:
        raise EvalError(f"The judge {name!r} is a language model's: pass --llm openai:MODEL.")
    return tuple(REFERENCES) if name is None else (name,)


def _rule(name: str, trial: Trial, labelled: LabelledAnswers) -> dict[str, Any]:
    found = measure_agreement(reference(name), labelled.answers, 1)
    told: dict[str, Any] = {}
    for folder in trial.folders:
        told = write_agreement(_told(agreement_path(folder, name)), measured_by_rule(name, labelled), found)
    return told


def _asked(protocol: Rubric, llm: str, trial: Trial, labelled: LabelledAnswers) -> dict[str, Any]:
    """What was measured already in the same way is not paid for again."""
    purse = Purse(trial.budget)
    chat = purse.wrap(open_chat(llm, trial.base_url))
    measured = measured_by(protocol, chat.name, labelled)
    paths = [agreement_path(folder, protocol.name) for folder in trial.folders]
    earlier = [None if trial.overwrite else earlier_agreement(path, measured) for path in paths]
    missing = [path for path, present in zip(paths, earlier, strict=True) if present is None]
    told = next((present for present in earlier if present is not None), {})
    if not missing:
        return told
    judge = AskedJudge(protocol, chat)
    answers = [answer for answer in labelled.answers if judge.applies(answer.item)]
    with progress(ERR, len(answers), purse) as advance:
        try:
            found = measure_agreement(
                judge, labelled.answers, trial.concurrency, lambda count: advance(protocol.name, count)
            )
        except BudgetExhausted as error:
            raise BudgetExhausted(
                f"The budget is spent before all {len(answers)} labelled answers were judged, and a part of them would "
                "measure something else: nothing is written. Pass a larger one."
            ) from error
    for path in missing:
        told = write_agreement(_told(path), measured, found)
    return told


def _told(path: Path) -> Path:
    say("[green]Written:[/green]", str(path))
    return path
