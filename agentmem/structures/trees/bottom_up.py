"""Trees built layer by layer from the leaves up: which nodes there ought to be, against those that are there.

A node that already stands over exactly the children wanted is kept, so that a rebuild writes only what changed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmem.operations import Add, Retire
from agentmem.structures.structure import Models, Proposal, Unit
from agentmem.structures.trees.nodes import Members, Nodes, link, new_node, told
from agentmem.structures.trees.wording import NotWritten, Written, condensed, prompts_of
from agentmem.types import Memory, Usage

NOTHING = Usage()

Group = tuple[str, ...]
"""Ids of what shall stand under one node, in order of time."""


@dataclass(slots=True)
class Building:
    """A kind's tree while it is built.

    Attributes:
        kind: of the nodes.
        models: who summarises, if anybody, and who checks that.
        members: leaves and nodes by id; new nodes join them.
        standing: the node over each set of children, for those that may be kept.
        used: nodes that are part of what was built, kept and new.
        new: nodes that were made since the last proposal, with their children.
        written: what writing them cost.
    """

    kind: str
    models: Models
    members: dict[str, Memory]
    standing: dict[frozenset[str], str]
    used: set[str] = field(default_factory=set)
    new: dict[str, Group] = field(default_factory=dict)
    written: list[Written] = field(default_factory=list)

    @classmethod
    def over(cls, kind: str, models: Models, leaves: Iterable[Memory], nodes: Nodes) -> Building:
        """On these leaves, with the nodes that are there."""
        members = {**nodes.memories, **{leaf.id: leaf for leaf in leaves}}
        standing = {
            frozenset(children): id
            for id, children in nodes.children.items()
            if children and is_current(nodes.memories[id], children, members)
        }
        return cls(kind, models, members, standing)

    def layer(self, groups: Sequence[Group], metadata: Mapping[str, Any] | None = None) -> list[str]:
        """A node over each group; a group of one is its only member. New nodes get this metadata.

        Raises:
            BudgetExhausted: the budget is spent.
            NotWritten: the model gave no usable text for one of them. Nothing is changed then.
        """
        wanted = [group for group in groups if len(group) > 1 and frozenset(group) not in self.standing]
        written = condensed(self.models, [[told(self.members[id]) for id in group] for group in wanted])
        self.written.append(written)
        for group, text in zip(wanted, written.texts, strict=True):
            node = new_node(self.kind, text, [self.members[id] for id in group], metadata=metadata)
            self.members[node.id] = node
            self.standing[frozenset(group)] = node.id
            self.new[node.id] = group
        layer = [self.standing[frozenset(group)] if len(group) > 1 else group[0] for group in groups]
        self.used.update(id for id, group in zip(layer, groups, strict=True) if len(group) > 1)
        return layer

    def finished(self, replaced: Collection[str], units: tuple[Unit, ...], usage: Usage = NOTHING) -> Proposal:
        """What was built since the last time, as a proposal.

        It retires those of ``replaced`` (nodes that were there) that are not used, and adds the new ones. ``usage`` is
        what was spent besides on the way.
        """
        retired = [Retire(id, self.members[id].version) for id in replaced if id not in self.used]
        added = [Add(self.members[id]) for id in self.new]
        edges = [link(parent, child) for parent, group in self.new.items() for child in group]
        usage, prompts = usage + self._spent(), prompts_of(*self.written)
        self.new, self.written = {}, []
        return Proposal((*retired, *added, *edges), units, prompts, usage)

    def failed(self, why: NotWritten, units: tuple[Unit, ...]) -> Proposal:
        """Nothing of what was built since the last time, and why."""
        for id, group in self.new.items():
            del self.members[id], self.standing[frozenset(group)]
        usage = self._spent() + why.usage
        self.new, self.written = {}, []
        return Proposal((), units, usage=usage, failure=why.error)

    def _spent(self) -> Usage:
        return sum((written.usage for written in self.written), Usage())


def is_current(node: Memory, children: Iterable[str], members: Members) -> bool:
    """Whether all that a node summarises is still there, and as it was."""
    below = [members.get(child) for child in children]
    return all(memory is not None and memory.recorded_at <= node.recorded_at for memory in below)


def consecutive(ids: Sequence[str], most: int) -> Iterator[Group]:
    """Groups of up to ``most`` in order, from the start: appending changes only the last."""
    for start in range(0, len(ids), most):
        yield tuple(ids[start : start + most])


def filled(ids: Sequence[str], cost: Callable[[str], int], budget: int) -> Iterator[Group]:
    """Groups in order, each as long as its members' costs stay within the budget; at least one member each."""
    group: list[str] = []
    spent = 0
    for id in ids:
        price = cost(id)
        if group and spent + price > budget:
            yield tuple(group)
            group, spent = [], 0
        group.append(id)
        spent += price
    if group:
        yield tuple(group)
