"""``episodic``: a memory of events, asked by any combination of when, where, who and what.

After the Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121), which defines the events and the
questions and leaves open how a memory answers them. What it does: events as (time, place, entities, content), read by
rules; questions by combined cues; all that fit, the latest, the first, all in the order in which they happened. What it
leaves out: a language model's reading of events (none is asked), the world of a book beyond its words, such as the
same person under two names.
"""

from __future__ import annotations

from dataclasses import replace

from agentmem.recipes.own import TEXTS
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.episodic import by_cues
from agentmem.structures.events import Events

RECIPES: tuple[Recipe, ...] = (
    replace(
        TEXTS,
        name="episodic",
        summary="events by combined cues of time, place, person and content, in order of time; then texts",
        paper="arXiv 2501.13121",
        structures=(Events,),
        strategy=by_cues,
    ),
)
