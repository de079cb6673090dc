"""The task of deciding about pairs, wired: data, decider and embedder to a run in a folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path

from agentmem_evals.datasets.pair_sets import load_labelled
from agentmem_evals.datasets.pairs import NAME as PAIRS
from agentmem_evals.datasets.pairs import Half
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.runner.decisions import DecisionConfiguration, chosen, decisions_manifest, run_decisions
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.systems.deciders import make_decider

Watch = Callable[[int], AbstractContextManager[Callable[[str, int], None]]]
"""Given how many pairs there are: a context in which progress can be told."""


def half_of(dataset: str, half: Half | None, data: Path | None) -> str | None:
    """The half that a run is on: what was asked, the development half of the project's own pairs, else none."""
    if half is None and dataset == PAIRS and data is None:
        return Half.DEVELOPMENT.value
    return None if half is None else half.value


def decide_pairs(
    configuration: DecisionConfiguration,
    data: Path | None,
    root: Path | None,
    cache: Path | None,
    folder: RunFolder,
    watch: Watch,
    *,
    overwrite: bool,
) -> None:
    """Load what the configuration names and run it.

    Raises:
        EvalError: of any kind; what is named is not there, or the folder holds another run.
        AgentMemError: a model is not there, or could not go on.
    """
    half = None if configuration.half is None else Half(configuration.half)
    labelled = load_labelled(configuration.dataset, half, data, root)
    pairs = chosen(labelled.pairs, configuration.limit, configuration.seed)
    decider = make_decider(configuration.system, configuration.llm)
    source = EmbedderSource(configuration.embedder, cache)
    try:
        embedder = source()
        manifest = decisions_manifest(configuration, labelled, pairs, embedder.fingerprint if embedder else None)
        with watch(len(pairs)) as advance:
            run_decisions(decider, pairs, embedder, folder, manifest, overwrite=overwrite, advance=advance)
    finally:
        source.close()
