"""Judging one run, wired: the protocols for answers and the judge ``facts``, a model that judges, and who pays."""

from __future__ import annotations

from dataclasses import dataclass

from agentmem.llm import ChatModel
from agentmem_evals.cli.models import open_chat
from agentmem_evals.cli.telling import ERR
from agentmem_evals.errors import NotARun
from agentmem_evals.judging.facts.asked import KnownFacts
from agentmem_evals.judging.facts.folder import FactFile
from agentmem_evals.judging.facts.judging import judge_facts_into
from agentmem_evals.judging.facts.records import FACTS
from agentmem_evals.judging.facts.sides import sides_of
from agentmem_evals.judging.folder import JudgementFile
from agentmem_evals.judging.judge_answers import judge_into
from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.judgement_lines import J, JudgementLines
from agentmem_evals.judging.rubrics import Rubric
from agentmem_evals.progress import progress
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.configuration import QA, SUMMARIES
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.purse import Purse, total_usage
from agentmem_evals.runner.summary_records import SUMMARISED


@dataclass(frozen=True, slots=True)
class JudgingOrder:
    """The model that judges, by name, and how it is asked. ``overwrite`` throws away its earlier judgements."""

    llm: str
    base_url: str | None
    concurrency: int
    overwrite: bool


def judge_run(run: RunFolder, protocol: Rubric, purse: Purse, order: JudgingOrder) -> None:
    """Judge a run's answers, or go on where an earlier start stopped.

    Raises:
        NotARun: the folder holds no run, one of another task, or a damaged one.
        ConfigurationMismatch: the run was judged by another model, or with other prompts.
        FolderInUse: another process writes to the folder.
        BudgetExhausted: the budget is spent.
    """
    instead = f"what can be judged are answers, of the task {QA!r}, and summaries, with the judge {FACTS!r}."
    _refuse_other_task(run, QA, instead)
    answers = [record for record in run.read(ANSWERED) if isinstance(record, Answer)]
    applied = sum(protocol.applies(judged(answer)) for answer in answers)
    file = JudgementFile(run.judgements_path(protocol.name))
    chat = _paid_chat(file, purse, order)
    with run.held(), progress(ERR, applied, purse) as advance:
        judge_into(
            file,
            answers,
            protocol,
            chat,
            order.concurrency,
            overwrite=order.overwrite,
            advance=lambda answers: advance(protocol.name, answers),
        )


def judge_facts(run: RunFolder, purse: Purse, order: JudgingOrder, known: KnownFacts) -> None:
    """Judge the facts of a run's summaries, or go on where an earlier start stopped.

    ``known`` are gold facts that runs judged before were held against; those of this run are added.

    Raises:
        NotARun: the folder holds no run, one of another task, or a damaged one.
        ConfigurationMismatch: the run was judged by another model, or with other prompts.
        FolderInUse: another process writes to the folder.
        BudgetExhausted: the budget is spent.
    """
    _refuse_other_task(run, SUMMARIES, f"the judge {FACTS!r} is for summaries, of the task {SUMMARIES!r}.")
    asked = sides_of(run.read(SUMMARISED))
    file = FactFile(run.judgements_path(FACTS))
    chat = _paid_chat(file, purse, order)
    with run.held(), progress(ERR, len(asked), purse) as advance:
        judge_facts_into(
            file,
            asked,
            chat,
            order.concurrency,
            known=known,
            overwrite=order.overwrite,
            advance=lambda summaries: advance(FACTS, summaries),
        )


def _refuse_other_task(run: RunFolder, wanted: str, instead: str) -> None:
    task = run.read_manifest().configuration["task"]
    if task != wanted:
        raise NotARun(f"{run.path} holds a run of the task {task!r}; {instead}")


def _paid_chat(file: JudgementLines[J], purse: Purse, order: JudgingOrder) -> ChatModel:
    """The model, paid from a purse that owes what the file's records have cost, unless they are thrown away."""
    earlier = [] if order.overwrite else file.read()
    purse.owe(total_usage(one.usage for one in earlier))
    return purse.wrap(open_chat(order.llm, order.base_url))
