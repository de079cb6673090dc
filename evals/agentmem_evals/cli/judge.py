"""``agentmem-evals judge``."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from agentmem.models.chat.budget import Budget
from agentmem_evals.cli import options
from agentmem_evals.cli.agreeing import Trial, measure_judges
from agentmem_evals.cli.judging import JudgingOrder, judge_facts, judge_run
from agentmem_evals.cli.telling import show, show_runs, told
from agentmem_evals.judging.facts.asked import KnownFacts
from agentmem_evals.judging.facts.records import FACTS
from agentmem_evals.judging.judge_answers import CONCURRENCY
from agentmem_evals.judging.references import REFERENCES
from agentmem_evals.judging.rubrics import JUDGES, rubric
from agentmem_evals.reports.plots.labelled import labelled_table
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.purse import Purse
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
        order = JudgingOrder(llm, base_url, concurrency, overwrite)
        runs = [RunFolder(folder) for folder in folders]
        for run in runs:
            purse = Purse(budget)
            try:
                if protocol is None:
                    judge_facts(run, purse, order, known)
                else:
                    judge_run(run, protocol, purse, order)
            finally:
                score_folder(run)
        show_runs(runs)
