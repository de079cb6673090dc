"""The command ``agentmem-evals``: run, score, report. Wires the parts and shows what they say; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, Any, NamedTuple

import typer
from rich.console import Console

from agentmem.errors import AgentMemError
from agentmem_evals.datasets.catalog import CATALOG, dataset_entry, find_data, load_dataset
from agentmem_evals.datasets.pair_sets import PAIR_SETS
from agentmem_evals.datasets.pairs import Half
from agentmem_evals.datasets.recorded import OBSERVATIONS, read_recorded
from agentmem_evals.datasets.selection import select
from agentmem_evals.deciding import decide_pairs, half_of
from agentmem_evals.decision_scoring import score_decisions_folder
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.progress import progress
from agentmem_evals.reports.runs import read_run
from agentmem_evals.reports.table import to_markdown, to_rich
from agentmem_evals.reports.tasks import tables, warnings
from agentmem_evals.runner.configuration import RETRIEVAL, RunConfiguration
from agentmem_evals.runner.decisions import DECISIONS, DecisionConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.scoring import score_folder
from agentmem_evals.systems.catalog import SYSTEMS, make_system
from agentmem_evals.systems.deciders import DECIDERS
from agentmem_evals.systems.replay import replaying
from agentmem_evals.types import Level

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Put the questions of a data set to memory systems, score the answers, and compare runs.",
)
TASKS = (RETRIEVAL, DECISIONS)
_out = Console()
_err = Console(stderr=True)


def main() -> None:
    """Entry point of the command."""
    app()


@app.command()
def run(
    dataset: Annotated[
        str, typer.Option(help=f"Data set: {', '.join(CATALOG)}; of decisions: {', '.join(PAIR_SETS)}.")
    ],
    system: Annotated[
        str,
        typer.Option(help=f"System: {', '.join(SYSTEMS)}, or agentmem:RECIPE; of decisions: {', '.join(DECIDERS)}."),
    ],
    out: Annotated[Path, typer.Option(help="Folder for manifest.json, predictions.jsonl and scores.json.")],
    task: Annotated[str, typer.Option(help=f"Task: {', '.join(TASKS)}.")] = RETRIEVAL,
    data: Annotated[
        Path | None, typer.Option(help="The data set's file, or a folder that holds it. Default: in $AGENTMEM_DATA.")
    ] = None,
    k: Annotated[
        str | None, typer.Option(help="Depths at which rankings are cut. Default: as usual for the data set.")
    ] = None,
    openie: Annotated[
        Path | None,
        typer.Option(help="Passages: entities and triples saved by HippoRAG, replayed as the LLM's output."),
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option(help=f"LoCoMo: '{OBSERVATIONS}', its own, or a file of facts, replayed as the LLM's output."),
    ] = None,
    half: Annotated[
        Half | None, typer.Option(help="Decisions: which of the project's own pairs. Default: development.")
    ] = None,
    llm: Annotated[str | None, typer.Option(help="Decisions: the language model to ask, e.g. openai:MODEL.")] = None,
    conversations: Annotated[str | None, typer.Option(help="Only these, e.g. conv-26,conv-30.")] = None,
    limit: Annotated[int | None, typer.Option(help="Ask at most so many questions, or pairs.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the --limit questions at random, not the first ones.")] = None,
    captions: Annotated[bool, typer.Option(help="Read what shared pictures show as part of a turn.")] = True,
    embedder: Annotated[str, typer.Option(help="Embedding model, as agentmem names it.")] = "default",
    batch: Annotated[int, typer.Option(help="Texts added or embedded at once.")] = 1000,
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps vectors between runs. Default: none.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Throw away the run that --out holds.")] = False,
) -> None:
    """Ask a system every question and score what it finds. An interrupted run goes on where it stopped."""
    with _told():
        if task not in TASKS:
            raise UnknownName(f"There is no task {task!r}. Known are: {', '.join(TASKS)}.")
        folder = RunFolder(out)
        if task == DECISIONS:
            _refuse(task, k=k, openie=openie, facts=facts, conversations=conversations, no_captions=not captions)
            decisions = DecisionConfiguration(
                dataset=dataset,
                system=system,
                half=half_of(dataset, half, data),
                limit=limit,
                seed=seed,
                embedder=embedder,
                llm=llm or "none",
                batch=batch,
                cached=cache is not None,
            )
            decide_pairs(
                decisions, data, data_root(), cache, RunFolder(out), partial(progress, _err), overwrite=overwrite
            )
            _finish(RunFolder(out))
            return
        _refuse(task, half=half, llm=llm)
        configuration = RunConfiguration(
            task=task,
            dataset=dataset,
            system=system,
            ks=dataset_entry(dataset).ks if k is None else _depths(k),
            conversations=None if conversations is None else tuple(_split(conversations)),
            limit=limit,
            seed=seed,
            captions=captions,
            embedder=embedder,
            batch=batch,
            cached=cache is not None,
        )
        found = find_data(dataset, data, data_root())
        _run(configuration, found, _Replayed(openie, facts), cache, folder, overwrite=overwrite)
        _finish(folder)


@app.command()
def score(folder: Annotated[Path, typer.Argument(help="Folder that `run --out` wrote.")]) -> None:
    """Compute scores.json again, from the run's files alone."""
    with _told():
        _score(RunFolder(folder))
        _show([RunFolder(folder)])


