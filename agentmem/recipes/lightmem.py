"""LightMem: three memories, as a mind has them (Fang et al., arXiv 2510.18866, ICLR 2026).

What it does of the paper: the *sensory memory* keeps the share of words that tells most (``r``, the rate of retention)
and cuts a buffer of 512 tokens into topics; the *short-term memory* gathers topics until they have 768 tokens, and one
call extracts the facts of all of them; the *long-term memory* takes facts as they are (soft update), and while asleep
holds each entry against the later ones that resemble it: update, delete or ignore. Facts are found by similarity, as
published: 20 of them (``k=20``).

What it leaves out: LLMLingua-2. Words are kept by their rarity, with names, numbers, times and negations always among
them, and in the place of its attention stands the similarity of turns with those around them. Buffers end with a
consolidation, for only what is finished is read. A fact has the time of its turns, not its session's plus half a second
for each message. Several entries are decided about in one prompt, where the paper asks in parallel; what was updated is
embedded anew, and what was changed in a run is not decided about again in it, which the paper's code does not do. What
was deleted is true until the later entry became true; a later entry that went into an update is retired behind it. The
update while asleep runs with every consolidation: a worker decides when that is.
"""

from __future__ import annotations

from agentmem.kinds import FACT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.structures.lightmem.asking import MOST_TARGETS
from agentmem.structures.lightmem.online import LightMem
from agentmem.structures.lightmem.short_term import THRESHOLD
from agentmem.structures.lightmem.sleep import LightMemSleep

RECIPES = (
    Recipe(
        name="lightmem",
        summary="facts of compressed topics, updated by later ones while asleep, by vector similarity",
        paper="arXiv 2510.18866",
        structures=(LightMem, LightMemSleep),
        rank=rank_layers(FACT),
        cost=Cost(f"1 per {THRESHOLD} tokens, and 1 per {MOST_TARGETS} facts that later ones resemble", "0"),
    ),
)
