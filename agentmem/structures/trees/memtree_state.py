"""A MemTree between two proposals: the tree of vectors, and which memory each of its nodes is."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from agentmem.kinds import CHUNK, MEMTREE
from agentmem.operations import Operation, Retire
from agentmem.structures.structure import View
from agentmem.structures.trees.nodes import Nodes
from agentmem.structures.trees.online import ROOT, OnlineTree
from agentmem.structures.trees.threshold import Threshold
from agentmem.structures.trees.vectors import unit_rows
from agentmem.types import Memory

DEPTH = "depth"
"""The metadata of an inner node that tell where it was made. One at the top that was not made there lost its parent."""


@dataclass(slots=True)
class MemTreeState:
    """The tree, the memory ids of its nodes and back, and the memories."""

    tree: OnlineTree
    ids: dict[int, str]
    nodes: dict[str, int]
    members: dict[str, Memory]

    @classmethod
    def load(
        cls, view: View, threshold: Threshold, dimension: int, waiting: Collection[str], *, means: bool
    ) -> MemTreeState:
        """From the store.

        Args:
            view: what is there.
            threshold: of the tree.
            dimension: of its vectors.
            waiting: ids of chunks that are about to be placed; they are left out where they hang from nothing yet.
            means: whether inner nodes stand where their leaves do on average, rather than where their texts do.
        """
        inner = Nodes.read(view, MEMTREE)
        parents = inner.parents()
        chunks = [chunk for chunk in view.memories(CHUNK) if chunk.id in parents or chunk.id not in waiting]
        members = {**inner.memories, **{chunk.id: chunk for chunk in chunks}}
        nodes = {id: node for node, id in enumerate(members, 1)}
        vectors = np.zeros((len(members), dimension), dtype=np.float32)
        if members and dimension:
            vectors[:] = unit_rows(view.vectors(list(members.values())))
        tree = OnlineTree.load(
            [nodes[parents[id][-1]] if id in parents else ROOT for id in members],
            [id in inner.memories for id in members],
            vectors,
            threshold,
            keep=None if means else np.any(vectors != 0, axis=1),
        )
        return cls(tree, {node: id for id, node in nodes.items()}, nodes, members)

    def copy(self) -> MemTreeState:
        """A state of its own."""
        return MemTreeState(self.tree.copy(), dict(self.ids), dict(self.nodes), dict(self.members))

    def name(self, node: int, memory: Memory) -> None:
        """Say which memory a new node is."""
        self.ids[node] = memory.id
        self.nodes[memory.id] = node
        self.members[memory.id] = memory

    def memory(self, node: int) -> Memory:
        """The memory that a node is."""
        return self.members[self.ids[node]]

    def prune(self) -> tuple[Operation, ...]:
        """Take out inner nodes that no longer have anything below them."""
        done: list[Operation] = []
        bare = [node for node in self.tree.nodes() if self._is_bare(node)]
        while bare:
            node = bare.pop()
            parent = self.tree.parent(node)
            memory = self.memory(node)
            self.tree.remove(node)
            del self.members[memory.id], self.nodes[memory.id], self.ids[node]
            done.append(Retire(memory.id, memory.version))
            if parent != ROOT and self._is_bare(parent):
                bare.append(parent)
        return tuple(done)

    def lost(self, waiting: Collection[str]) -> tuple[int, ...]:
        """Nodes at the top that hung from something once, and fit under something there is.

        Of an inner node it is known where it was made. A chunk may have stood at the top from the start, and fit under
        something only since; it is placed where it belongs now all the same.
        """
        return tuple(node for node in self.tree.restless() if self._is_astray(node, waiting))

    def _is_astray(self, node: int, waiting: Collection[str]) -> bool:
        memory = self.memory(node)
        if self.tree.is_leaf(node):
            return memory.id not in waiting
        return bool(memory.metadata.get(DEPTH) != 1)

    def _is_bare(self, node: int) -> bool:
        return not self.tree.is_leaf(node) and not self.tree.children(node)
