"""SEAL (Bevilacqua et al., NeurIPS 2022): a text is found by the n-grams that stand in it, the rarest counting most.

What it leaves out: the trained model and constrained decoding, so that n-grams have no token probabilities. A language
model says phrases and how likely they are, in one call for each question; what of them occurs, at any length, counts.
Without one, the question's own n-grams are looked up, all equally probable. Instead of a compressed FM-index over
subword tokens there is a suffix array over words. Titles are a field of a document; a turn's is its speaker's name.
"""

from __future__ import annotations

from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.strategies.generate import generate
from agentmem.retrieval.substrings import SubstringRank

RECIPES = (
    Recipe(
        name="seal",
        summary="texts by the rare n-grams in them, those of the question and those a model expects",
        paper="NeurIPS 2022, arXiv 2204.10628",
        rank=SubstringRank(),
        strategy=generate,
        cost=Cost("0", "1"),
    ),
)
