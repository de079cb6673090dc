"""``default``: the best union found by measurement (docs/measurements.md has the ablation), and its floor, ``texts``.

Raw texts are ranked by fitted signals. Of conversations, facts are drawn, and count for the turns they come from; of
documents, triples, and the walk on their graph decides, with words and vectors to break ties. Neither replaces a text.
Facts that repeat, refine or end one another are reconciled, by rules even where there is a model: they cost nothing and
are hardly ever wrong (docs/measurements.md has their precision and recall).
What earned nothing is off: summaries, triples of conversations, and the strategies, which are recipes of their own.
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from agentmem.kinds import ENTITY, FACT, TRIPLE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.search import Rank, Strategy
from agentmem.retrieval.strategies.iterate import LOOKS, iterate
from agentmem.retrieval.strategies.rerank import BATCH, POOL, rerank
from agentmem.retrieval.strategies.rewrite import centroid, reciprocal
from agentmem.retrieval.strategies.time_aware import time_aware
from agentmem.retrieval.supported import facts_between
from agentmem.retrieval.texts import rank_texts
from agentmem.structures.extraction import ExtractionStructure
from agentmem.structures.structure import Structure
from agentmem.updating.asking import MOST_PAIRS
from agentmem.updating.reconciliation import Reconciliation
from agentmem.updating.rules import RuleDecider

_WRITE = "1 per session or document"

_EXTRACTION = partial(ExtractionStructure, (FACT,), (TRIPLE, ENTITY))


def _by_rules() -> Structure:
    return Reconciliation(decider=RuleDecider())


_RANK: Rank = facts_between(rank_texts, most=8)
"""Short statements that lead to where something is stand between the others, where a question asks for just that."""

DEFAULT = Recipe(
    name="default",
    summary="texts by fitted signals, with facts of conversations and a walk on the graph of documents",
    structures=(_EXTRACTION, _by_rules),
    rank=_RANK,
    layers=frozenset({FACT, TRIPLE}),
    cost=Cost(_WRITE, "0"),
)
TEXTS = Recipe(name="texts", summary="texts by fitted signals; nothing is built")


def _asked_by(strategy: Strategy, name: str, summary: str, calls: int, paper: str | None = None) -> Recipe:
    """What the default builds, asked in another way: so many calls for a question."""
    return replace(DEFAULT, name=name, summary=summary, paper=paper, strategy=strategy, cost=Cost(_WRITE, f"{calls}"))


RECIPES = (
    DEFAULT,
    TEXTS,
    replace(
        DEFAULT,
        name="default-judged",
        summary="the default, the model deciding what repeats or ends what",
        structures=(_EXTRACTION, Reconciliation),
        cost=Cost(f"{_WRITE}, 1 per {MOST_PAIRS} similar pairs of facts", "0"),
    ),
    _asked_by(rerank, "default-rerank", "the default, its best judged by the model", POOL // BATCH),
    _asked_by(
        iterate, "default-iterative", "the default, searched again with a thought from what was found", LOOKS - 1
    ),
    _asked_by(
        reciprocal,
        "default-rewrite",
        "the default, asked in several ways, the rankings fused",
        calls=1,
        paper="arXiv 2406.18960",
    ),
    _asked_by(
        centroid,
        "default-centroid",
        "the default, asked once with the mean of several ways of asking",
        calls=1,
        paper="arXiv 2406.18960",
    ),
    _asked_by(
        time_aware(),
        "default-time-aware",
        "the default, what lies outside the time that is asked about last",
        calls=1,
        paper="arXiv 2410.10813",
    ),
)
