"""Commands that show what was built: the graph of entities and texts, and trees of summaries."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from agentmem.cli import output
from agentmem.cli.building import built_tables, nothing_in
from agentmem.cli.call import Call
from agentmem.cli.commands import command
from agentmem.cli.errors import UsageError
from agentmem.cli.targets import checked_target, write_text
from agentmem.errors import NotFound
from agentmem.kinds import ROLLING, TRIPLE
from agentmem.pictures.sizes import edge_counts, entities, part_size, tree_size

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

HTML, GRAPHML = ".html", ".graphml"
_DRAWN = 150
_MOST_DRAWN = 1_000
_LISTED = 12
_LINES = 100

_PREFERRED = {TRIPLE: "hipporag2", ROLLING: "recursive-summary", "hierarchy": "hmem"}
"""The recipe that builds a kind, where it has another name."""

Force = Annotated[bool, typer.Option("--force", help="Replace a file that is there.")]


@command("graph", embedder=True)
def graph(
    call: Call,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            dir_okay=False,
            help="A picture (.html), or all of it for other programs (.graphml).",
        ),
    ] = None,
    limit: Annotated[
        int | None,
        typer.Option(
            "--limit",
            metavar="N",
            min=1,
            help=f"The N best connected. Default: {_DRAWN} in a picture, {_LISTED} without --out, all in GraphML.",
        ),
    ] = None,
    around: Annotated[
        str | None, typer.Option("--around", metavar="PHRASE", help="Only what is nearest to this entity.")
    ] = None,
    force: Force = False,
) -> None:
    """Show the graph of entities and texts: its best connected parts, or a picture of it in one HTML file."""
    kind = _kind(call, out, (HTML, GRAPHML), force=force)
    if kind == HTML and limit is not None and limit > _MOST_DRAWN:
        raise UsageError(f"A picture of more than {_MOST_DRAWN:,} nodes cannot be read. For all: --out FILE.graphml")
    with call.memory(embeds=True) as memory:
        scope, whole = memory.scope.path, memory.graph()
        missing = None if entities(whole) else _no_graph(call, scope, memory.stats().episodes)
    if missing:
        _say_missing(call, out, missing, {"scope": scope, "entities": 0, "passages": 0})
        return
    title = f"Graph of {scope}"
    if out is None or kind is None:
        part = _part(whole if around is not None else whole.subgraph(entities(whole)), limit or _LISTED, around)
        call.show(_described(scope, whole, part), lambda _tables: built_tables().graph(title, whole, part))
        return
    part = _part(whole, limit or (_DRAWN if kind == HTML else len(whole)), around)
    write_text(out, _drawn(kind, part, title, part_size(part, whole, around)))
    _say_written(call, out, len(part), len(whole))


def _part(whole: networkx.Graph[str], size: int, phrase: str | None) -> networkx.Graph[str]:
    from agentmem.pictures.selection import around, best_connected

    if phrase is not None:
        return around(whole, phrase, size)
    return whole if size >= len(whole) else best_connected(whole, size)


def _drawn(kind: str, part: networkx.Graph[str], title: str, note: str) -> str:
    if kind == GRAPHML:
        from agentmem.pictures.graphml import graphml

        return graphml(part)
    from agentmem.pictures.graph_page import graph_page

    return graph_page(part, title, note)


@command("tree")
def tree(
    call: Call,
    kind: Annotated[
        str, typer.Option("--kind", metavar="KIND", help="memtree, raptor, memwalker, rolling or hierarchy.")
    ] = "memtree",
    out: Annotated[
        Path | None, typer.Option("--out", metavar="FILE", dir_okay=False, help="A page to unfold (.html).")
    ] = None,
    limit: Annotated[
        int, typer.Option("--limit", metavar="N", min=1, help="How many lines at most, without --out.")
    ] = _LINES,
    force: Force = False,
) -> None:
    """Show a tree of summaries and the texts below them: indented, or as one HTML file to unfold."""
    _kind(call, out, (HTML,), force=force)
    with call.memory() as memory:
        found = memory.tree(kind)
        missing = None if len(found) else _no_tree(call, memory.scope.path, memory.stats().episodes, kind)
    scope = memory.scope.path
    if missing:
        _say_missing(call, out, missing, {"scope": scope, "kind": kind, "alone": found.graph["alone"], "nodes": []})
        return
    title = f"{kind} tree of {scope}"
    if out is None:
        call.show(_tree_described(scope, found), lambda _tables: built_tables().tree(title, found, limit))
        return
    from agentmem.pictures.tree_page import tree_page

    write_text(out, tree_page(found, title, tree_size(found)))
    _say_written(call, out, len(found), len(found))


def _kind(call: Call, out: Path | None, kinds: tuple[str, ...], *, force: bool) -> str | None:
    """How the file's name ends, after a look whether it may be written."""
    if out is None:
        return None
    ending = out.suffix.lower()
    if ending not in kinds:
        raise UsageError(f"--out {out}: its name must end in {' or '.join(kinds)}.")
    checked_target(call, out, force=force)
    return ending


