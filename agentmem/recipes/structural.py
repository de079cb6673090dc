"""On the Structural Memory of LLM Agents (Zeng et al., arXiv 2412.15266): four structures, three ways to retrieve.

What it does of the paper: chunks, triples, atomic facts, summaries, and *mixed*, their union in one space; single-step,
reranked and iterative retrieval. What it leaves out: the reader, and "memory-doc" answering (a hit names its sources,
so a reader can be given either). The paper's summaries are of a whole document; here also of a session. In iterative
retrieval a unit keeps its best score of all turns, as the authors' code does (their formula has one more retrieval).
"""

from __future__ import annotations

from functools import partial

from agentmem.kinds import ENTITY, FACT, SUMMARY, TEXT, TRIPLE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.retrieval.search import Strategy, single
from agentmem.retrieval.strategies.iterate import LOOKS, iterate
from agentmem.retrieval.strategies.rerank import BATCH, POOL, rerank
from agentmem.structures.extraction import ExtractionStructure

PAPER = "arXiv 2412.15266"
_UNITS = {
    "chunks": (TEXT,),
    "facts": (FACT,),
    "triples": (TRIPLE,),
    "summaries": (SUMMARY,),
    "mixed": (TEXT, TRIPLE, FACT, SUMMARY),
}
_WAYS: dict[str, tuple[Strategy, str, str]] = {
    "": (single, "0", ""),
    "-rerank": (rerank, f"{POOL // BATCH}", ", the best judged by the model"),
    "-iterative": (iterate, f"{LOOKS - 1}", ", searched again with a thought from what was found"),
}


def _recipe(units: str, way: str) -> Recipe:
    layers = _UNITS[units]
    strategy, calls, how = _WAYS[way]
    kinds = tuple(layer for layer in layers if layer != TEXT)
    kinds += (ENTITY,) if TRIPLE in kinds else ()
    return Recipe(
        name=f"{units}{way}",
        summary=f"{'all four structures' if units == 'mixed' else units} by vector similarity{how}",
        paper=PAPER,
        structures=(partial(ExtractionStructure, kinds, kinds),) if kinds else (),
        rank=rank_layers(*layers),
        strategy=strategy,
        cost=Cost("1 per session or document" if kinds else "0", calls),
    )


RECIPES = tuple(_recipe(units, way) for way in _WAYS for units in _UNITS)
"""``chunks``, ``facts``, ``triples``, ``summaries``, ``mixed``; each also ``-rerank`` and ``-iterative``."""
