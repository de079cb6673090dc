"""The task of deciding about pairs, wired: data, decider and embedder to a run in a folder."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager, closing
from dataclasses import dataclass, field, replace
from pathlib import Path

from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import NONE
from agentmem.models.chat.structured import StructuredLLM
from agentmem.updating.decision import Decider
from agentmem_evals.cli.models import open_chat, prices_of
from agentmem_evals.datasets.pair_sets import load_labelled
from agentmem_evals.datasets.pairs import NAME as PAIRS
from agentmem_evals.datasets.pairs import Half
from agentmem_evals.datasets.sampling import chosen
from agentmem_evals.embedding.source import EmbedderSource
from agentmem_evals.runner.decisions import DecisionConfiguration, decisions_manifest, run_decisions
from agentmem_evals.runner.folder import RunFolder
from agentmem_evals.runner.purse import Purse
from agentmem_evals.systems.deciders import make_decider

Watch = Callable[[int, Purse], AbstractContextManager[Callable[[str, int], None]]]
"""Given how many pairs there are, and who pays: a context in which progress can be told."""


def half_of(dataset: str, half: Half | None, data: Path | None) -> str | None:
    """The half that a run is on: what was asked, the development half of the project's own pairs, else none."""
    if half is None and dataset == PAIRS and data is None:
        return Half.DEVELOPMENT.value
    return None if half is None else half.value


@dataclass(frozen=True, slots=True)
class Deciding:
    """What a run is to do, with the places and models that its configuration does not name."""

    configuration: DecisionConfiguration
    data: Path | None = None
    root: Path | None = None
    cache: Path | None = None
    base_url: str | None = None
    budget: Budget = field(default_factory=Budget)
    overwrite: bool = False

    def by(self, decider: str) -> Deciding:
        """The same for another decider."""
        return replace(self, configuration=replace(self.configuration, system=decider))


def decide_pairs(order: Deciding, folder: RunFolder, watch: Watch) -> None:
    """Load what the configuration names and run it.

    Raises:
        EvalError: of any kind; what is named is not there, or the folder holds another run.
        BudgetExhausted: the budget is spent.
        AgentMemError: a model is not there, or could not go on.
    """
    asked, purse = order.configuration, Purse(order.budget)
    half = None if asked.half is None else Half(asked.half)
    labelled = load_labelled(asked.dataset, half, order.data, order.root)
    pairs = chosen(labelled.pairs, asked.limit, asked.seed)
    decider = _paid(make_decider(asked.system, asked.llm), order, purse)
    with closing(EmbedderSource(asked.embedder, order.cache)) as source:
        embedder = source()
        manifest = decisions_manifest(asked, labelled, pairs, embedder.fingerprint if embedder else None)
        manifest = replace(manifest, prices=prices_of(order.budget))
        with watch(len(pairs), purse) as advance:
            run_decisions(decider, pairs, embedder, folder, manifest, purse, overwrite=order.overwrite, advance=advance)


def _paid(decider: Decider, order: Deciding, purse: Purse) -> Decider:
    """The same decider, its language model paid from the purse."""
    if order.configuration.llm == NONE:
        return decider
    from agentmem.updating.asking import AskingDecider

    chat = purse.wrap(open_chat(order.configuration.llm, order.base_url))
    return replace(decider, llm=StructuredLLM(chat)) if isinstance(decider, AskingDecider) else decider
