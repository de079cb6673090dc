"""Keeping the indexes abreast of the journal: before every query, whatever was written since is read, by any process.

Two followers share the work. The *mirror* of a scope (catalog and lexical index) lives in this process. The vector
index may live elsewhere; it remembers its own position. Both can be dropped at any time, and fill again.
"""

from __future__ import annotations

import logging
import shutil
import threading
from collections import OrderedDict, defaultdict
from pathlib import Path
from typing import Any

import numpy as np

from agentmem.engine.edge_mirror import EdgeMirror
from agentmem.engine.graph_mirror import GraphMirror
from agentmem.engine.layers import Layer
from agentmem.engine.substring_mirror import SubstringMirror
from agentmem.errors import IndexFailure
from agentmem.index.attached import AttachedIndex
from agentmem.index.graph.memory_graph import MemoryGraph
from agentmem.index.substrings import SubstringIndex
from agentmem.kinds import TEXT, TRIPLE, layer_of
from agentmem.observing import OFF
from agentmem.observing.followers import GRAPH, INDEX, MIRROR, SUBSTRINGS, catching_up
from agentmem.operations import Op
from agentmem.protocols import CatalogRow, Observer, Reader, Space, VectorIndex
from agentmem.types import Scope

logger = logging.getLogger(__name__)

MAX_SLOTS = 2_000_000
"""How many memory versions the mirrors of all scopes may hold together before the longest unused ones are dropped."""
_COUNT_EVERY = 100
_DEAD_SHARE = 0.3


class Mirror:
    """One scope in this process's memory, in layers. Hold ``lock`` while reading it."""

    def __init__(self, observer: Observer = OFF) -> None:
        self.lock = threading.RLock()
        self._observer = observer
        self.embedded = -1
        """The journal number up to which the embed follower is known to be done."""
        self.verified = False
        """Whether the vector index was compared with the database since this process opened it."""
        self.kept: dict[str, tuple[int, dict[str, Any]]] = {}
        """By structure: what it keeps between consolidations, and the journal number up to which that holds."""
        self.reset()

    def reset(self) -> None:
        """Forget everything; the next ``follow`` reads the scope from its beginning."""
        self.position = 0
        self.layers: dict[str, Layer] = {TEXT: Layer()}
        self.graph = GraphMirror()
        self.substrings = SubstringMirror()
        self.edges = EdgeMirror()

    @property
    def texts(self) -> Layer:
        """The layer of the texts themselves."""
        return self.layers[TEXT]

    def layer(self, name: str) -> Layer:
        """A layer, empty if there is no memory of its kind."""
        return self.layers.get(name) or Layer()

    def __len__(self) -> int:
        """How many memory versions are held."""
        return sum(len(layer.catalog) for layer in self.layers.values())

    def follow(self, reader: Reader, head: int) -> None:
        """Take in what was written up to journal number ``head``."""
        if head == self.position:
            return
        with catching_up(self._observer, MIRROR, head - self.position) as told:
            if head < self.position:  # the file was replaced by an older copy
                self.reset()
                self.verified = False
            told(self._take(reader))
        self.position = head

    def follow_graph(self, reader: Reader, model: str | None) -> MemoryGraph:
        """The graph, which takes in the triples and entities that came since."""
        lag = reader.head() - self.graph.position
        if not lag or TRIPLE not in self.layers:
            return self.graph.follow(reader, self.layers, model)
        with catching_up(self._observer, GRAPH, lag) as told:
            before, taken = self.graph.graph, len(self.graph.triples)
            found = self.graph.follow(reader, self.layers, model)
            told(len(self.graph.triples) - (taken if found is before else 0))  # else it was built anew
        return found

    def follow_substrings(self, reader: Reader) -> SubstringIndex:
        """The runs of words of the texts, which take in those that came since."""
        lag = len(self.texts.catalog) - len(self.substrings.index)
        if not lag:
            return self.substrings.index
        with catching_up(self._observer, SUBSTRINGS, lag) as told:
            told(lag)
            return self.substrings.follow(reader, self.texts)

    def _take(self, reader: Reader) -> int:
        """Take in what was written since; returns how many rows that is."""
        gone = reader.entries_since(self.position, Op.FORGET) if self.position else np.empty(0, np.int64)
        if len(gone):
            for layer in self.layers.values():
                layer.kill(gone)
            self.substrings = SubstringMirror()  # its words outlive the texts that they stood in
            if sum(layer.dead for layer in self.layers.values()) > _DEAD_SHARE * len(self):
                self.reset()
        by_layer: dict[str, list[CatalogRow]] = defaultdict(list)
        for row in reader.rows_since(self.position):
            by_layer[layer_of(row.kind)].append(row)
        for name, rows in by_layer.items():
            self.layers.setdefault(name, Layer()).take(rows, reader, derived=name != TEXT)
        return len(gone) + sum(map(len, by_layer.values()))


