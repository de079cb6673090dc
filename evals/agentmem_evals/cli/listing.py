"""``agentmem-evals systems``: what can be evaluated, and by whom it can be judged."""

from __future__ import annotations

from agentmem_evals.cli import options
from agentmem_evals.cli.telling import show, told
from agentmem_evals.judging.rubrics import JUDGES
from agentmem_evals.reports.table import Table
from agentmem_evals.systems.catalog import SYSTEMS
from agentmem_evals.systems.deciders import DECIDERS


def systems(markdown: options.Markdown = False) -> None:
    """The systems, the recipes of agentmem, the deciders of pairs, and the judges of answers."""
    from agentmem.recipes import RECIPES
    from agentmem_evals.systems.variant import STEPS

    with told():
        rows = [
            *([name, "system"] for name in SYSTEMS),
            *([f"agentmem:{name}", "system: recipe"] for name in RECIPES),
            *([f"agentmem:{name}", "system: a step of the default recipe switched"] for name in STEPS),
            ["module:Class", "system: your own, see systems/protocol.py"],
            *([name, "decider of pairs"] for name in DECIDERS),
            *([name, "judge of answers"] for name in JUDGES),
        ]
        show([Table("What there is", ["name", "what"], rows)], markdown=markdown)
