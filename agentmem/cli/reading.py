"""Commands that find and look, and change nothing. Only ``retrieve`` and ``context`` need the embedding model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from agentmem.cli import options
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.inputs import filters, moment

if TYPE_CHECKING:
    from agentmem.models.chat.budget import Budget

_EPISODE = "epi_"
_ALL = "all"


@command("retrieve", embedder=True)
def retrieve(
    call: Call,
    query: options.Query,
    k: Annotated[int, typer.Option("--k", "-k", metavar="N", help="How many at most.")] = 10,
    kind: options.Kinds = None,
    session: options.InSession = None,
    since: options.Since = None,
    until: options.Until = None,
    as_of: options.AsOf = None,
    where: options.Where = None,
    tokens: Annotated[
        int | None, typer.Option("--tokens", metavar="N", help="Leave out what does not fit into so many tokens.")
    ] = None,
    explain: Annotated[bool, typer.Option("--explain", help="Say in words why each was found.")] = False,
    recipe: options.Recipe = None,
    llm: options.Llm = None,
    max_calls: options.MaxCalls = None,
) -> None:
    """Find the memories that answer a query, best first."""
    chosen = filters(kind, session, since, until, as_of, where)
    with call.updated(recipe=recipe, llm=llm).memory(embeds=True, thinks=True) as memory:
        hits = memory.retrieve(query, k=k, **chosen, tokens=tokens, explain=explain, budget=_budget(max_calls))
    asked = {"usage": hits.usage, "stopped": hits.stopped, "failures": hits.failures}
    call.show({"query": query, "hits": hits, **asked}, lambda tables: tables.hits(hits))
    if hits.stopped and not call.json:
        typer.echo(f"Answered without more of the language model. {hits.stopped}", err=True)


@command("context", embedder=True)
def context(
    call: Call,
    query: options.Query,
    tokens: Annotated[int, typer.Option("--tokens", metavar="N", help="How long the block may be.")] = 1_000,
    k: Annotated[int, typer.Option("--k", "-k", metavar="N", help="How many memories at most.")] = 50,
    kind: options.Kinds = None,
    session: options.InSession = None,
    since: options.Since = None,
    until: options.Until = None,
    as_of: options.AsOf = None,
    where: options.Where = None,
    recipe: options.Recipe = None,
    llm: options.Llm = None,
    max_calls: options.MaxCalls = None,
) -> None:
    """Print a block of memories that is ready for a prompt: dated, quoted, within a budget of tokens."""
    chosen = filters(kind, session, since, until, as_of, where)
    with call.updated(recipe=recipe, llm=llm).memory(embeds=True, thinks=True) as memory:
        block = memory.context(query, tokens=tokens, k=k, **chosen, budget=_budget(max_calls))
    document = {"query": query, "text": str(block), "tokens": block.tokens, "hits": block.hits}
    call.show(document, lambda _tables: str(block))


@command("list")
def list_(
    call: Call,
    limit: Annotated[int, typer.Option("--limit", metavar="N", help="How many at most, up to 1000.")] = 50,
    after: Annotated[
        str | None, typer.Option("--after", metavar="CURSOR", help="Go on where the last page ended.")
    ] = None,
    state: Annotated[
        str, typer.Option("--state", metavar="STATE", help="active, retired, quarantined, or all.")
    ] = "active",
    kind: options.Kinds = None,
    session: options.InSession = None,
    since: options.Since = None,
    until: options.Until = None,
    as_of: options.AsOf = None,
    where: options.Where = None,
) -> None:
    """List memories in order of time, a page at a time."""
    chosen = filters(kind, session, since, until, as_of, where)
    with call.memory() as memory:
        page = memory.list(**chosen, state=None if state == _ALL else state, limit=limit, after=after)
    call.show({"items": page.items, "next": page.next}, lambda tables: tables.page(page))


@command("get")
def get(
    call: Call,
    id: Annotated[
        str,
        typer.Argument(metavar="ID", help="A memory's id (mem_...), or an episode's (epi_...).", show_default=False),
    ],
    as_of: options.AsOf = None,
) -> None:
    """Show one memory, or one episode word for word as it was added."""
    then = moment("--as-of", as_of)
    with call.memory() as memory:
        if id.startswith(_EPISODE):
            episode = memory.episode(id)
            call.show(episode, lambda tables: tables.episode(episode))
        else:
            found = memory.get(id, as_of=then)
            call.show(found, lambda tables: tables.memory(found))


@command("history")
def history(call: Call, id: options.Id) -> None:
    """Show every version of a memory, with what changed it, when, and by which run."""
    with call.memory() as memory:
        entries = memory.history(id)
    call.show({"id": id, "versions": entries}, lambda tables: tables.history(entries))


@command("stats")
def stats(call: Call) -> None:
    """Show how much a scope holds."""
    with call.memory() as memory:
        found = memory.stats()
    call.show(found, lambda tables: tables.stats(found))


@command("scopes", scope=False)
def scopes(call: Call) -> None:
    """List the scopes of a database, one path to a line."""
    with call.store() as store:
        found = store.scopes()
    call.show({"scopes": found}, lambda tables: tables.scopes(found))


def _budget(calls: int | None) -> Budget | None:
    if calls is None:
        return None
    from agentmem.models.chat.budget import Budget

    return Budget(calls=calls)
