"""A tree that grows by one leaf at a time: where a vector belongs, and what changes on the way there.

Numbers and vectors only. The root is structural: it has no vector. A leaf never has children. The vector of an inner
node is the mean of the leaves below it, unless it was set.

Each node keeps its children's vectors in one contiguous block, for that is all a descent looks at: one matrix product
a level, however many nodes the tree has, and however many of them hang from the root.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from agentmem.protocols import BoolArray, FloatArray
from agentmem.structures.trees.order import top_down
from agentmem.structures.trees.threshold import PUBLISHED, Threshold

ROOT = 0
MOST_DEPTH = 16
"""The depth of the deepest leaves; branches that are hung back after a loss may reach deeper."""
_GONE = -1
_FIRST_ROOM = 4
_ROWS_AT_ONCE = 1_024


@dataclass(frozen=True, slots=True)
class Path:
    """What placing a node did.

    Attributes:
        node: the node that was placed.
        inner: the inner nodes above it, from the top, the root left out. Each now stands for the new node too.
        split: the leaf in whose place the last of them was put, and which now is a sibling of the node; ``None`` when
            no node was made.
    """

    node: int
    inner: tuple[int, ...]
    split: int | None = None


class OnlineTree:
    """Nodes are numbers, from 1 in order of creation; 0 is the root. Siblings are in no particular order.

    Insertion follows MemTree (arXiv 2410.14052, section 3): go down to the most similar child while the cosine is at
    least the threshold; a leaf that matches is first replaced by an inner node that holds it. Below
    :data:`MOST_DEPTH` no leaf is replaced: texts that all are the same would make a chain of nodes.
    """

    def __init__(self, dimension: int, threshold: Threshold = PUBLISHED) -> None:
        self.dimension = dimension
        self.threshold = threshold
        self._parents = [_GONE]
        self._children: list[list[int]] = [[]]
        self._rows = [_GONE]  # of a node's vector in its parent's block
        self._depths = [0]
        self._norms = [0.0]  # of the sum of the vectors below
        self._sizes = [0]  # leaves below, itself for a leaf
        self._inner = [True]
        self._blocks: dict[int, FloatArray] = {}
        self._deepest = 0

    @classmethod
    def load(
        cls,
        parents: Sequence[int],
        inner: Sequence[bool],
        vectors: FloatArray,
        threshold: Threshold = PUBLISHED,
        *,
        keep: BoolArray | None = None,
    ) -> OnlineTree:
        """The tree of ``n`` nodes, which get the numbers from 1 on.

        Args:
            parents: for each node its parent's number, 0 for the root. A node on a cycle is hung from the root.
            inner: which nodes are inner ones; a node that is some node's parent is one in any case.
            vectors: unit vectors, or zeros, shape ``(n, dimension)``.
            threshold: see the class.
            keep: inner nodes that keep the vector given; the others get the mean of the leaves below them.
        """
        tree = cls(vectors.shape[1], threshold)
        is_inner = [*inner]
        below: list[list[int]] = [[] for _ in range(len(parents) + 1)]
        for node, parent in enumerate(parents, 1):
            below[parent].append(node)
            if parent != ROOT:
                is_inner[parent - 1] = True
        for flag in is_inner:
            tree._grow(flag)
        order = top_down(below)
        sums = np.zeros((len(parents) + 1, tree.dimension), dtype=np.float32)
        for node, parent in reversed(order):
            if is_inner[node - 1]:
                tree._norms[node] = float(np.linalg.norm(sums[node]))
                if keep is not None and keep[node - 1]:
                    sums[node] = vectors[node - 1] * max(tree._sizes[node], 1)
                    tree._norms[node] = float(tree._sizes[node])
            else:
                sums[node] = vectors[node - 1]
                tree._norms[node], tree._sizes[node] = float(np.linalg.norm(sums[node])), 1
            if parent != ROOT and tree._sizes[node]:
                sums[parent] += sums[node]
                tree._sizes[parent] += tree._sizes[node]
        for node, parent in order:
            norm = tree._norms[node]
            tree._push(parent, node, sums[node] / np.float32(norm) if norm > 0 else sums[node])
        return tree

    def copy(self) -> OnlineTree:
        """A tree of its own."""
        other = OnlineTree(self.dimension, self.threshold)
        other._parents, other._rows, other._depths = [*self._parents], [*self._rows], [*self._depths]
        other._norms, other._sizes, other._inner = [*self._norms], [*self._sizes], [*self._inner]
        other._children = [[*children] for children in self._children]
        other._blocks = {node: block.copy() for node, block in self._blocks.items()}
        other._deepest = self._deepest
        return other

    def __len__(self) -> int:
        """How many nodes there are, the root left out."""
        return sum(1 for _ in self.nodes())

    @property
    def deepest(self) -> int:
        """The depth of the deepest node; children of the root have depth 1."""
        return self._deepest

    def nodes(self) -> Iterator[int]:
        """The nodes, the root left out."""
        return (node for node in range(1, len(self._parents)) if self._parents[node] != _GONE)

    def parent(self, node: int) -> int:
        """The node above; 0 is the root."""
        return self._parents[node]

    def children(self, node: int) -> tuple[int, ...]:
        """The nodes directly below."""
        return tuple(self._children[node])

    def depth(self, node: int) -> int:
        """How many steps from the root."""
        return self._depths[node]

    def size(self, node: int) -> int:
        """How many leaves stand below; 1 for a leaf."""
        return self._sizes[node]

    def is_leaf(self, node: int) -> bool:
        """Whether it is a leaf; an inner node that lost its children is none."""
        return not self._inner[node]

    def vector(self, node: int) -> FloatArray:
        """A copy of the node's unit vector, shape ``(dimension,)``."""
        found: FloatArray = self._vector(node).copy()
        return found

    def set_vector(self, node: int, vector: FloatArray) -> None:
        """Give a node another vector, for example its text's; it counts as the mean of its leaves from then on."""
        self._vector(node)[:] = vector
        self._norms[node] = float(self._sizes[node])

    def place(self, vector: FloatArray) -> Path:
        """Put a new leaf where it belongs. ``vector`` has unit length, or is zero, which is similar to nothing."""
        node = self._grow(inner=False)
        self._norms[node], self._sizes[node] = float(np.linalg.norm(vector)), 1
        return self._settle(node, np.asarray(vector, dtype=np.float32))

    def settle(self, node: int) -> Path:
        """Put a child of the root, with all below it, where it belongs now."""
        return self._settle(node, self._pull(node))

    def fits(self, node: int) -> bool:
        """Whether :meth:`settle` would put this child of the root under another one."""
        cosines = self._cosines(ROOT, self._vector(node))
        cosines[self._rows[node]] = -np.inf
        return bool(cosines.max() >= self.threshold(0, self._deepest))

    def restless(self) -> tuple[int, ...]:
        """The children of the root that fit under another one."""
        top = self._children[ROOT]
        least = self.threshold(0, self._deepest)
        found: list[int] = []
        for start in range(0, len(top), _ROWS_AT_ONCE):
            vectors = self._blocks[ROOT][: len(top)]
            cosines = vectors[start : start + _ROWS_AT_ONCE] @ vectors.T
            cosines[np.arange(len(cosines)), np.arange(start, start + len(cosines))] = -np.inf
            found += [top[start + row] for row in np.flatnonzero(cosines.max(axis=1) >= least).tolist()]
        return tuple(found)

    def remove(self, node: int) -> None:
        """Take a node out; its children hang from the root."""
        for child in self.children(node):
            self._lighten(child)
            self._push(ROOT, child, self._pull(child))
        self._lighten(node)
        self._pull(node)
        self._blocks.pop(node, None)
        self._parents[node] = self._rows[node] = _GONE
        self._deepest = max((self._depths[other] for other in self.nodes()), default=0)

    def _settle(self, node: int, vector: FloatArray) -> Path:
        here, inner, split = ROOT, [], None
        while self._children[here]:
            cosines = self._cosines(here, vector)
            row = int(cosines.argmax())
            if cosines[row] < self.threshold(self._depths[here], self._deepest):
                break
            best = self._children[here][row]
            if not self._inner[best]:
                if self._depths[best] >= MOST_DEPTH:
                    break
                best, split = self._wrap(best), best
            inner.append(best)
            here = best
            if split is not None:
                break
        self._push(here, node, vector)
        total = vector * np.float32(self._norms[node])
        for above in inner:
            self._absorb(above, total, self._sizes[node])
        return Path(node, tuple(inner), split)

    def _cosines(self, node: int, vector: FloatArray) -> FloatArray:
        found: FloatArray = self._blocks[node][: len(self._children[node])] @ vector
        return found

    def _wrap(self, leaf: int) -> int:
        """Put a new inner node in the leaf's place, and the leaf under it."""
        parent, row, vector = self._parents[leaf], self._rows[leaf], self.vector(leaf)
        node = self._grow(inner=True)
        self._norms[node], self._sizes[node] = self._norms[leaf], self._sizes[leaf]
        self._parents[node], self._rows[node], self._depths[node] = parent, row, self._depths[leaf]
        self._children[parent][row] = node  # its vector stands there already
        self._push(node, leaf, vector)
        return node

    def _absorb(self, node: int, total: FloatArray, size: int) -> None:
        vector = self._vector(node)
        added = vector * np.float32(self._norms[node]) + total
        norm = float(np.linalg.norm(added))
        vector[:] = added / np.float32(norm) if norm > 0 else 0.0
        self._norms[node] = norm
        self._sizes[node] += size

    def _lighten(self, node: int) -> None:
        """Take a node's share out of everything above it."""
        total, above = -self._vector(node) * np.float32(self._norms[node]), self._parents[node]
        while above != ROOT:
            self._absorb(above, total, -self._sizes[node])
            above = self._parents[above]

    def _vector(self, node: int) -> FloatArray:
        found: FloatArray = self._blocks[self._parents[node]][self._rows[node]]
        return found

    def _grow(self, inner: bool) -> int:
        self._parents.append(_GONE)
        self._children.append([])
        self._rows.append(_GONE)
        self._depths.append(0)
        self._norms.append(0.0)
        self._sizes.append(0)
        self._inner.append(inner)
        return len(self._parents) - 1

    def _push(self, parent: int, node: int, vector: FloatArray) -> None:
        row = len(self._children[parent])
        block = self._blocks.get(parent)
        if block is None or row == len(block):
            larger = np.zeros((max(2 * row, _FIRST_ROOM), self.dimension), dtype=np.float32)
            if block is not None:
                larger[:row] = block
            self._blocks[parent] = block = larger
        block[row] = vector
        self._children[parent].append(node)
        self._parents[node], self._rows[node] = parent, row
        waiting = [(node, self._depths[parent] + 1)]
        while waiting:
            at, depth = waiting.pop()
            self._depths[at] = depth
            self._deepest = max(self._deepest, depth)
            waiting += [(child, depth + 1) for child in self._children[at]]

    def _pull(self, node: int) -> FloatArray:
        """Take a node off its parent; the last sibling takes its row."""
        parent, row, vector = self._parents[node], self._rows[node], self.vector(node)
        last = self._children[parent].pop()
        if last != node:
            self._children[parent][row] = last
            self._rows[last] = row
            self._blocks[parent][row] = self._blocks[parent][len(self._children[parent])]
        return vector
