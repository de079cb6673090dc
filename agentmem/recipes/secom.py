"""SeCom (Pan et al., ICLR 2025): topical segments as units, found by a compressed key, returned as they were said.

What it leaves out: segmentation turn by turn while the conversation goes on (only finished sessions are consolidated);
LLMLingua-2, for which words are kept by their surprisal; and the reader.
"""

from __future__ import annotations

from agentmem.kinds import SEGMENT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.groups import rank_groups
from agentmem.structures.segments import TopicalSegments

RECIPES = (
    Recipe(
        name="secom",
        summary="topical segments, found by a compressed key; the turns of the best",
        paper="ICLR 2025, arXiv 2502.05589",
        structures=(TopicalSegments,),
        rank=rank_groups(SEGMENT),
        cost=Cost("1 per session", "0"),
    ),
)
