"""Memories that are kept up to date, session by session: Mem0, Keep Me Updated!, MemoryBank.

``mem0`` (Chhikara et al., arXiv 2504.19413; as in its code of June 2025): two calls for some turns, one that extracts
facts, and one that says for each, beside the five most similar of all that are known, ADD, UPDATE, DELETE or NONE.
Facts are found by similarity. It leaves out: the running summary and the last messages, which the paper shows the first
call and that code does not; the graph (Mem0g). Turns are read ten at a time, not two: ``Mem0(turns=2)`` does what the
paper does.

``keep-me-updated`` (Bae et al., EMNLP Findings 2022, arXiv 2210.08750): each session becomes some sentences; of each
of them and each similar one that is kept, one, both or neither stays. It leaves out: the trained summariser and the
trained classifier, in whose place a model is asked about several pairs at once; and the reply to the user.

``memorybank`` (Zhong et al. 2024, arXiv 2305.10250): a summary of each day, one of all days, and a portrait of the
people; texts and summaries are found by similarity, six of them (``k=6``). Texts fade on Ebbinghaus' curve, and are
strengthened when they are found. Two things of its code are not reproduced: the precedence of ``exp(-t / 5 * S)``, by
which what is used often fades sooner (here ``exp(-t / (5 S))``), and forgetting by chance, with probability ``1 - R``,
each time it is loaded (here below a floor, so that the same memories fade every time). What fades is retired, and
never destroyed; summaries do not fade. The global summary and the portrait are found like everything else, where the
paper shows them with every question.
"""

from __future__ import annotations

from agentmem.forgetting.policy import Forgetting
from agentmem.kinds import FACT, PROFILE, SUMMARY, TEXT
from agentmem.recipes.recipe import Cost, Recipe
from agentmem.retrieval.layers import rank_layers
from agentmem.structures.keep_me_updated import KeepMeUpdated
from agentmem.structures.mem0 import TURNS, Mem0
from agentmem.structures.memory_bank import MemoryBank

RECIPES = (
    Recipe(
        name="mem0",
        summary="facts that a model adds, updates or ends as new ones come, by vector similarity",
        paper="arXiv 2504.19413",
        structures=(Mem0,),
        rank=rank_layers(FACT),
        cost=Cost(f"2 per {TURNS} turns", "0"),
    ),
    Recipe(
        name="keep-me-updated",
        summary="sentences of each session, held against those that are kept, by vector similarity",
        paper="arXiv 2210.08750",
        structures=(KeepMeUpdated,),
        rank=rank_layers(FACT),
        cost=Cost("1 per session, and 1 per 16 similar pairs", "0"),
    ),
    Recipe(
        name="memorybank",
        summary="texts that fade, summaries of days and a portrait, by vector similarity",
        paper="arXiv 2305.10250",
        structures=(MemoryBank,),
        rank=rank_layers(TEXT, SUMMARY, PROFILE),
        cost=Cost("1 per day, and 2 per consolidation", "0"),
        forgetting=Forgetting(decay="ebbinghaus", grace=None),
    ),
)
