"""``reflective``: the default, and what can be thought of its facts while the agent sleeps.

A profile of everybody that several facts are about, insights from several facts (Generative Agents' reflection, and
what keeps coming back), answers to what is likely to be asked (sleep-time compute), and links between facts that are
alike. What is made is found where it is asked for, ``kinds=["profile", "insight", "answer"]``; texts are ranked as by
the default.
"""

from __future__ import annotations

from dataclasses import replace

from agentmem.recipes.own import DEFAULT
from agentmem.recipes.recipe import Cost
from agentmem.structures.associations import Associations
from agentmem.structures.foresight import Foresight
from agentmem.structures.insights import Insights
from agentmem.structures.profile import Profiles

RECIPES = (
    replace(
        DEFAULT,
        name="reflective",
        summary="the default, with profiles, insights and prepared answers to ask for",
        structures=(*DEFAULT.structures, Associations, Profiles, Insights, Foresight),
        cost=Cost("2 per session, 1 per document, and per consolidation 1 per subject and 4", "0"),
    ),
)
