"""Systems made for endless streams, at the level of text.

``em-llm`` (Fountas et al., ICLR 2025): events begin where a turn surprises; what is asked for finds events, and the
events beside them. Surprise is how unlike a turn is to those before it, as no language model tells its token
probabilities here; :class:`~agentmem.structures.surprise.events.SurpriseEvents` takes a function that does. Left
out: the initial tokens and the local window, which belong to a model's context, and the buffer of earlier questions.

``sirllm`` (Yao et al., arXiv 2405.12528): the turns of the highest information, fading with age, and the first ones,
whatever is asked.
"""

from __future__ import annotations

from agentmem.kinds import SURPRISE_EVENT
from agentmem.recipes.recipe import Recipe
from agentmem.retrieval.groups import rank_groups
from agentmem.retrieval.salient import rank_salient
from agentmem.structures.surprise.events import SurpriseEvents

CONTIGUOUS = 0.3
"""The share of what is returned that stands beside what was found (EM-LLM's contiguity buffer)."""

RECIPES = (
    Recipe(
        name="em-llm",
        summary="events cut by surprise; the most similar ones and their neighbours in time",
        paper="ICLR 2025, arXiv 2407.09450",
        structures=(SurpriseEvents,),
        rank=rank_groups(SURPRISE_EVENT, contiguous=CONTIGUOUS),
    ),
    Recipe(
        name="sirllm",
        summary="the most telling turns, fading with age, whatever is asked",
        paper="arXiv 2405.12528",
        rank=rank_salient(),
    ),
)
