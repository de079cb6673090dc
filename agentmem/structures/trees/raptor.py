"""RAPTOR: clusters of alike texts summarised, the summaries clustered again, up to five layers.

Sarthi et al. (ICLR 2024), section 3. How clusters are found, and what differs from the paper there, stands in
:mod:`agentmem.structures.trees.clustering`. Also: a cluster of one text is that text, not a summary of it; and a node
over exactly the texts a new cluster holds is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from agentmem.errors import InvalidInput
from agentmem.kinds import CHUNK, RAPTOR
from agentmem.protocols import FloatArray
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.bottom_up import Building, Group, is_current
from agentmem.structures.trees.clustering import DIMENSIONS, bounded_clusters
from agentmem.structures.trees.nodes import Nodes, told
from agentmem.structures.trees.vectors import chunk_vectors, unit_rows, written_vectors
from agentmem.structures.trees.wording import NotWritten
from agentmem.types import Memory, Usage

_CURRENT = "current"  # kept: too little had changed to build again, so that without new units there is nothing to read


@dataclass(frozen=True, slots=True)
class RaptorTree:
    """The structure. It is built as a whole, in one proposal, and again when enough has changed.

    Attributes:
        rebuild_share: build again when this share of the chunks is under no node; 0: whenever any is not.
        most_layers: of inner nodes.
        cluster_tokens: how long the texts of a cluster may be together.

    Raises:
        InvalidInput: a share outside [0, 1], or no layers or tokens.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    rebuild_share: float = 0.2
    most_layers: int = 5
    cluster_tokens: int = 3_500

    def __post_init__(self) -> None:
        if not 0.0 <= self.rebuild_share <= 1.0 or self.most_layers < 1 or self.cluster_tokens < 1:
            raise InvalidInput("RAPTOR needs a share in [0, 1], and at least 1 layer and 1 token to a cluster.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "raptor"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (RAPTOR,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        All units are completed by one proposal. Up to eleven chunks are their own tree, and cost no summary.
        """
        if view.kept.pop(_CURRENT, False) and not any(unit.chunks for unit in units):
            view.kept[_CURRENT] = True
            yield Proposal((), tuple(units))
            return
        nodes = Nodes.read(view, RAPTOR)
        chunks = {chunk.id: chunk for chunk in view.memories(CHUNK)}
        chunks |= {chunk.id: chunk for unit in units for chunk in unit.chunks if chunk.id not in chunks}
        if not chunks or not self._is_due(chunks, nodes):
            yield Proposal((), tuple(units))
            view.kept[_CURRENT] = True
            return
        building = Building.over(RAPTOR, models, chunks.values(), nodes)
        try:
            usage = self._build(building, list(chunks.values()), view, models)
        except NotWritten as failed:
            yield building.failed(failed, tuple(units))
            return
        yield building.finished(list(nodes.memories), tuple(units), usage)
        view.kept[_CURRENT] = True

    def _is_due(self, chunks: Mapping[str, Memory], nodes: Nodes) -> bool:
        """Whether enough chunks are not reached from a node whose own children are all there."""
        members = {**nodes.memories, **chunks}
        reached = {
            child
            for id, children in nodes.children.items()
            if is_current(nodes.memories[id], children, members)
            for child in children
        }
        missing = sum(id not in reached for id in chunks)
        return not nodes.memories or (missing > 0 and missing >= self.rebuild_share * len(chunks))

    def _build(self, building: Building, chunks: Sequence[Memory], view: View, models: Models) -> Usage:
        usage = Usage()
        layer = [chunk.id for chunk in chunks]
        vectors = dict(zip(layer, chunk_vectors(chunks, view, models), strict=True))
        tokens: dict[str, int] = {}
        for _ in range(self.most_layers):
            if len(layer) <= DIMENSIONS + 1 or not any(vectors[id].any() for id in layer):
                break
            tokens |= {id: models.count_tokens(told(building.members[id])) for id in layer if id not in tokens}
            matrix = np.stack([vectors[id] for id in layer])
            clusters = bounded_clusters(matrix, [tokens[id] for id in layer], self.cluster_tokens)
            groups = [tuple(layer[row] for row in cluster) for cluster in clusters]
            if len(groups) >= len(layer):
                break  # nothing is gathered any more
            above = list(dict.fromkeys(building.layer(groups)))
            made, cost = self._vectors(building, above, groups, vectors, models)
            vectors |= made
            usage += cost
            layer = above
        return usage

    def _vectors(
        self,
        building: Building,
        layer: Sequence[str],
        groups: Sequence[Group],
        vectors: Mapping[str, FloatArray],
        models: Models,
    ) -> tuple[dict[str, FloatArray], Usage]:
        """Of the texts where a model wrote them, else the mean of those below, which is as good and costs nothing."""
        below = {building.standing[frozenset(group)]: group for group in groups if len(group) > 1}
        missing = [id for id in layer if id not in vectors]
        made, usage = written_vectors([building.members[id] for id in missing], models)
        if made is not None:
            return dict(zip(missing, made, strict=True)), usage
        means = [unit_rows(np.sum([vectors[child] for child in below[id]], axis=0)) for id in missing]
        return dict(zip(missing, means, strict=True)), usage
