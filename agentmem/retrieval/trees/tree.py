"""A tree of summaries as a query sees it, and the two ways in which RAPTOR searches it.

Sarthi et al. (ICLR 2024), section 3: *collapsed*, all nodes compared at once, which is also how MemTree retrieves
(arXiv 2410.14052), and *traversal*, from the top down. A node may have several parents, as RAPTOR's clusters overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.protocols import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, slots=True)
class Ranked:
    """A node that answers a query.

    Attributes:
        id: the node's.
        score: its cosine with the query.
        layer: how many steps from a root it was found; 0 where that was not looked at.
    """

    id: str
    score: float
    layer: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Tree:
    """Nodes are numbered from 0; ``n`` of them.

    Attributes:
        ids: the memories they are.
        vectors: unit vectors, shape ``(n, dimension)``; zeros where there is none.
        starts: where each node's children begin in ``below``, shape ``(n + 1,)``.
        below: the children of all nodes one after the other, in the order in which the edges were given.
        roots: the nodes with nothing above them, ascending; of each circle (there should be none) one node.
    """

    ids: tuple[str, ...]
    vectors: FloatArray
    starts: IntArray
    below: IntArray
    roots: IntArray

    @classmethod
    def of(cls, ids: Sequence[str], edges: Iterable[tuple[str, str]], vectors: FloatArray) -> Tree:
        """From parent and child ids. Edges to or from anything else, and repeated ones, are left out.

        Raises:
            InvalidInput: not as many vectors as ids.
        """
        if len(vectors) != len(ids):
            raise InvalidInput(f"A tree of {len(ids)} nodes needs as many vectors, not {len(vectors)}.")
        rows = {id: row for row, id in enumerate(ids)}
        children: list[dict[int, None]] = [{} for _ in ids]
        has_parent = np.zeros(len(ids), dtype=np.bool_)
        for parent, child in edges:
            if parent in rows and child in rows and parent != child:
                children[rows[parent]][rows[child]] = None
                has_parent[rows[child]] = True
        starts = np.concatenate([[0], np.cumsum([len(below) for below in children], dtype=np.int64)]).astype(np.int64)
        below = np.array([child for group in children for child in group], dtype=np.int64)
        roots = _reaching_all(children, np.flatnonzero(~has_parent).tolist())
        return cls(tuple(ids), vectors, starts, below, roots)

    def __len__(self) -> int:
        return len(self.ids)

    def children(self, node: int) -> IntArray:
        """The nodes directly below, shape ``(children,)``."""
        found: IntArray = self.below[self.starts[node] : self.starts[node + 1]]
        return found

    @property
    def leaves(self) -> BoolArray:
        """Which nodes have nothing below them, shape ``(n,)``."""
        found: BoolArray = self.starts[1:] == self.starts[:-1]
        return found

    def cosines(self, query: FloatArray) -> FloatArray:
        """Of every node with a query of unit length, shape ``(n,)``."""
        found: FloatArray = self.vectors @ query if len(self) else np.empty(0, dtype=np.float32)
        return found


def collapsed(tree: Tree, query: FloatArray, k: int, threshold: float = -1.0) -> list[Ranked]:
    """The ``k`` nodes most like the query, of whatever layer, best first; those below the threshold are left out.

    MemTree's own threshold is 0.2, with 3 nodes; RAPTOR takes 10 nodes or more, up to 3,500 tokens, and has none.
    """
    scores = tree.cosines(query)
    usable = np.flatnonzero(scores >= threshold)
    best = usable[np.argsort(-scores[usable], kind="stable")][: max(k, 0)]
    return [Ranked(tree.ids[row], float(scores[row])) for row in best.tolist()]


def traverse(tree: Tree, query: FloatArray, per_layer: int = 5, threshold: float | None = None) -> list[Ranked]:
    """From the roots down: the best of a layer, then the best of their children, and so on. All of them, best first.

    Args:
        tree: what is searched.
        query: of unit length, shape ``(dimension,)``.
        per_layer: how many nodes are kept of a layer.
        threshold: keep those of at least this cosine instead (RAPTOR's is 0.5), however many they are.
    """
    scores = tree.cosines(query)
    found: dict[int, int] = {}
    layer, depth = tree.roots, 0
    while len(layer):
        kept = layer[np.argsort(-scores[layer], kind="stable")]
        kept = kept[scores[kept] >= threshold] if threshold is not None else kept[: max(per_layer, 0)]
        found.update((row, depth) for row in kept.tolist())
        below = dict.fromkeys(child for row in kept.tolist() for child in tree.children(row).tolist())
        layer = np.array([child for child in below if child not in found], dtype=np.int64)
        depth += 1
    ranked = sorted(found, key=lambda row: (-scores[row], row))
    return [Ranked(tree.ids[row], float(scores[row]), found[row]) for row in ranked]


def _reaching_all(children: Sequence[Iterable[int]], roots: list[int]) -> IntArray:
    """These, and one node more for each part of the tree that none of them reaches."""
    seen: set[int] = set()
    found = []
    for start in (*roots, *range(len(children))):
        if start in seen:
            continue
        found.append(start)
        waiting = [start]
        while waiting:
            node = waiting.pop()
            if node not in seen:
                seen.add(node)
                waiting += children[node]
    return np.array(sorted(found), dtype=np.int64)
