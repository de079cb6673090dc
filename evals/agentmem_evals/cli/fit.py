"""``agentmem-evals fit``."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path
from typing import Annotated

import typer

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import ERR, show, told
from agentmem_evals.datasets.catalog import dataset_entry, find_data, load_dataset
from agentmem_evals.datasets.recorded import OBSERVATIONS, read_recorded
from agentmem_evals.datasets.selection import select
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.environment import data_root
from agentmem_evals.errors import EvalError
from agentmem_evals.progress import progress
from agentmem_evals.systems.replay import replaying
from agentmem_evals.types import Level


def fit(
    dataset: options.DatasetName,
    out: Annotated[Path, typer.Option(help="Weights file to write the fitted set into.")],
    data: options.Data = None,
    embedder: options.Embedder = "default",
    cache: options.Cache = None,
    facts: Annotated[
        str | None, typer.Option(help=f"Fit on these facts too, besides those by rules: {OBSERVATIONS}, or a file.")
    ] = None,
    markdown: Annotated[bool, typer.Option("--markdown", help="Write the tables in Markdown.")] = False,
) -> None:
    """Refit how the library's signals count for turns; cross-validate, and show what each signal adds."""
    from agentmem_evals.fitting.collect import collect
    from agentmem_evals.fitting.command import FACT_SIGNALS, TURN_SIGNALS, ablation, fitted, write_weights

    with told():
        if dataset_entry(dataset).level is not Level.TURN:
            raise EvalError(f"What is fitted is how signals count for turns; {dataset} has none: use conversations.")
        path = find_data(dataset, data, data_root())
        loaded = load_dataset(dataset, path, captions=True)
        selection = select(loaded, None, None, None)
        with closing(EmbedderSource(embedder, cache)) as source:
            model = source()
            if model is None:
                raise EvalError("Fitting needs an embedding model: use another --embedder than 'none'.")
            with progress(ERR, len(selection.questions)) as advance:
                gather = partial(
                    collect, loaded.bodies, selection.questions, embedder=model, advance=lambda name: advance(name, 0)
                )
                plain = gather(TURN_SIGNALS, recipe="texts")
                # Facts by rules and facts by a model share one set of weights: a store may hold either, or both.
                with_facts = gather(FACT_SIGNALS, recipe="default")
                recorded = read_recorded(loaded, path, None, facts)
                if recorded is not None:
                    with_facts += gather(FACT_SIGNALS, recipe="default", chat=replaying(recorded, loaded.bodies))
        about = f"{dataset} {loaded.file_name}, {len(loaded.bodies)} conversations, {len(plain)} questions"
        for name, examples, signals, more in (
            ("turn", plain, TURN_SIGNALS, ""),
            ("turn+fact", with_facts, FACT_SIGNALS, ", with facts by rules" + (f" and {facts}" if facts else "")),
        ):
            write_weights(out, name, fitted(examples, signals, about + more))
            show([ablation(examples, signals)], markdown=markdown)
