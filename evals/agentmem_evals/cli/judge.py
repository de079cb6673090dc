"""``agentmem-evals judge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem.models.chat.budget import Budget
from agentmem_evals.cli import options
from agentmem_evals.cli.agreeing import Trial, measure_judges
from agentmem_evals.cli.judging_facts import judge_facts
from agentmem_evals.cli.models import open_chat
from agentmem_evals.cli.telling import ERR, show, show_runs, told
from agentmem_evals.errors import NotARun
from agentmem_evals.judging.facts.asked import KnownFacts
from agentmem_evals.judging.facts.records import FACTS
from agentmem_evals.judging.folder import JudgementFile
from agentmem_evals.judging.judge_answers import CONCURRENCY, judge_into
from agentmem_evals.judging.judged import judged
from agentmem_evals.judging.records import Judgement
from agentmem_evals.judging.references import REFERENCES
from agentmem_evals.judging.rubrics import JUDGES, Rubric, rubric
from agentmem_evals.progress import progress
from agentmem_evals.reports.plots.labelled import labelled_table
from agentmem_evals.runner.answer_records import ANSWERED, Answer
from agentmem_evals.runner.configuration import QA
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.purse import Purse, total_usage
from agentmem_evals.scoring import score_folder


def judge(
    folders: Annotated[
        list[Path] | None, typer.Argument(help="Folders of runs of the task qa; of summaries for the judge facts.")
    ] = None,
    judge: Annotated[
        str | None,
        typer.Option(
            "--judge",
            help=f"Protocol: {', '.join((*JUDGES, FACTS))}; with --agreement and no --llm a rule, one or all: "
            f"{', '.join(REFERENCES)}.",
        ),
    ] = None,
    llm: Annotated[str | None, typer.Option(help="The language model that judges, e.g. openai:MODEL.")] = None,
    base_url: options.BaseUrl = None,
    agreement: Annotated[
        bool, typer.Option("--agreement", help="Measure the judge on answers that people labelled, not on runs.")
    ] = False,
    labelled: Annotated[
        Path | None, typer.Option(help="--agreement: a file of labelled answers. Default: the project's own.")
    ] = None,
    out: Annotated[
        Path | None, typer.Option(help="--agreement: folder for agreement-NAME.json. Default: the runs' folders.")
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, help="Answers judged at once.")] = CONCURRENCY,
    max_calls: options.MaxCalls = None,
    max_tokens: options.MaxTokens = None,
    max_usd: options.MaxUsd = None,
    usd_per_million_prompt: options.PromptPrice = None,
    usd_per_million_completion: options.CompletionPrice = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Throw away this judge's earlier verdicts.")] = False,
) -> None:
    """Have a language model judge answers, and score again. What is judged already is not judged again.

    Verdicts go to judgements-NAME.jsonl in the run's folder. The budget is that of each run. With --agreement the judge
    itself is measured, on answers that people labelled.
    """
    if agreement:
        with told():
            budget = Budget(max_calls, max_tokens, max_usd, usd_per_million_prompt, usd_per_million_completion)
            places = [out] if out is not None else folders or []
            trial = Trial(judge, places, llm, base_url, labelled, concurrency, budget, overwrite=overwrite)
            show([labelled_table(measure_judges(trial))])
        return
    if not folders or judge is None or llm is None:
        raise typer.BadParameter("FOLDERS, --judge and --llm are needed, unless --agreement is given.")
    if labelled is not None or out is not None:
        raise typer.BadParameter("--labelled and --out go with --agreement.")
    with told():
        protocol = None if judge == FACTS else rubric(judge)
        known: KnownFacts = {}
        budget = Budget(max_calls, max_tokens, max_usd, usd_per_million_prompt, usd_per_million_completion)
        runs = [RunFolder(folder) for folder in folders]
        for run in runs:
            purse = Purse(budget)
            try:
                if protocol is None:
                    judge_facts(run, purse, llm, base_url, concurrency, known, overwrite=overwrite)
                else:
                    _judge(run, protocol, purse, llm, base_url, concurrency, overwrite=overwrite)
            finally:
                score_folder(run)
        show_runs(runs)


def _judge(
    run: RunFolder,
    protocol: Rubric,
    purse: Purse,
    llm: str,
    base_url: str | None,
    concurrency: int,
    *,
    overwrite: bool,
) -> None:
    task = run.read_manifest().configuration["task"]
    if task != QA:
        raise NotARun(
            f"{run.path} holds a run of the task {task!r}; what can be judged are answers, of the task {QA!r}, "
            f"and summaries, with the judge {FACTS!r}."
        )
    answers = [record for record in run.read(ANSWERED) if isinstance(record, Answer)]
    applied = [answer for answer in answers if protocol.applies(judged(answer))]
    file = JudgementFile(run.judgements_path(protocol.name))
    earlier = [] if overwrite else [record for record in file.read() if isinstance(record, Judgement)]
    purse.owe(total_usage(record.usage for record in earlier))
    chat = purse.wrap(open_chat(llm, base_url))
    with progress(ERR, len(applied), purse) as advance:
        judge_into(
            file,
            answers,
            protocol,
            chat,
            concurrency,
            overwrite=overwrite,
            advance=lambda answers: advance(protocol.name, answers),
        )
