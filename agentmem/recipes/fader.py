"""FADER: context-efficient retrieval with factual decomposition (NAACL 2025, arXiv 2503.19574).

Units are entity–description pairs: for each text the model first speculates which questions it may be asked (question
speculation), then writes the pairs that answer them (query-guided decomposition). A query ranks pairs by similarity;
the context is filled up to a token budget (``retrieve(tokens=...)``, ``context(tokens=...)``).

What it leaves out: sampling augmentation (repeating the decomposition at a temperature, and the union of the samples),
because replies here are reproducible. Speculation and decomposition are one call. Without a model the pairs are the
statements found by rules, under their subjects.
"""

from __future__ import annotations

from agentmem.kinds import FACT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.structures.pairs import PairStructure

RECIPES = (
    Recipe(
        name="fader",
        summary="entity–description pairs that answer speculated questions, by vector similarity",
        paper="arXiv 2503.19574",
        structures=(PairStructure,),
        rank=rank_layers(FACT),
        cost=Cost("1 per session or document", "0"),
    ),
)
