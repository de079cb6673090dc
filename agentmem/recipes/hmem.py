"""H-MEM: a hierarchy of four layers with pointers, searched from the top down (Sun & Zeng, arXiv 2507.22925).

What it does of the paper: texts (*episodes*) under *memory traces* (key words), *categories* and *domains*, which are
used again where they match; routing, which compares all domains, then only the children of the best of each layer, and
returns episodes; a weight that approval strengthens, rejection weakens and absence lets decay, with constants of ours.

What it leaves out: a call for each interaction (one files all texts of a session), and the user profile inferred in an
episode. The pointers are edges. Texts that are not filed yet are always compared. Cosines of a layer are computed in
one product, so that routing here tells what may be found, and saves little time; the hit's signal ``compared`` has the
share of all memories that it compared. Uses are written with the next consolidation, or when the store is closed.
"""

from __future__ import annotations

from agentmem.forgetting.policy import Forgetting
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.routing import by_strength, rank_routed
from agentmem.structures.hierarchy.layered import Hierarchy

RECIPES = (
    Recipe(
        name="hmem",
        summary="domains, categories and traces over the texts, searched from the top down",
        paper="arXiv 2507.22925",
        structures=(Hierarchy,),
        rank=rank_routed(),
        strategy=by_strength(),
        cost=Cost("1 per session or document", "0"),
        forgetting=Forgetting(expire=True, grace=None),  # so that uses count
    ),
)
