"""Which part of a graph to show: what is best connected, or what lies around a phrase."""

from __future__ import annotations

import difflib
from collections import deque
from typing import TYPE_CHECKING

from agentmem.errors import NotFound
from agentmem.text.phrases import normalise

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

_SUGGESTED = 5


def best_connected(graph: networkx.Graph[str], limit: int) -> networkx.Graph[str]:
    """The part of at most ``limit`` nodes with most edges. What is left without an edge is dropped, unless all is."""
    chosen = graph.subgraph(_by_degree(graph)[:limit])
    linked = [node for node, degree in chosen.degree() if degree]
    return chosen.subgraph(linked) if linked else chosen


def around(graph: networkx.Graph[str], phrase: str, limit: int) -> networkx.Graph[str]:
    """The part of at most ``limit`` nodes nearest to the entities that a phrase names: by steps, then by edges.

    The entity of exactly this name, else all that have the phrase as words of their name.

    Raises:
        NotFound: there is none; the message names some that resemble it.
    """
    starts = entities_named(graph, phrase)
    rank = {node: place for place, node in enumerate(_by_degree(graph))}
    chosen: dict[str, None] = {}
    seen, waiting = set(starts), deque(sorted(starts, key=rank.__getitem__))
    while waiting and len(chosen) < limit:
        node = waiting.popleft()
        chosen[node] = None
        for other in sorted(graph.neighbors(node), key=rank.__getitem__):
            if other not in seen:
                seen.add(other)
                waiting.append(other)
    return graph.subgraph(chosen)


def entities_named(graph: networkx.Graph[str], phrase: str) -> list[str]:
    """The nodes of the entity of this name, or of those whose names contain it; see :func:`around`."""
    wanted = normalise(phrase)
    if wanted and f"entity:{wanted}" in graph:
        return [f"entity:{wanted}"]
    names = [node.removeprefix("entity:") for node, kind in graph.nodes(data="kind") if kind == "entity"]
    found = [f"entity:{name}" for name in names if wanted and f" {wanted} " in f" {name} "]
    if not found:
        near = difflib.get_close_matches(wanted, names, _SUGGESTED) or [name for name in names if wanted in name]
        hint = f"Near are: {', '.join(near[:_SUGGESTED])}." if wanted and near else "'agentmem graph' names some."
        raise NotFound(f"The graph has no entity {phrase!r}. {hint}")
    return found


def _by_degree(graph: networkx.Graph[str]) -> list[str]:
    return sorted(graph, key=lambda node: (-graph.degree(node), graph.nodes[node]["kind"], graph.nodes[node]["label"]))
