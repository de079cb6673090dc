"""A tree as lines, each with its level: what a listing and a page are both made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agentmem.kinds import CHUNK, ROLLING

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]


@dataclass(frozen=True, slots=True)
class Line:
    """One node where it stands in the outline.

    Attributes:
        id: the memory's.
        level: 0 at the top.
        kind: ``"chunk"`` for the texts themselves.
        text: as it is stored.
        speaker: who said it; empty if nobody did.
        at: the day it dates from.
        leaves: how many different texts stand below.
        repeated: whether it stood further up already, with what is below it.
        opens: whether lines of a deeper level follow that belong to it.
        last: whether it is the last of its siblings.
    """

    id: str
    level: int
    kind: str
    text: str
    speaker: str
    at: str
    leaves: int
    repeated: bool
    opens: bool
    last: bool


def outline(tree: networkx.DiGraph[str]) -> Iterator[Line]:
    """All lines from the top, parents before children: the tops by how much stands below them, children by time.

    A node under several parents is told in full once, and repeated under the others. A chain of rolling summaries is
    not nested: the former one follows the one that took it in, as its sibling.
    """
    below, former = _children(tree)
    leaves = {node: _leaves(tree, below, node) for node in tree}
    tops = sorted((node for node in tree if not tree.in_degree(node)), key=lambda node: -leaves[node])
    told: set[str] = set()
    for starts in (tops, *([node] for node in tree)):  # each node alone: for what only a circle leads to
        stack = _level([node for node in starts if node not in told], 0)
        while stack:
            node, level, last = stack.pop()
            repeated = node in told and bool(below[node] or former[node])
            told.add(node)
            next_ones = [] if repeated else [other for other in former[node] if other not in told]
            yield _line(tree, node, level, leaves[node], repeated, below[node], last and not next_ones)
            stack += [(other, level, last and other == next_ones[-1]) for other in reversed(next_ones)]
            if not repeated:
                stack += _level(below[node], level + 1)


def _level(siblings: Sequence[str], level: int) -> list[tuple[str, int, bool]]:
    """Siblings as they go onto the stack: the first one on top."""
    return [(node, level, node == siblings[-1]) for node in reversed(siblings)]


def _children(tree: networkx.DiGraph[str]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """By node: what stands below it, in order of time; and the rolling summaries that it took in."""
    below: dict[str, list[str]] = {}
    former: dict[str, list[str]] = {}
    place = {node: number for number, node in enumerate(tree)}  # what happened at one moment stays in order
    for node in tree:
        children = sorted(tree.successors(node), key=lambda child: (tree.nodes[child]["at"], place[child]))
        is_rolling = tree.nodes[node]["kind"] == ROLLING
        former[node] = [child for child in children if is_rolling and tree.nodes[child]["kind"] == ROLLING]
        below[node] = [child for child in children if child not in former[node]]
    return below, former


def _line(
    tree: networkx.DiGraph[str], node: str, level: int, leaves: int, repeated: bool, below: Sequence[str], last: bool
) -> Line:
    found: dict[str, Any] = tree.nodes[node]
    opens = bool(below) and not repeated
    day = found["at"][:10]
    return Line(node, level, found["kind"], found["text"], found["speaker"], day, leaves, repeated, opens, last)


def _leaves(tree: networkx.DiGraph[str], below: Mapping[str, Sequence[str]], top: str) -> int:
    seen, waiting, leaves = {top}, [top], 0
    while waiting:
        node = waiting.pop()
        leaves += tree.nodes[node]["kind"] == CHUNK
        fresh = [child for child in below[node] if child not in seen]
        seen.update(fresh)
        waiting += fresh
    return leaves
