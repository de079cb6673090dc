"""Recipes, consolidations, graphs and trees for people to read on a terminal."""

from __future__ import annotations

from collections.abc import Sequence, Set
from typing import TYPE_CHECKING

from rich import box
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from agentmem.cli.output import counted
from agentmem.cli.printing import excerpt, printable
from agentmem.kinds import CHUNK
from agentmem.pictures.outline import outline
from agentmem.pictures.sizes import graph_size, tree_size
from agentmem.types import Built, Consolidation, Usage

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

    from agentmem.recipes.recipe import Recipe

_NEAR = 5
_LINE = 400


def recipes(found: Sequence[Recipe], default: Recipe) -> RenderableType:
    """What can be built, and what it costs."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Recipe", no_wrap=True)
    table.add_column("What it is", ratio=1)
    table.add_column("Calls to build", max_width=14)
    table.add_column("a query", justify="right", no_wrap=True)
    for recipe in found:
        name = Text.assemble((recipe.name, "bold cyan"), " (default)" if recipe is default else "")
        about = Text.assemble(recipe.summary, (f"\n{recipe.paper}" if recipe.paper else "", "dim"))
        table.add_row(name, about, recipe.cost.write, recipe.cost.query)
    note = "Calls are those of a language model, if you name one with --llm. Without one every recipe goes by rules."
    return Group(table, Text(note, style="dim"))


def consolidation(recipe: str, found: Consolidation, of_memories: Set[str], *, dry_run: bool) -> RenderableType:
    """What each structure built, what failed, what waits, and what it cost; ``of_memories`` work on memories."""
    if not found.built:
        return Text(f"The recipe {recipe} builds nothing: it finds the texts as they are.")
    blocks: list[RenderableType] = [
        Text("This would be built (nothing was written):" if dry_run else f"Recipe {recipe}:", style="bold")
    ]
    for built in found.built:
        blocks += _built(built, built.structure in of_memories, dry_run=dry_run)
    blocks.append(Text(f"Cost: {_cost(found.usage)}", style="dim"))
    if "vectors" in found.pending:
        blocks.append(Text("Vectors are pending, and are made when the embedder works again.", style="yellow"))
    if not dry_run and any(built.waiting for built in found.built):
        blocks.append(Text("Nothing is lost: run the same command again to go on.", style="yellow"))
    if found.run:
        blocks.append(Text(f"Take it back with: agentmem undo {found.run}", style="dim"))
    return Group(*blocks)


def _built(built: Built, of_memories: bool, *, dry_run: bool) -> list[Text]:
    added = ", ".join(counted(number, kind, _plural(kind)) for kind, number in sorted(built.added.items()))
    units = ("memory", "memories") if of_memories else ("session or document", "sessions and documents")
    read = counted(built.units, *units)
    done = f"{added or 'nothing added'} from {read}" if built.units else "nothing new"
    lines = [Text.assemble("  ", (built.structure, "cyan"), f": {done}")]
    lines += [Text(f"    failed: {printable(failure)}", style="red") for failure in built.failed]
    if built.stopped:
        lines.append(Text(f"    stopped: {printable(built.stopped)}", style="yellow"))
    if built.waiting and not dry_run:
        waiting = units if of_memories else ("episode", "episodes")
        lines.append(Text(f"    left for the next time: {counted(built.waiting, *waiting)}", style="yellow"))
    return lines


def _plural(kind: str) -> str:
    if kind.endswith("y"):
        return f"{kind[:-1]}ies"
    return f"{kind}s" if kind in ("fact", "triple") else f"{kind} nodes"


def _cost(usage: Usage) -> str:
    parts = [counted(usage.llm_calls, "call of the language model", "calls of the language model")]
    if usage.llm_calls:
        parts.append(f"{usage.prompt_tokens:,} tokens read and {usage.completion_tokens:,} written")
    if usage.embedded_texts:
        parts.append(f"{counted(usage.embedded_texts, 'text')} embedded in {usage.embedding_seconds:.1f} s")
    return ", ".join(parts)


def graph(title: str, whole: networkx.Graph[str], part: networkx.Graph[str]) -> RenderableType:
    """How large the graph is, and these nodes of it with what is next to each."""
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Links", justify="right", no_wrap=True)
    table.add_column("Texts", justify="right", no_wrap=True)
    table.add_column("Node", max_width=36)
    table.add_column("Beside it", ratio=1)
    for node in sorted(part, key=lambda node: (-whole.degree(node), whole.nodes[node]["label"], node)):
        found = whole.nodes[node]
        is_entity = found["kind"] == "entity"
        name = Text(printable(found["label"]), style="bold" if is_entity else "italic")
        if not is_entity:
            name.append(f"\n{node}", style="dim")
        texts = f"{found['passages']:,}" if is_entity else ""
        table.add_row(f"{whole.degree(node):,}", texts, name, Text(_beside(whole, node)))
    note = Text("Look at it: agentmem graph --out graph.html (and --around PHRASE)", style="dim")
    return Group(Text.assemble((printable(title), "bold"), f": {graph_size(whole)}"), table, note)


def _beside(graph: networkx.Graph[str], node: str) -> str:
    """The best connected entities next to a node."""
    near = [other for other in graph.neighbors(node) if graph.nodes[other]["kind"] == "entity"]
    near.sort(key=lambda other: (-graph.degree(other), graph.nodes[other]["label"]))
    names = ", ".join(printable(graph.nodes[other]["label"]) for other in near[:_NEAR])
    return f"{names}, …" if len(near) > _NEAR else names


def tree(title: str, found: networkx.DiGraph[str], limit: int) -> RenderableType:
    """The tree, indented; at most so many lines."""
    lines = [Text.assemble((printable(title), "bold"), f": {tree_size(found)}")]
    open_levels: dict[int, bool] = {}
    number = 0
    for number, line in enumerate(outline(found), 1):
        if number > limit:
            continue
        open_levels[line.level] = not line.last
        stems = "".join("│  " if open_levels.get(level) else "   " for level in range(line.level))
        said = Text(f"{printable(line.speaker)}: " if line.speaker else "", style="dim")
        is_text = line.kind == CHUNK
        said.append(excerpt(line.text, _LINE), style="" if is_text else "bold")
        note = line.at if is_text else counted(line.leaves, "text") + (", as further up" if line.repeated else "")
        told = Text.assemble((f"{stems}{'└─ ' if line.last else '├─ '}", "dim"), (f"{note}  ", "cyan"), said)
        told.no_wrap, told.overflow = True, "ellipsis"
        lines.append(told)
    if number > limit:
        lines.append(Text(f"… and {number - limit:,} more lines: --limit N, or --out tree.html", style="dim"))
    return Group(*lines)
