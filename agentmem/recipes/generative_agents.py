"""Generative Agents: a memory stream by recency, importance and relevance (Park et al., arXiv 2304.03442).

Texts are marked from 1 to 10 for how much they matter. A question ranks texts and reflections by a weighted sum of how
lately they were accessed, how much they matter and how like the question they are, each from 0 to 1 among all. When
the marks of what is new add up to 150, reflections are made, with their evidence.

Weights and decay are those of the authors' code (0.5, 2 and 3; 0.99 for each place behind the newest); the paper's
(equal; 0.995 for each hour) are ``rank_memory_stream(PAPER)``. What is reproduced of neither: that the oldest memory
counts as the most recent, a slip of the code. What it leaves out: planning and acting; a call for each text (one marks
a session); reflections upon reflections, so that nothing feeds on itself. Accesses are counted as uses, which are
written with the next consolidation or when the store is closed.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial

from agentmem.forgetting.policy import Forgetting
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.memory_stream import CODE, rank_memory_stream
from agentmem.structures.memory_stream import MemoryStream

EXPIRES = timedelta(days=30)
"""After which time reflections expire, as in the authors' code."""

RECIPES = (
    Recipe(
        name="generative-agents",
        summary="texts and reflections by recency, importance and relevance",
        paper="arXiv 2304.03442",
        structures=(partial(MemoryStream, expires=EXPIRES),),
        rank=rank_memory_stream(CODE),
        cost=Cost("1 per session or document, and 4 per 150 points of importance", "0"),
        forgetting=Forgetting(expire=True, grace=None),  # so that accesses count
    ),
)
