"""What one proposal of a MemTree does: chunks placed, summaries written, and the operations that say so."""

from __future__ import annotations

import math
from collections.abc import Collection, Sequence
from dataclasses import replace

from agentmem.kinds import MEMTREE
from agentmem.operations import Add, Operation, Revise
from agentmem.protocols import FloatArray
from agentmem.structures.structure import Models, Proposal, Unit
from agentmem.structures.trees.memtree_state import DEPTH, MemTreeState
from agentmem.structures.trees.nodes import link, new_node, next_version, told, unlink
from agentmem.structures.trees.online import ROOT, Path
from agentmem.structures.trees.vectors import written_vectors
from agentmem.structures.trees.wording import Merge, NotWritten, Written, merged, prompts_of
from agentmem.types import Memory, Usage

_SMALL = 8
_SAMPLE = 12
_STEP = math.log(1.125)


class Growth:
    """Changes a state, and remembers from what to what.

    Args:
        state: what is grown. After a failure, :attr:`state` is as it was before.
        models: who writes.
        per_unit: write once at the end, rather than after each chunk.
    """

    def __init__(self, state: MemTreeState, models: Models, *, per_unit: bool) -> None:
        self.state = state
        self._models = models
        self._per_unit = per_unit or models.llm is None
        self._before = state if models.llm is None else state.copy()  # without a model nothing can fail
        self._hung: dict[int, int] = {}  # by node: what it hung from before; the root for new ones
        self._old: dict[int, Memory | None] = {}  # by inner node that changed: its memory before, if it had one
        self._additions: dict[int, list[Memory]] = {}  # by inner node: what came below and is not in its text yet
        self._written: list[Written] = []
        self._usage = Usage()

    def unit(self, unit: Unit, vectors: FloatArray) -> Proposal:
        """Place a unit's chunks, whose vectors are given; those that are in the tree already stay."""
        try:
            for chunk, vector in zip(unit.chunks, vectors, strict=True):
                self._chunk(chunk, vector)
            self._write()
        except NotWritten as failed:
            return self._failed(failed, (unit,))
        return self._proposal((unit,))

    def repair(self, waiting: Collection[str]) -> Proposal:
        """Take out inner nodes with nothing below, and put back what lost its parent, unless it is ``waiting``."""
        retired = self.state.prune()
        try:
            for node in self.state.lost(waiting):
                if self.state.tree.fits(node):  # what was put back before may have changed that
                    self._took(self.state.tree.settle(node), self.state.memory(node))
            self._write()
        except NotWritten as failed:  # the tree is as good as before
            return self._failed(failed, ())
        proposal = self._proposal(())
        return replace(proposal, operations=(*retired, *proposal.operations))

    def _chunk(self, chunk: Memory, vector: FloatArray) -> None:
        tree = self.state.tree
        node = self.state.nodes.get(chunk.id)
        if node is None:
            path = tree.place(vector)
            self.state.name(path.node, chunk)
        elif tree.parent(node) == ROOT:  # it lost its parent, or waited for this; its text may have changed
            tree.set_vector(node, vector)
            path = tree.settle(node)
        else:
            return
        self._took(path, chunk)

    def _took(self, path: Path, added: Memory) -> None:
        tree = self.state.tree
        self._hung.setdefault(path.node, ROOT)
        if path.split is not None:
            node, leaf = path.inner[-1], self.state.memory(path.split)
            self._hung.setdefault(path.split, tree.parent(node))
            self._hung[node] = ROOT
            self._old[node] = None
            self.state.name(node, new_node(MEMTREE, told(leaf), [leaf], metadata={DEPTH: tree.depth(node)}))
        for node in path.inner:
            self._old.setdefault(node, self.state.memory(node))
            self._additions.setdefault(node, []).append(added)
        if not self._per_unit:
            self._write()

    def _write(self) -> None:
        """Take what came below into the texts of the nodes above it."""
        state, additions = self.state, self._additions
        self._additions = {}
        if self._models.llm is None:
            additions = {node: _sample(added) for node, added in additions.items() if self._is_due(node, len(added))}
        merges = [
            Merge(state.memory(node).text, tuple(told(memory) for memory in added), state.tree.size(node))
            for node, added in additions.items()
        ]
        written = merged(self._models, merges)
        self._written.append(written)
        self._usage += written.usage
        for text, (node, added) in zip(written.texts, additions.items(), strict=True):
            old = self._old[node]
            memory = next_version(state.memory(node), text, added)
            state.members[memory.id] = replace(memory, version=1 if old is None else old.version + 1)
        vectors, usage = written_vectors([state.memory(node) for node in additions], self._models)
        self._usage += usage
        if vectors is not None:
            for node, vector in zip(additions, vectors, strict=True):
                state.tree.set_vector(node, vector)

    def _is_due(self, node: int, added: int) -> bool:
        """Whether a summary is picked anew: not for each of a thousand texts, but whenever there are an eighth more.

        So a chunk costs a few summaries to pick and embed, however deep the tree, and large ones are of a sample.
        """
        size = self.state.tree.size(node)
        return self._old[node] is None or size - added < _SMALL or _stage(size) != _stage(size - added)

    def _proposal(self, units: tuple[Unit, ...]) -> Proposal:
        adds: list[Operation] = []
        revisions: list[Operation] = []
        for node, old in self._old.items():
            memory = self.state.memory(node)
            if old is None:
                adds.append(Add(memory))
            elif memory.text == old.text:
                self.state.members[old.id] = old  # nothing to write down: neither a version nor a vector
            else:
                revisions.append(Revise(memory, old.version))
        return Proposal(
            operations=(*adds, *revisions, *self._edges()),
            units=units,
            prompts=prompts_of(*self._written),
            usage=self._usage,
        )

    def _edges(self) -> Sequence[Operation]:
        ids, tree = self.state.ids, self.state.tree
        undrawn: list[Operation] = []
        drawn: list[Operation] = []
        for node, before in self._hung.items():
            now = tree.parent(node)
            if now == before:
                continue
            if before != ROOT:
                undrawn.append(unlink(ids[before], ids[node]))
            if now != ROOT:
                drawn.append(link(ids[now], ids[node]))
        return [*undrawn, *drawn]

    def _failed(self, failed: NotWritten, units: tuple[Unit, ...]) -> Proposal:
        self.state = self._before
        return Proposal((), units, usage=self._usage + failed.usage, failure=failed.error)


def _stage(size: int) -> int:
    return int(math.log(max(size, 1)) / _STEP)


def _sample(added: list[Memory]) -> list[Memory]:
    """Some of them, evenly spread, with the last: a summary has no room for more."""
    step = -(-len(added) // _SAMPLE)
    return added[::-1][::step][::-1]
