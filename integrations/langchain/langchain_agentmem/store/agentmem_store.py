"""The store that LangGraph is given."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Literal

from langgraph.store.base import (
    BaseStore,
    GetOp,
    IndexConfig,
    Item,
    ListNamespacesOp,
    Op,
    PutOp,
    Result,
    SearchOp,
    TTLConfig,
)

from agentmem import ScopeHandle
from agentmem import clock as clocks
from agentmem.errors import InvalidInput
from agentmem.types import Certificate, State
from langchain_agentmem.store import layout
from langchain_agentmem.store.keys import Keys, listed
from langchain_agentmem.store.layout import Address
from langchain_agentmem.store.reading import Reading
from langchain_agentmem.store.texts import WHOLE
from langchain_agentmem.store.writing import Writing


class AgentMemStore(BaseStore):
    """A LangGraph store in one scope of an agentmem database: each item a memory with history, found by meaning.

        store = AgentMemStore(AgentMemory.open("memory.db").scope("acme", "assistant"))
        graph = builder.compile(store=store)

    Deleted items are no longer found and stay in history; :meth:`forget` destroys them, or ``destroy=True`` at once.
    Expired items are never returned, as if a sweep ran at every moment. Safe to share between threads; several
    processes may open one database at once. The async methods run on threads.

    Args:
        memory: the scope that holds all of it; no namespace leads out. Give the store a scope of its own.
        index: ``{"fields": [...]}``: the paths that are searched, where ``put`` does not say; default the whole value.
            ``False``: none. Vectors are made by the embedder that the database was opened with.
        ttl: ``default_ttl`` in minutes, and ``refresh_on_read``.
        destroy: whether :meth:`delete` and :meth:`sweep_ttl` destroy what they delete, its history included.
        clock: gives the present; the one that the database was opened with.

    Raises:
        InvalidInput: the memory is no scope's handle, or ``index`` names an embedding model.
    """

    supports_ttl = True

    def __init__(
        self,
        memory: ScopeHandle,
        *,
        index: IndexConfig | Literal[False] | None = None,
        ttl: TTLConfig | None = None,
        destroy: bool = False,
        clock: Callable[[], datetime] = clocks.now,
    ) -> None:
        if not isinstance(memory, ScopeHandle):
            raise InvalidInput(
                f"AgentMemStore takes the handle of a scope, store.scope('acme', 'assistant'), not a "
                f"{type(memory).__name__}. Its async methods need no async handle."
            )
        self.memory = memory
        self.ttl_config = ttl
        self._clock = clock
        self._keys = Keys(memory, clock)
        self._reading = Reading(memory, self._keys)
        self._writing = Writing(memory, self._keys, clock, _fields(index), destroy=destroy)

    def batch(self, ops: Iterable[Op]) -> list[Result]:
        """Carry out operations; all reads see what was there before the writes, as in LangGraph's own stores.

        Each put is complete or not done. Of a batch that fails in the middle, the puts before are done.

        Raises:
            InvalidInput: a value that is not JSON, a filter that cannot be read, a time to live of 0 or less, ...
            InvalidNamespaceError: a namespace with a label that is empty or no string.
        """
        asked = list(ops)
        results = [None if isinstance(op, PutOp) else self._read(op) for op in asked]
        if puts := [op for op in asked if isinstance(op, PutOp)]:
            self._writing.put(puts)
        return results

    async def abatch(self, ops: Iterable[Op]) -> list[Result]:
        """As :meth:`batch`, on a thread. What was begun finishes even if its await is cancelled."""
        return await asyncio.to_thread(self.batch, list(ops))

    def versions(self, namespace: Sequence[str], key: str) -> list[Item]:
        """Every value an item had, oldest first, those before a deletion too; empty after :meth:`forget`."""
        address = Address.of(layout.checked_namespace(namespace), key)
        condition = {**layout.where(layout.HEADS), layout.KEY: {"eq": address.id}}
        session = layout.session_of(address.namespace)
        heads = list(listed(self.memory, session=session, where=condition, state=None))
        found = [layout.item_of(entry.memory, key) for head in heads for entry in self.memory.history(head.id)]
        return sorted(found, key=lambda item: item.updated_at)

    def forget(self, namespace: Sequence[str], key: str | None = None, *, compact: bool = True) -> Certificate:
        """Destroy an item, or all items in a namespace and below, with every version, deleted ones too.

        Args:
            namespace: where; ``()`` is all of the store.
            key: the item; all items when not said.
            compact: rewrite the file so that no free page holds them, see :meth:`agentmem.ScopeHandle.forget`.
        """
        place = layout.checked_namespace(namespace)
        if key is None:
            condition = layout.where((*layout.HEADS, layout.PART, layout.MARKER), place)
            ids = [memory.id for memory in listed(self.memory, where=condition, state=None)]
        else:
            ids = self._writing.ids_of(Address.of(place, key))
        self._keys.drop()
        if not ids:
            return Certificate(run=None, at=self._clock(), dry_run=False)
        return self.memory.forget(ids=ids, compact=compact)

    def sweep_ttl(self) -> int:
        """Delete what has expired; returns how many items that is. They were not found before either."""
        now = self._clock()
        heads = listed(self.memory, where=layout.where(layout.HEADS), state=None)
        expired = [
            head
            for head in heads
            if head.state is State.ACTIVE and head.expires_at is not None and head.expires_at <= now and not head.pinned
        ]
        for head in expired:
            self._writing.remove(head)
        return len(expired)

    def _read(self, op: Op) -> Result:
        if isinstance(op, GetOp):
            head = self._keys.find(Address.of(layout.checked_namespace(op.namespace), op.key))
            if head is None:
                return None
            if op.refresh_ttl:
                self._writing.touch(head)
            return layout.item_of(head, op.key)
        if isinstance(op, SearchOp):
            found = self._reading.search(op)
            if op.refresh_ttl:
                for head, _score in found:
                    self._writing.touch(head)
            return [layout.search_item_of(head, score) for head, score in found]
        if isinstance(op, ListNamespacesOp):
            return self._reading.namespaces(op)
        raise InvalidInput(f"Unknown operation type: {type(op).__name__}. Use those of langgraph.store.base.")

    def __repr__(self) -> str:
        return f"AgentMemStore({self.memory.scope.path!r})"


def _fields(index: Mapping[str, Any] | Literal[False] | None) -> Sequence[str]:
    if index is False:
        return ()
    if index is None:
        return (WHOLE,)
    if index.get("embed") is not None or index.get("dims") is not None:
        raise InvalidInput(
            "An AgentMemStore takes its vectors from the database's own embedder: give it when the database is "
            "opened, AgentMemory.open(path, embedder=LangChainEmbedder(...)), and leave 'embed' and 'dims' out."
        )
    return tuple(index.get("fields") or (WHOLE,))