def _say_missing(call: Call, out: Path | None, message: str, document: dict[str, Any]) -> None:
    """There is nothing to show: an answer where something was asked, an error where a file was wanted."""
    if out is not None:
        raise NotFound(f"{out} was not written. {message}")
    call.show(document, lambda _tables: message)


def _say_written(call: Call, out: Path, nodes: int, of: int) -> None:
    part = output.counted(nodes, "node") if nodes == of else f"{nodes:,} of {of:,} nodes"
    hint = " Open it in a browser." if out.suffix.lower() == HTML else ""
    call.show({"path": str(out), "nodes": nodes, "of": of}, lambda _tables: f"Wrote {part} to {out}.{hint}")


def _no_graph(call: Call, scope: str, episodes: int) -> str:
    if not episodes:
        return nothing_in(scope)
    how = _builder(call, scope, TRIPLE)
    return f"There is no graph in {scope} yet: it is made of what texts say of people and things. Build it with: {how}"


def _no_tree(call: Call, scope: str, episodes: int, kind: str) -> str:
    if not episodes:
        return nothing_in(scope)
    how = _builder(call, scope, kind)
    return f"There is no {kind} tree in {scope} yet: it is made of several texts that go together. Build it with: {how}"


def _builder(call: Call, scope: str, kind: str) -> str:
    """The command that builds memories of a kind, or a tree: without a recipe's name if the usual one does."""
    from agentmem.engine.shapes import TREES
    from agentmem.recipes import RECIPES

    made = frozenset(TREES.get(kind, (kind,)))
    builders = [
        recipe.name
        for recipe in RECIPES.values()
        if any(made <= frozenset(structure().kinds) for structure in recipe.structures)
    ]
    database = ["--db", call.db] if call.db else []
    if kind == TRIPLE:  # the default draws triples of documents only: its command may have been given already
        builders = [name for name in builders if name == _PREFERRED[TRIPLE]]
    recipe = [] if call.recipe_name in builders else ["--recipe", _PREFERRED.get(kind, kind)]
    return shlex.join(["agentmem", *database, "--scope", scope, "consolidate", *recipe])


def _described(scope: str, whole: networkx.Graph[str], part: networkx.Graph[str]) -> dict[str, Any]:
    known = len(entities(whole))
    return {
        "scope": scope,
        "entities": known,
        "passages": len(whole) - known,
        "edges": edge_counts(whole),
        "nodes": [{"node": node, "links": whole.degree(node), **whole.nodes[node]} for node in part],
        "links": [{"one": one, "other": other, **attributes} for one, other, attributes in part.edges(data=True)],
    }


def _tree_described(scope: str, found: networkx.DiGraph[str]) -> dict[str, Any]:
    nodes = [{"id": node, **found.nodes[node], "children": list(found.successors(node))} for node in found]
    return {"scope": scope, **found.graph, "nodes": nodes}
