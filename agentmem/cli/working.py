"""Commands of the work that is done while nobody waits: the worker, what waits for it, and another try."""

from __future__ import annotations

from types import ModuleType
from typing import Annotated

import typer

from agentmem.cli import options, output
from agentmem.cli.building import budget_of
from agentmem.cli.call import NONE, Call
from agentmem.cli.commands import command
from agentmem.cli.errors import ExitCode, UsageError

_OnlyScope = Annotated[
    str | None, typer.Option("--scope", metavar="NAMES", help="Only this scope. Default: all of the database.")
]


@command("worker", scope=False, embedder=True)
def worker(
    call: Call,
    recipe: options.Recipe = None,
    llm: options.Llm = None,
    once: Annotated[bool, typer.Option("--once", help="Do all that is due now, then end.")] = False,
    jobs: Annotated[int, typer.Option("--jobs", metavar="N", min=1, help="Work on so many scopes at once.")] = 1,
    quiet: Annotated[
        float | None,
        typer.Option(
            "--quiet",
            metavar="SECONDS",
            min=0,
            help="Leave a scope alone until nothing was added to it for so long. Default: 60; 0 with --once or "
            "--schedule.",
        ),
    ] = None,
    interval: Annotated[
        float,
        typer.Option("--interval", metavar="SECONDS", min=0.1, help="How often to look when there is nothing to do."),
    ] = 10.0,
    limit: Annotated[
        int,
        typer.Option(
            "--limit", metavar="N", min=1, help="Sessions, documents or memories for each structure in one turn."
        ),
    ] = 32,
    max_calls: Annotated[
        int | None,
        typer.Option(
            "--max-calls",
            metavar="N",
            min=0,
            help="End before the language model is asked more often; with --schedule, each time.",
        ),
    ] = None,
    max_tokens: Annotated[
        int | None,
        typer.Option("--max-tokens", metavar="N", min=0, help="The same for the tokens it reads and writes."),
    ] = None,
    max_retired: Annotated[
        float,
        typer.Option(
            "--max-retired",
            metavar="SHARE",
            min=0,
            max=1,
            help="Take no more than this share of a scope's memories out of retrieval in a day.",
        ),
    ] = 0.2,
    schedule: Annotated[
        str | None,
        typer.Option(
            "--schedule",
            metavar="CRON",
            help='Begin at these times only, and then do all that is due: "0 3 * * *" is every night at three.',
        ),
    ] = None,
    zone: Annotated[
        str, typer.Option("--zone", metavar="NAME", help="The schedule's time zone, such as Europe/Brussels.")
    ] = "UTC",
) -> None:
    """Consolidate all scopes while nobody waits, in fair turns, until it is told to stop (Ctrl-C, SIGTERM).

    Start as many as you like, on one database: none does what another does. The first signal lets it finish what it is
    writing; a second one ends it at once, and nothing is lost. It says what it does on standard error, or, with --json,
    in a line each on standard output, the totals last.
    """
    if once and schedule is not None:
        raise UsageError("--once and --schedule: one or the other.")
    from agentmem.cli.service import logged, until_told

    call = call.updated(recipe=recipe, llm=llm)
    with logged(as_json=call.json), call.store(embeds=True, thinks=True) as store:
        done = until_told(
            lambda stop: store.work(
                once=once,
                stop=stop,
                jobs=jobs,
                quiet=quiet,
                interval=interval,
                limit=limit,
                budget=budget_of(max_calls, max_tokens),
                max_retired=max_retired,
                schedule=schedule,
                zone=zone,
            )
        )
    if call.json:
        output.print_json_line({"message": "ended", "recipe": call.recipe_name, "worked": done})
    else:
        output.print_rich(_tables().worked(done))
    if done.failures or done.broken:  # as elsewhere: what was done stands, and was told
        raise typer.Exit(ExitCode.REFUSED)


@command("status", scope=False)
def status(call: Call, scope: _OnlyScope = None, recipe: options.Recipe = None) -> None:
    """Show what waits for the worker in each scope, what failed, what is dead, and who is at it."""
    call = call.updated(recipe=recipe, llm=NONE)
    with call.store(thinks=True) as store:
        found = {name: handle.waiting() for name, handle in call.handles(store, scope).items()}
    document = [{"scope": name, "waiting": waiting} for name, waiting in found.items()]
    call.show({"recipe": call.recipe_name, "scopes": document}, lambda _all: _tables().status(call.recipe_name, found))


@command("retry", scope=False)
def retry(
    call: Call,
    scope: _OnlyScope = None,
    recipe: options.Recipe = None,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what failed and would be tried again later by itself.")
    ] = False,
) -> None:
    """Let the worker try again what failed too often to be tried again by itself."""
    call = call.updated(recipe=recipe, llm=NONE)
    with call.store(thinks=True) as store:
        handles = call.handles(store, scope)
        found = {name: handle.retry(dead_only=not everything) for name, handle in handles.items()}
    count = sum(found.values())
    said = f"{output.counted(count, 'episode or memory is', 'episodes and memories are')} due again."
    call.show({"due": count, "scopes": found}, lambda _all: said)


def _tables() -> ModuleType:
    """:mod:`agentmem.cli.working_tables`, which imports rich."""
    from agentmem.cli import working_tables

    return working_tables
