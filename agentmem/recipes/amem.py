"""A-MEM: a box of notes that are linked and change one another (Xu et al., arXiv 2502.12110).

Every text becomes a note with keywords, tags and one sentence of context; it is held against its five nearest notes,
linked to some, and may change their contexts and tags. What changes is a new version, embedded at once. A question gets
the nearest notes and, for two hits in ten, notes that these are linked to.

What it leaves out: keywords of a question by a model; the question itself is searched with. The paper asks twice for
each text, here once for the texts of a session and once for twenty notes; so the notes of a session are neighbours of
each other as they were first worded. What a model says is checked against what it was shown, and links beyond a
question's ``k`` are not followed.
"""

from __future__ import annotations

from agentmem.kinds import NOTE
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.linked import rank_linked
from agentmem.structures.notes.agentic import Notes
from agentmem.structures.notes.evolution import AT_ONCE

RECIPES = (
    Recipe(
        name="amem",
        summary="notes that are linked and change one another, by vector similarity, and those linked to them",
        paper="arXiv 2502.12110",
        structures=(Notes,),
        rank=rank_linked(NOTE),
        cost=Cost(f"1 per session or document, and 1 per {AT_ONCE} notes", "0"),
    ),
)
