"""Memoria: memories that were on the mind together remind of each other (Park & Bak, ICML 2024, arXiv 2310.03052).

Texts are engrams. While a conversation is read, segment by segment, each segment reminds of earlier engrams, and all
that are on the mind fire together; how often is counted. A question reminds of the nearest engrams of the short term
(the newest 400), and walks from each along the likeliest co-firing into the long term. An engram lives nine days, and
eight more each time it is found; then it is retired. No language model is asked.

What it leaves out: it is made of texts and their embeddings, not of a transformer's hidden states, and a segment is
eight texts. Only what is read fires: a question is answered from the counts and changes none. Lifespans run in days,
not in segments, and being found counts as much whatever the attention. An engram keeps its twelve strongest companions.
What has faded is retired, and never destroyed, unless ``forgetting`` says so.
"""

from __future__ import annotations

from agentmem.forgetting.policy import Forgetting
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.reminding import rank_reminded
from agentmem.structures.engrams.firing import Engrams

RECIPES = (
    Recipe(
        name="memoria",
        summary="the newest texts by similarity, older ones by what was on the mind with them; unused ones fade",
        paper="arXiv 2310.03052",
        structures=(Engrams,),
        rank=rank_reminded(),
        forgetting=Forgetting(decay="memoria", grace=None),
    ),
)
