"""``default``: the best union found by measurement (docs/measurements.md has the ablation), and its floor, ``texts``.

Raw texts are ranked by fitted signals. Of conversations, facts are drawn, and count for the turns they come from; of
documents, triples, and the walk on their graph decides, with words and vectors to break ties. Neither replaces a text.
What earned nothing is off: summaries, triples of conversations.
"""

from __future__ import annotations

from functools import partial

from agentmem.kinds import ENTITY, FACT, TRIPLE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.structures.extraction import ExtractionStructure

DEFAULT = Recipe(
    name="default",
    summary="texts by fitted signals, with facts of conversations and a walk on the graph of documents",
    structures=(partial(ExtractionStructure, (FACT,), (TRIPLE, ENTITY)),),
    layers=frozenset({FACT, TRIPLE}),
    cost=Cost("1 per session or document", "0"),
)
TEXTS = Recipe(name="texts", summary="texts by fitted signals; nothing is built")

RECIPES = (DEFAULT, TEXTS)
