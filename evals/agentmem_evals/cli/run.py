"""``agentmem-evals run``."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from agentmem.errors import BudgetExhausted
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import NONE
from agentmem_evals.cli import options
from agentmem_evals.cli.asking import Order, for_system, read_material, run_system
from agentmem_evals.cli.deciding import Deciding, decide_pairs, half_of
from agentmem_evals.cli.telling import ERR, refuse, show_runs, told
from agentmem_evals.datasets.catalog import CATALOG, dataset_entry
from agentmem_evals.datasets.pair_sets import PAIR_SETS
from agentmem_evals.datasets.pairs import Half
from agentmem_evals.datasets.recorded import OBSERVATIONS
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.progress import progress
from agentmem_evals.reading.context_reader import DEFAULT_BUDGET
from agentmem_evals.runner.configuration import QA, RETRIEVAL, SUMMARIES, RunConfiguration
from agentmem_evals.runner.decisions import DECISIONS, DecisionConfiguration
from agentmem_evals.runner.folder import RunFolder, file_name, whole_lines
from agentmem_evals.scoring import score_folder
from agentmem_evals.systems.catalog import SYSTEMS
from agentmem_evals.systems.deciders import DECIDERS
from agentmem_evals.systems.full_context import FULL_CONTEXT
from agentmem_evals.systems.variant import each_recipe

TASKS = (RETRIEVAL, QA, SUMMARIES, DECISIONS)
DEPTH = 30
"""How many items ``qa`` and ``summaries`` ask for, unless told: more than fit the reader's budget."""


