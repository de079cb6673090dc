"""How large a graph or a tree is, in words and numbers."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from agentmem.kinds import CATEGORY, CHUNK, DOMAIN, ROLLING, TRACE

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

_TEXT = "text"
_SUMMARY = ("summary", "summaries")
_NAMES = {DOMAIN: "domains", CATEGORY: "categories", TRACE: "traces", _SUMMARY[0]: _SUMMARY[1], _TEXT: "texts"}
"""What the nodes of trees are called, from the top down: one, and many."""


def counted(count: int, one: str, many: str | None = None) -> str:
    """A number with its noun."""
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def node_name(kind: str) -> str:
    """What a node of a tree is called, by the kind of its memory."""
    return _TEXT if kind == CHUNK else kind if kind in _NAMES else _SUMMARY[0]


def entities(graph: networkx.Graph[str]) -> list[str]:
    """The nodes that are entities."""
    return [node for node, kind in graph.nodes(data="kind") if kind == "entity"]


def edge_counts(graph: networkx.Graph[str]) -> dict[str, int]:
    """Edges by kind; one that is both relation and synonym counts for both."""
    kinds = Counter(part for _, _, kind in graph.edges(data="kind") for part in kind.split("+"))
    return {kind: kinds[kind] for kind in ("relation", "synonym", "mention")}


def graph_size(graph: networkx.Graph[str]) -> str:
    """Entities, texts and edges of a graph."""
    known, edges = len(entities(graph)), edge_counts(graph)
    return f"{counted(known, 'entity', 'entities')} and {counted(len(graph) - known, 'text')}; " + ", ".join(
        counted(number, kind) for kind, number in edges.items()
    )


def part_size(part: networkx.Graph[str], whole: networkx.Graph[str], around: str | None) -> str:
    """What is shown of a graph."""
    if len(part) == len(whole):
        return graph_size(part)
    which = "the best connected" if around is None else f"around “{around}”:"
    return f"{which} {len(part):,} of {len(whole):,} nodes: {graph_size(part)}"


def tree_size(tree: networkx.DiGraph[str]) -> str:
    """Summaries, texts and levels of a tree, and how many texts are under none of its nodes."""
    kinds = Counter(node_name(kind) for _, kind in tree.nodes(data="kind"))
    *above, texts = [counted(kinds[one], one, many) for one, many in _NAMES.items() if kinds[one] or one == _TEXT]
    said = f"{', '.join(above) or counted(0, *_SUMMARY)} over {texts}"
    if tree.graph["kind"] != ROLLING:  # a chain, however long
        said += f", {counted(max((depth for _, depth in tree.nodes(data='depth')), default=0) + 1, 'level')}"
    alone: int = tree.graph["alone"]
    return f"{said}; {counted(alone, 'more text', 'more texts')} under none of them" if alone else said
