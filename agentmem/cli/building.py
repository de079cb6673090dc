"""Commands that build memories from memories: which recipes there are, and putting one to work."""

from __future__ import annotations

from types import ModuleType
from typing import TYPE_CHECKING, Annotated

import typer

from agentmem.cli import options, output
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.errors import ExitCode

if TYPE_CHECKING:
    from agentmem.models.chat.budget import Budget


@command("recipes", db=False, scope=False)
def recipes(call: Call) -> None:
    """List the recipes: what each builds and how it searches, and how often it asks a language model."""
    from agentmem.recipes import RECIPES, recipe_named

    default = recipe_named(call.recipe_name)
    found = [
        {
            "name": recipe.name,
            "summary": recipe.summary,
            "paper": recipe.paper,
            "llm_calls": {"write": recipe.cost.write, "query": recipe.cost.query},
            "default": recipe is default,
        }
        for recipe in RECIPES.values()
    ]
    call.show({"recipes": found}, lambda _tables: built_tables().recipes(tuple(RECIPES.values()), default))


@command("consolidate", embedder=True)
def consolidate(
    call: Call,
    recipe: options.Recipe = None,
    llm: options.Llm = None,
    max_calls: Annotated[
        int | None,
        typer.Option("--max-calls", metavar="N", min=0, help="Stop before the language model is asked more often."),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", min=0, help="Stop when it has read and written so many tokens."),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Ask models (which may cost), write nothing, and say what would be added.")
    ] = False,
) -> None:
    """Build what a recipe is made of (facts, a graph, summaries, ...) from all that is new; what fails is kept.

    Run it again at any time: it goes on where it stopped.
    """
    call = call.updated(recipe=recipe, llm=llm)
    with (
        call.memory(embeds=True, thinks=True) as memory,
        output.progress_bar("Consolidating"),
    ):
        found = memory.consolidate(budget=budget_of(max_calls, max_tokens), dry_run=dry_run)
        is_empty = not found.built and not memory.stats().episodes
    if is_empty and not call.json:
        output.print_rich(nothing_in(memory.scope.path))
    else:
        document = {"recipe": call.recipe_name, "dry_run": dry_run, **output.jsonable(found), "done": found.done}
        call.show(
            document,
            lambda _tables: built_tables().consolidation(
                call.recipe_name, found, reading_memories(call.recipe_name), dry_run=dry_run
            ),
        )
    if found.failures:  # as elsewhere: a model failed. What was built stands, and was shown.
        raise typer.Exit(ExitCode.REFUSED)


def built_tables() -> ModuleType:
    """:mod:`agentmem.cli.built_tables`, which imports rich."""
    from agentmem.cli import built_tables as tables

    return tables


def reading_memories(recipe: str) -> frozenset[str]:
    """The names of a recipe's structures whose units are memories, no sessions and documents."""
    from agentmem.recipes import recipe_named

    made = (make() for make in recipe_named(recipe).structures)
    return frozenset(structure.name for structure in made if structure.reads)


def nothing_in(scope: str) -> str:
    """What is said of a scope that holds nothing."""
    return f"There is nothing in {scope} yet. 'agentmem scopes' lists the scopes there are; 'agentmem add' fills one."


def budget_of(calls: int | None, tokens: int | None) -> Budget | None:
    """The limits that were given; ``None`` where none was."""
    if calls is None and tokens is None:
        return None
    from agentmem.models.chat.budget import Budget

    return Budget(calls=calls, tokens=tokens)
