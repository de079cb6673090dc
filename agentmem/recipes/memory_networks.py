"""Memory Networks at text level: supporting facts found hop by hop.

What it does of the papers: a first supporting memory is found with the question and the next with the question and the
first (Weston et al., arXiv 1410.3916, section 3.1), with the time at which memories were written (section 3.4); hops
that add what they read to the question (Sukhbaatar et al., arXiv 1503.08895, equations 1, 2 and 4, three hops); an
episode that attends to facts which only the ones before it made relevant (Kumar et al., arXiv 1506.07285, section 2.3).

What it leaves out: everything trained. Names, order and time decide which short statements support the answer, and an
embedding model's vectors stand in for learned ones; the answer itself is the reader's. Gates of a recurrent network
become the choice of who took part in the latest mention.
"""

from __future__ import annotations

from agentmem.kinds import TEXT
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.retrieval.strategies.attend import attend

RECIPES = (
    Recipe(
        name="memory-networks",
        summary="supporting facts hop by hop, by names, order and time; then texts by three hops over vectors",
        paper="arXiv 1410.3916, 1503.08895, 1506.07285",
        rank=rank_layers(TEXT),
        strategy=attend,
    ),
)
