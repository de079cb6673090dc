"""``default``: what measurement found best (docs/measurements.md has the ablation).

Raw texts are ranked by fitted signals; facts and triples count for the texts they come from, and never replace them.
"""

from __future__ import annotations

from functools import partial

from agentmem.kinds import ENTITY, FACT, TRIPLE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.structures.extraction import ExtractionStructure

DEFAULT = Recipe(
    name="default",
    summary="fitted union of words, vectors, speakers, dates, facts and a walk on the graph; hits are raw texts",
    structures=(partial(ExtractionStructure, (FACT, TRIPLE, ENTITY)),),
    layers=frozenset({FACT, TRIPLE}),
    cost=Cost("1 per session or document", "0"),
)
RECIPES = (DEFAULT,)