@app.command()
def report(
    folders: Annotated[list[Path], typer.Argument(help="Folders that `run --out` wrote.")],
    markdown: Annotated[bool, typer.Option("--markdown", help="Write Markdown.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Write JSON: manifests and scores.")] = False,
) -> None:
    """Set runs side by side."""
    with _told():
        if markdown and as_json:
            raise EvalError("--markdown and --json exclude each other.")
        runs = [RunFolder(folder) for folder in folders]
        if as_json:
            typer.echo(json.dumps([read_run(one).as_json() for one in runs], indent=2, ensure_ascii=False))
        else:
            _show(runs, markdown=markdown)


@app.command()
def fit(
    dataset: Annotated[str, typer.Option(help=f"Data set: {', '.join(CATALOG)}.")],
    out: Annotated[Path, typer.Option(help="Weights file to write the fitted set into.")],
    data: Annotated[
        Path | None, typer.Option(help="The data set's file or folder. Default: in $AGENTMEM_DATA.")
    ] = None,
    embedder: Annotated[str, typer.Option(help="Embedding model, as agentmem names it.")] = "default",
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps vectors between runs. Default: none.")] = None,
    facts: Annotated[
        str | None, typer.Option(help=f"Fit on these facts too, besides those by rules: {OBSERVATIONS}, or a file.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the tables in Markdown.")] = False,
) -> None:
    """Refit how the library's signals count for turns; cross-validate, and show what each signal adds."""
    from agentmem_evals.fitting.collect import collect
    from agentmem_evals.fitting.command import FACT_SIGNALS, TURN_SIGNALS, ablation, fitted, write_weights

    with _told():
        if dataset_entry(dataset).level is not Level.TURN:
            raise EvalError(f"What is fitted is how signals count for turns; {dataset} has none.")
        path = find_data(dataset, data, data_root())
        loaded = load_dataset(dataset, path, captions=True)
        selection = select(loaded, None, None, None)
        source = EmbedderSource(embedder, cache)
        try:
            model = source()
            if model is None:
                raise EvalError("Fitting needs an embedding model: use another --embedder than 'none'.")
            with progress(_err, len(selection.questions)) as advance:
                gather = partial(
                    collect, loaded.bodies, selection.questions, embedder=model, advance=lambda name: advance(name, 0)
                )
                plain = gather(TURN_SIGNALS, recipe="texts")
                # Facts by rules and facts by a model share one set of weights: a store may hold either, or both.
                with_facts = gather(FACT_SIGNALS, recipe="default")
                recorded = read_recorded(loaded, path, None, facts)
                if recorded is not None:
                    with_facts += gather(FACT_SIGNALS, recipe="default", chat=replaying(recorded, loaded.bodies))
        finally:
            source.close()
        told = f"{dataset} {loaded.file_name}, {len(loaded.bodies)} conversations, {len(plain)} questions"
        for name, examples, signals, more in (
            ("turn", plain, TURN_SIGNALS, ""),
            ("turn+fact", with_facts, FACT_SIGNALS, ", with facts by rules" + (f" and {facts}" if facts else "")),
        ):
            write_weights(out, name, fitted(examples, signals, told + more))
            table = ablation(examples, signals)
            if markdown:
                typer.echo(to_markdown(table))
            else:
                _out.print(to_rich(table))


