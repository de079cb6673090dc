"""The graph for other programs, as a networkx graph."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from agentmem.index.graph.memory_graph import MemoryGraph

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]


def to_networkx(graph: MemoryGraph, labels: Mapping[int, str] | None = None) -> networkx.Graph[str]:
    """The graph with named nodes, in an order that depends on nothing but the graph.

    A node is ``"entity:PHRASE"`` or ``"passage:KEY"``, with ``kind``, ``label``, and ``passages`` (how many mention it)
    for an entity. An edge has ``kind`` (``"relation"``, ``"synonym"``, ``"relation+synonym"`` or ``"mention"``),
    ``weight``, ``relations`` and ``cosine``.

    Args:
        graph: the graph.
        labels: what passages are called, by key; their keys otherwise.
    """
    import networkx

    names = labels or {}
    found: networkx.Graph[str] = networkx.Graph()
    for phrase in graph.entities:
        found.add_node(_name(phrase), kind="entity", label=phrase, passages=graph.passage_count(phrase))
    for key in graph.passages()[0].tolist():
        found.add_node(_name(key), kind="passage", label=names.get(key, str(key)))
    for edge in graph.edges():
        attributes: dict[str, Any] = {"weight": edge.weight, "relations": edge.relations, "cosine": edge.cosine}
        kind = "+".join(name for name, there in (("relation", edge.relations), ("synonym", edge.cosine)) if there)
        found.add_edge(_name(edge.one), _name(edge.other), kind=kind or "mention", **attributes)
    return found


def _name(node: str | int) -> str:
    return f"passage:{node}" if isinstance(node, int) else f"entity:{node}"
