"""The judge ``facts``, wired: runs of event summaries, a model that judges, and who pays."""

from __future__ import annotations

from agentmem_evals.cli.models import open_chat
from agentmem_evals.cli.telling import ERR
from agentmem_evals.errors import NotARun
from agentmem_evals.judging.facts.asked import KnownFacts
from agentmem_evals.judging.facts.folder import FactFile
from agentmem_evals.judging.facts.judging import judge_facts_into
from agentmem_evals.judging.facts.records import FACTS, FactJudgement
from agentmem_evals.judging.facts.sides import sides_of
from agentmem_evals.progress import progress
from agentmem_evals.runner.configuration import SUMMARIES
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.purse import Purse, total_usage
from agentmem_evals.runner.summary_records import SUMMARISED


def judge_facts(
    run: RunFolder,
    purse: Purse,
    llm: str,
    base_url: str | None,
    concurrency: int,
    known: KnownFacts,
    *,
    overwrite: bool,
) -> None:
    """Judge the facts of a run's summaries, or go on where an earlier start stopped.

    ``known`` are gold facts that runs judged before were held against; those of this run are added.

    Raises:
        NotARun: the folder holds no run, one of another task, or a damaged one.
        ConfigurationMismatch: the run was judged by another model, or with other prompts.
        BudgetExhausted: the budget is spent.
    """
    task = run.read_manifest().configuration["task"]
    if task != SUMMARIES:
        raise NotARun(
            f"{run.path} holds a run of the task {task!r}; the judge {FACTS!r} is for summaries, of the task "
            f"{SUMMARIES!r}."
        )
    asked = sides_of(run.read(SUMMARISED))
    file = FactFile(run.judgements_path(FACTS))
    earlier = [] if overwrite else [record for record in file.read() if isinstance(record, FactJudgement)]
    purse.owe(total_usage(record.usage for record in earlier))
    chat = purse.wrap(open_chat(llm, base_url))
    with progress(ERR, len(asked), purse) as advance:
        judge_facts_into(
            file,
            asked,
            chat,
            concurrency,
            known=known,
            overwrite=overwrite,
            advance=lambda summaries: advance(FACTS, summaries),
        )