class Followers:
    """The mirrors of the scopes in use, and the vector index behind them.

    ``leftover`` is the folder in which an index of another kind may have kept vectors of this database: it is only a
    cache, and must not outlive a ``forget``.
    """

    def __init__(self, index: VectorIndex, leftover: Path | None = None, observer: Observer = OFF) -> None:
        self.index = index if isinstance(index, AttachedIndex) else AttachedIndex(index)
        self._observer = observer
        self._leftover = leftover
        self._mirrors: OrderedDict[int, Mirror] = OrderedDict()
        self._numbers: dict[str, int] = {}
        self._lock = threading.Lock()
        self._asked = 0

    def another(self) -> Followers:
        """Followers of the same index for another model, to be attached: these keep their mirrors to themselves."""
        return Followers(self.index.another(), self._leftover, self._observer)

    def seen(self, scope: Scope) -> Mirror | None:
        """The mirror that :meth:`mirror` gave for a scope before; it may be behind."""
        with self._lock:
            return self._mirrors.get(self._numbers.get(scope.path, 0))

    def mirror(self, scope_id: int, scope: Scope | None = None) -> Mirror:
        """The mirror of a scope's number, perhaps empty yet; :meth:`seen` finds it again by the ``scope``, if given."""
        with self._lock:
            if scope is not None:
                self._numbers[scope.path] = scope_id
            mirror = self._mirrors.get(scope_id)
            if mirror is None:
                mirror = self._mirrors[scope_id] = Mirror(self._observer)
            self._mirrors.move_to_end(scope_id)
            self._asked += 1
            if not len(mirror) or self._asked % _COUNT_EVERY == 0:  # counting takes long where there are many scopes
                self._drop_unused()
            return mirror

    def _drop_unused(self) -> None:
        total = sum(len(mirror) for mirror in self._mirrors.values())
        while total > MAX_SLOTS and len(self._mirrors) > 1:
            _, dropped = self._mirrors.popitem(last=False)
            total -= len(dropped)

    def compact(self) -> bool:
        """Erase what was removed from the index, and the folder of one that was used before; False: some is left."""
        if self._leftover is not None and self.index.name != "chroma":
            shutil.rmtree(self._leftover, ignore_errors=True)
        return self.index.compact()

    def drop(self) -> None:
        """Forget all mirrors."""
        with self._lock:
            self._mirrors.clear()
            self._numbers.clear()

    def follow_vectors(self, reader: Reader, mirror: Mirror, head: int, model: str) -> None:
        """Bring the vector index up to journal number ``head``; rebuild the scope in it when it does not add up.

        Raises:
            IndexFailure: it still does not add up after a rebuild.
            EmbedderMismatch: the index was passed on to another model.
        """
        scope = reader.scope_id
        if (position := self.index.position(scope)) != head:
            with catching_up(self._observer, INDEX, head - position) as told:
                told(self._feed(reader, mirror, head, model))
        if mirror.verified:
            return
        if not self._adds_up(reader, model):
            logger.warning("the %s index of scope number %d is stale; it is rebuilt", self.index.name, scope)
            self.index.clear(scope)
            self._feed(reader, mirror, head, model)
            if not self._adds_up(reader, model):
                raise IndexFailure(
                    f"The {self.index.name} index lost vectors while it was rebuilt. Check its disk or server; the "
                    "memories are safe in the database, and index='exact' works without it."
                )
        mirror.verified = True

    def _feed(self, reader: Reader, mirror: Mirror, head: int, model: str) -> int:
        """Give the index what it lacks; returns how many vectors that is."""
        scope = reader.scope_id
        position = self.index.position(scope)
        if position > head:
            if mirror.verified:
                return 0  # another reader is ahead of this one's snapshot; rows it does not know are not asked for
            self.index.clear(scope)  # the database was restored from an older copy
            position = 0
        if position:
            stale = reader.entries_since(position, Op.FORGET, Op.REFRESH)
            if len(stale):
                self.index.remove(scope, stale)
        fed = 0
        for batch in reader.vectors_since(model, position):
            self.index.upsert(Space(scope, batch.view), batch.rows, batch.vectors)
            fed += len(batch.rows)
        self.index.commit(scope, head)
        return fed

    def _adds_up(self, reader: Reader, model: str) -> bool:
        counts = reader.vector_counts(model)
        return all(self.index.count(Space(reader.scope_id, view)) == count for view, count in counts.items())
