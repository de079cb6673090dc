"""RecurrentGPT (Zhou et al., arXiv 2305.13304): a short-term and a long-term memory in language, around a growing text.

The long-term memory is every paragraph, found by similarity to the instruction (two of them: ``k=3`` with the
short-term memory). The short-term memory is a summary, rewritten at each step with reasons, one for each session.
:class:`agentmem.writing.RecurrentWriter` drives the loop: it chooses one of three plans, writes, and remembers.

What it leaves out: the new character that is suggested every tenth time, by chance. Paragraph and plans are one call,
as published; the memory is rewritten by another, so that it works for any conversation, and a step that was broken off
goes on where it was. Without a language model the short-term memory is an extract, and nothing is written.
"""

from __future__ import annotations

from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.short_term import rank_short_term
from agentmem.structures.short_term import ShortTerm

RECIPES = (
    Recipe(
        name="recurrentgpt",
        summary="the short-term memory of a text that grows, then its paragraphs by vector similarity",
        paper="arXiv 2305.13304",
        structures=(ShortTerm,),
        rank=rank_short_term,
        cost=Cost("1 per session and step", "0"),
    ),
)
