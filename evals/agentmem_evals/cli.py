"""The command ``agentmem-evals``: run, score, report. Wires the parts and shows what they say; decides nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Annotated, NamedTuple

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from agentmem.errors import AgentMemError
from agentmem_evals.datasets.catalog import CATALOG, dataset_entry, find_data, load_dataset
from agentmem_evals.datasets.recorded import OBSERVATIONS, read_recorded
from agentmem_evals.datasets.selection import Selection, select
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError
from agentmem_evals.reports.runs import read_run, tables, warnings
from agentmem_evals.reports.table import to_markdown, to_rich
from agentmem_evals.runner.configuration import RETRIEVAL, RunConfiguration
from agentmem_evals.runner.execute import run_retrieval
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.manifest import new_manifest
from agentmem_evals.scoring import score_folder
from agentmem_evals.systems.catalog import SYSTEMS, make_system
from agentmem_evals.systems.replay import replaying
from agentmem_evals.types import Level

app = typer.Typer(
    no_args_is_help=True,
    add_completion=False,
    help="Put the questions of a data set to memory systems, score the answers, and compare runs.",
)
_out = Console()
_err = Console(stderr=True)


def main() -> None:
    """Entry point of the command."""
    app()


@app.command()
def run(
    dataset: Annotated[str, typer.Option(help=f"Data set: {', '.join(CATALOG)}.")],
    system: Annotated[str, typer.Option(help=f"System: {', '.join(SYSTEMS)}, or agentmem:RECIPE.")],
    out: Annotated[Path, typer.Option(help="Folder for manifest.json, predictions.jsonl and scores.json.")],
    task: Annotated[str, typer.Option(help=f"Task: {RETRIEVAL}.")] = RETRIEVAL,
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
    conversations: Annotated[str | None, typer.Option(help="Only these, e.g. conv-26,conv-30.")] = None,
    limit: Annotated[int | None, typer.Option(help="Ask at most so many questions.")] = None,
    seed: Annotated[int | None, typer.Option(help="Draw the --limit questions at random, not the first ones.")] = None,
    captions: Annotated[bool, typer.Option(help="Read what shared pictures show as part of a turn.")] = True,
    embedder: Annotated[str, typer.Option(help="Embedding model, as agentmem names it.")] = "default",
    batch: Annotated[int, typer.Option(help="Texts added or embedded at once.")] = 1000,
    cache: Annotated[Path | None, typer.Option(help="Folder that keeps vectors between runs. Default: none.")] = None,
    overwrite: Annotated[bool, typer.Option("--overwrite", help="Throw away the run that --out holds.")] = False,
) -> None:
    """Ask a system every question and score what it finds. An interrupted run goes on where it stopped."""
    with _told():
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
        folder = RunFolder(out)
        found = find_data(dataset, data, data_root())
        _run(configuration, found, _Replayed(openie, facts), cache, folder, overwrite=overwrite)
        scores = score_folder(folder)
        _show([folder])
        if scores["failed"] and not scores["n"]:
            raise EvalError(f"Every question failed: see 'message' in {folder.predictions_path}.")


@app.command()
def score(folder: Annotated[Path, typer.Argument(help="Folder that `run --out` wrote.")]) -> None:
    """Compute scores.json again, from the run's files alone."""
    with _told():
        score_folder(RunFolder(folder))
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
            with _progress(selection) as advance:
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
            with _progress(selection) as advance:
                run_retrieval(
                    system, selection, configuration.ks[-1], folder, manifest, overwrite=overwrite, advance=advance
                )
        finally:
            system.close()
    finally:
        source.close()


class _Advance:
    """Moves the progress bar on and names the body that is being asked about."""

    def __init__(self, progress: Progress, total: int) -> None:
        self._progress = progress
        self._task = progress.add_task("starting", total=total)

    def __call__(self, body: str, questions: int) -> None:
        self._progress.update(self._task, advance=questions, description=body or "complete already")


@contextmanager
def _progress(selection: Selection) -> Iterator[_Advance]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=_err) as progress:
        yield _Advance(progress, len(selection.questions))


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
