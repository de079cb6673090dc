"""Notes: over experience, and in the margin of what is read.

``in-memory-learning`` (arXiv 2403.02757): from a batch of experiences, which are sessions and documents, insights are
induced (one call), and merged into the notes there are (one call). A share of the notes' content must outlast each
revision, which is checked, and put right where the model forgot too much. To infer is to retrieve: notes are found
beside texts, by similarity. It leaves out the agent that acts on the notes, and passing over the same experiences
several times.

``self-notes`` (arXiv 2305.00833): beside a turn stands what follows from it and what came before, as a question and
its answer. A turn is found by its words or its note's, and its note comes right after it. It leaves out training a
model to take notes, and reading word by word: a session is read in one call, which may note what any line calls for,
but from no later line.

Without a language model insights are the most telling statements, the fuller wording of two that say the same
stands, and a note tells what rules can resolve: what was asked, whom, where and when.
"""

from __future__ import annotations

from agentmem.kinds import EXPERIENCE_NOTE, SELF_NOTE, TEXT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.beside import rank_beside
from agentmem.retrieval.layers import rank_layers
from agentmem.structures.experience.learning import BATCH, InMemoryLearning
from agentmem.structures.self_notes import SelfNotes

RECIPES = (
    Recipe(
        name="in-memory-learning",
        summary="notes over experience, revised batch by batch with momentum; notes and texts by vector similarity",
        paper="arXiv 2403.02757",
        structures=(InMemoryLearning,),
        rank=rank_layers(EXPERIENCE_NOTE, TEXT),
        cost=Cost(f"2 per {BATCH} sessions or documents", "0"),
    ),
    Recipe(
        name="self-notes",
        summary="questions and answers noted beside turns; turns by their own words or their notes', with the notes",
        paper="arXiv 2305.00833",
        structures=(SelfNotes,),
        rank=rank_beside(SELF_NOTE),
        cost=Cost("1 per session or document", "0"),
    ),
)