def run(
    dataset: Annotated[
        str, typer.Option(help=f"Data set: {', '.join(CATALOG)}; of decisions: {', '.join(PAIR_SETS)}.")
    ],
    system: Annotated[
        list[str],
        typer.Option(
            help=f"System: {', '.join(SYSTEMS)}, agentmem:RECIPE, agentmem:* (all of these), module:Class; decisions: "
            f"{', '.join(DECIDERS)}. May be given more than once."
        ),
    ],
    out: Annotated[
        Path,
        typer.Option(help="Folder for manifest.json, predictions.jsonl and scores.json; of several systems' folders."),
    ],
    task: Annotated[str, typer.Option(help=f"Task: {', '.join(TASKS)}.")] = RETRIEVAL,
    data: options.Data = None,
    k: Annotated[
        str | None,
        typer.Option(
            help=f"Depths at which rankings are cut. Default: the data set's; of {QA} and {SUMMARIES}: {DEPTH}."
        ),
    ] = None,
    reader_llm: Annotated[
        str | None,
        typer.Option(help="qa, summaries: the model that reads. Default of qa: the system answers."),
    ] = None,
    context_tokens: Annotated[
        int | None,
        typer.Option(
            help=f"qa, summaries: tokens that it is given, 0: no limit. Default: {DEFAULT_BUDGET}, of {FULL_CONTEXT} 0."
        ),
    ] = None,
    notes: Annotated[
        bool, typer.Option("--notes", help="qa, LongMemEval: the reader takes notes on each record first.")
    ] = False,
    llm: Annotated[
        str | None, typer.Option(help="The language model that builds memories, or decides, e.g. openai:MODEL.")
    ] = None,
    base_url: options.BaseUrl = None,
    openie: Annotated[
        Path | None,
        typer.Option(help="Passages: entities and triples saved by HippoRAG, replayed as the LLM's output."),
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option(help=f"LoCoMo: '{OBSERVATIONS}', its own, or a file of facts, replayed as the LLM's output."),
    ] = None,
    errata: Annotated[Path | None, typer.Option(help="LoCoMo: a file of corrected answers and evidence.")] = None,
    user_side_only: Annotated[
        bool, typer.Option("--user-side-only", help="LongMemEval: leave out what the assistant says.")
    ] = False,
    haystack: Annotated[
        str | None, typer.Option(help="bAbI: hide each story in book text of so many tokens: 0k, 16k, 128k, 1m or 10m.")
    ] = None,
    haystack_text: Annotated[
        Path | None, typer.Option(help="The book text: a file or folder. Default: haystack/ or sort/ beside the data.")
    ] = None,
    tasks: Annotated[str | None, typer.Option(help="bAbI: only these, e.g. qa1,qa2,qa3.")] = None,
    half: Annotated[
        Half | None, typer.Option(help="Decisions: which of the project's own pairs. Default: development.")
    ] = None,
    conversations: Annotated[str | None, typer.Option(help="Only these, e.g. conv-26,conv-30.")] = None,
    limit: Annotated[int | None, typer.Option(help="Ask at most so many questions, or pairs.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the --limit questions at random, not the first ones.")] = None,
    captions: Annotated[bool, typer.Option(help="Read what shared pictures show as part of a turn.")] = True,
    embedder: options.Embedder = "default",
    batch: Annotated[int, typer.Option(help="Texts added or embedded at once.")] = 1000,
    cache: options.Cache = None,
    python: Annotated[
        list[str] | None,
        typer.Option(help="Interpreter of the system's own environment; SYSTEM=PATH for one of several systems."),
    ] = None,
    concurrency: options.Concurrency = 1,
    max_calls: options.MaxCalls = None,
    max_tokens: options.MaxTokens = None,
    max_usd: options.MaxUsd = None,
    usd_per_million_prompt: options.PromptPrice = None,
    usd_per_million_completion: options.CompletionPrice = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Throw away the run that --out holds.")] = False,
) -> None:
    """Ask systems every question and score what they find or answer. An interrupted run goes on where it stopped.

    With several systems each has a folder of its own in --out, and a budget of its own.
    """
    with told():
        if task not in TASKS:
            raise UnknownName(f"There is no task {task!r}. Known are: {', '.join(TASKS)}.")
        budget = Budget(max_calls, max_tokens, max_usd, usd_per_million_prompt, usd_per_million_completion)
        system = each_recipe(system)
        folders = _folders(out, system)
        if task == DECISIONS:
            refuse(
                task,
                k=k,
                openie=openie,
                facts=facts,
                conversations=conversations,
                no_captions=not captions,
                reader_llm=reader_llm,
                context_tokens=context_tokens,
                notes=notes,
                errata=errata,
                user_side_only=user_side_only,
                haystack=haystack,
                haystack_text=haystack_text,
                tasks=tasks,
                python=python,
                concurrency=concurrency > 1,
            )
            configuration = DecisionConfiguration(
                dataset=dataset,
                system=system[0],
                half=half_of(dataset, half, data),
                limit=limit,
                seed=seed,
                embedder=embedder,
                llm=llm or NONE,
                batch=batch,
                cached=cache is not None,
            )
            deciding = Deciding(configuration, data, data_root(), cache, base_url, budget, overwrite=overwrite)
            for name, folder in folders.items():
                with _scored(folder):
                    decide_pairs(deciding.by(name), folder, partial(progress, ERR))
        else:
            refuse(task, half=half)
            if task == SUMMARIES:
                refuse(task, errata=errata, seed=seed is not None, notes=notes)
            if task == RETRIEVAL:
                refuse(task, reader_llm=reader_llm, context_tokens=context_tokens, notes=notes)
            asked = Order(
                RunConfiguration(
                    task=task,
                    dataset=dataset,
                    system=system[0],
                    ks=_depths(task, dataset, k),
                    conversations=None if conversations is None else tuple(options.split(conversations)),
                    limit=limit,
                    seed=seed,
                    captions=captions,
                    user_side_only=user_side_only,
                    errata=None if errata is None else errata.name,
                    embedder=embedder,
                    batch=batch,
                    cached=cache is not None,
                    llm=llm,
                    concurrency=concurrency,
                    reader_llm=reader_llm,
                    context_tokens=DEFAULT_BUDGET if context_tokens is None and reader_llm else context_tokens,
                    notes=notes,
                    haystack=None if haystack is None else haystack.lower(),
                    haystack_text=None if haystack_text is None else haystack_text.name,
                    tasks=None if tasks is None else tuple(options.split(tasks)),
                ),
                data=data,
                errata=errata,
                haystack_text=haystack_text,
                openie=openie,
                facts=facts,
                cache=cache,
                base_url=base_url,
                budget=budget,
                usual_context=context_tokens is None,
                overwrite=overwrite,
            )
            material = read_material(asked)
            for name, folder in folders.items():
                with _scored(folder):
                    run_system(for_system(asked, name, python or ()), material, folder)
        show_runs(list(folders.values()))


@contextmanager
def _scored(folder: RunFolder) -> Iterator[None]:
    """Scores what was written, also of a run that its budget stopped.

    Raises:
        EvalError: nothing came out but failures.
    """
    try:
        yield
    except BudgetExhausted:
        if folder.predictions_path.exists() and whole_lines(folder.predictions_path):
            score_folder(folder)
            show_runs([folder])
        raise
    scores = score_folder(folder)
    if scores["failed"] and not scores["n"]:
        show_runs([folder])
        raise EvalError(f"Every question failed: see 'message' in {folder.predictions_path}.")


def _folders(out: Path, systems: Sequence[str]) -> dict[str, RunFolder]:
    """Where each system's run goes: ``out`` itself for one, a folder in it for each of several.

    Raises:
        EvalError: two systems would go to one folder.
    """
    if len(systems) == 1:
        return {systems[0]: RunFolder(out)}
    folders = {system: RunFolder(out / file_name(system)) for system in systems}
    if len({folder.path for folder in folders.values()}) < len(systems):
        raise EvalError(f"Two of the systems {', '.join(systems)} have one name: run them into folders of their own.")
    return folders


def _depths(task: str, dataset: str, k: str | None) -> tuple[int, ...]:
    if k is not None:
        return options.depths(k)
    entry = dataset_entry(dataset)
    return entry.ks if task == RETRIEVAL else (DEPTH,)