def _refuse(task: str, **given: object) -> None:
    names = [f"--{name.replace('_', '-')}" for name, value in given.items() if value]
    if names:
        raise EvalError(f"The task {task!r} has no use for {', '.join(names)}: leave it out.")


def _score(folder: RunFolder) -> dict[str, Any]:
    is_decisions = folder.read_manifest().configuration["task"] == DECISIONS
    return score_decisions_folder(folder) if is_decisions else score_folder(folder)


def _finish(folder: RunFolder) -> None:
    scores = _score(folder)
    _show([folder])
    if scores["failed"] and not scores["n"]:
        raise EvalError(f"Every question failed: see 'message' in {folder.predictions_path}.")


class _Replayed(NamedTuple):
    """What stands in for the language model: the values of ``--openie`` and ``--facts``."""

    openie: Path | None
    facts: str | None


def _run(
    configuration: RunConfiguration,
    data: Path,
    replayed: _Replayed,
    cache: Path | None,
    folder: RunFolder,
    *,
    overwrite: bool,
) -> None:
    dataset = load_dataset(configuration.dataset, data, captions=configuration.captions)
    selection = select(dataset, configuration.conversations, configuration.limit, configuration.seed)
    if not selection.questions:
        raise EvalError("There is nothing to ask: no chosen question has evidence that exists.")
    recorded = read_recorded(dataset, data, replayed.openie, replayed.facts)
    chat = None if recorded is None else replaying(recorded, selection.bodies)
    source = EmbedderSource(configuration.embedder, cache)
    try:
        system = make_system(configuration.system, source, configuration.batch, chat)
        try:
            described = None if recorded is None else recorded.describe()
            manifest = new_manifest(configuration, dataset, selection, system.describe(), described)
            with progress(_err, len(selection.questions)) as advance:
                run_retrieval(
                    system, selection, configuration.ks[-1], folder, manifest, overwrite=overwrite, advance=advance
                )
        finally:
            system.close()
    finally:
        source.close()


def _show(folders: list[RunFolder], *, markdown: bool = False) -> None:
    runs = [read_run(folder) for folder in folders]
    for table in tables(runs):
        if markdown:
            typer.echo(to_markdown(table))
        else:
            _out.print(to_rich(table))
    for warning in warnings(runs):
        _err.print(f"[yellow]Note:[/yellow] {warning}", highlight=False)


def _depths(text: str) -> tuple[int, ...]:
    try:
        return tuple(sorted({int(piece) for piece in _split(text)}))
    except ValueError as error:
        raise EvalError(f"--k is a list of numbers such as 5,10,20,50, not {text!r}.") from error


def _split(text: str) -> list[str]:
    return [piece.strip() for piece in text.split(",") if piece.strip()]


@contextmanager
def _told() -> Iterator[None]:
    """Turns a refusal into one line on the error stream and exit status 1; anything else is a bug, shown whole."""
    try:
        yield
    except (EvalError, AgentMemError) as error:
        _err.print(f"[red]Error:[/red] {error}", highlight=False, soft_wrap=True)
        raise typer.Exit(1) from error
