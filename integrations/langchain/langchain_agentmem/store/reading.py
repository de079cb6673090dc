"""``get``, ``search`` and ``list_namespaces``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from langgraph.store.base import ListNamespacesOp, MatchCondition, SearchOp

from agentmem import Hit, Memory, ScopeHandle
from agentmem.errors import InvalidInput
from langchain_agentmem.store import layout
from langchain_agentmem.store.filtering import checked, matches
from langchain_agentmem.store.keys import PAGE, Keys, listed
from langchain_agentmem.store.layout import Namespace
from langchain_agentmem.store.writing import has_below

_RECIPE = "texts"
"""Items are ranked as texts, whatever recipe the database is opened with: a search asks no language model."""
_ANY = "*"
_ALL_SEEN = 100
"""agentmem ranks at least so many candidates: where it returns fewer, there are no more in that namespace."""

Found = tuple[Memory, float | None]
"""A head, and its score where it was searched by meaning."""


class Reading:
    """Answers the reads of one store."""

    def __init__(self, memory: ScopeHandle, keys: Keys) -> None:
        self._memory = memory
        self._keys = keys

    def search(self, op: SearchOp) -> list[Found]:
        """The heads below a namespace that a filter lets pass: the best first, or the oldest first without a query.

        Raises:
            InvalidInput: a negative limit or offset, or a filter that cannot be read.
        """
        if op.limit < 0 or op.offset < 0:
            raise InvalidInput(f"limit and offset are at least 0, not {op.limit} and {op.offset}.")
        conditions = checked(op.filter)
        prefix = layout.checked_namespace(op.namespace_prefix)
        wanted = op.offset + op.limit
        if op.query and op.query.strip() and wanted:
            return self._by_meaning(op.query, prefix, conditions, wanted)[op.offset :]
        return list(islice(self._listed(prefix, conditions, wanted), op.offset, wanted))

    def namespaces(self, op: ListNamespacesOp) -> list[Namespace]:
        """The namespaces that hold items, sorted; cut at ``max_depth``, each once.

        Raises:
            InvalidInput: a negative limit or offset, or an unknown way to match.
        """
        if op.limit < 0 or op.offset < 0:
            raise InvalidInput(f"limit and offset are at least 0, not {op.limit} and {op.offset}.")
        conditions = op.match_conditions or ()
        found = {layout.address_of(head).namespace for head in self._heads(_certain(conditions))}
        found = {namespace for namespace in found if all(_fits(namespace, condition) for condition in conditions)}
        if op.max_depth is not None:
            found = {namespace[: op.max_depth] for namespace in found}
        return sorted(found)[op.offset : op.offset + op.limit]

    def _heads(self, prefix: Namespace) -> Iterator[Memory]:
        return listed(self._memory, where=layout.where(layout.HEADS, prefix))

    def _place(self, prefix: Namespace) -> tuple[str | None, Namespace]:
        """Where to look: in the session of a namespace with none below, which is fast, or everywhere below."""
        if prefix and not has_below(self._memory, prefix):
            return layout.session_of(prefix), ()
        return None, prefix

    def _listed(self, prefix: Namespace, conditions: Mapping[str, Any], wanted: int) -> Iterator[Found]:
        session, below = self._place(prefix)
        plain = session is not None and not conditions
        heads = listed(
            self._memory,
            session=session,
            where=layout.where(layout.HEADS, below, conditions),
            limit=min(max(wanted, 1), PAGE) if plain else PAGE,
        )
        return ((head, None) for head in heads if matches(layout.value_of(head.metadata), conditions))

    def _by_meaning(self, query: str, prefix: Namespace, conditions: Mapping[str, Any], wanted: int) -> list[Found]:
        session, below = self._place(prefix)
        if session is not None:  # conditions on metadata are checked in all of the scope: go without them if possible
            found, seen = self._best(query, session, None, conditions, wanted)
            if len(found) >= wanted or seen < _ALL_SEEN:
                return found
        where = layout.where((layout.FOUND, layout.PART), below, conditions)
        return self._best(query, session, where, conditions, wanted)[0]

    def _best(
        self,
        query: str,
        session: str | None,
        where: Mapping[str, Any] | None,
        conditions: Mapping[str, Any],
        wanted: int,
    ) -> tuple[list[Found], int]:
        """The best heads, and how many memories were looked at for them."""
        k, heads = wanted, dict[str, Memory | None]()
        while True:
            hits = self._memory.retrieve(query, k=k, kinds=("chunk",), session=session, where=where, recipe=_RECIPE)
            found = dict[str, Found]()
            for hit in hits:
                if hit.id not in heads:
                    heads[hit.id] = self._head(hit)
                head = heads[hit.id]
                if head is not None and matches(layout.value_of(head.metadata), conditions):
                    found.setdefault(head.id, (head, hit.score))
                if len(found) == wanted:
                    break
            if len(found) == wanted or len(hits) < k:
                return list(found.values()), len(hits)
            k *= 2

    def _head(self, hit: Hit) -> Memory | None:
        """The head that a hit stands for; ``None`` for a part that is no longer of its item."""
        if hit.scope != self._memory.scope:  # a handle may read other scopes; the store does not
            return None
        role = hit.metadata.get(layout.ROLE)
        if role == layout.FOUND:
            return self._memory.get(hit.id)
        if role != layout.PART:
            return None
        head = self._keys.find(layout.address_of(hit))
        return head if head is not None and hit.id in layout.parts_of(head) else None


def _certain(conditions: tuple[MatchCondition, ...]) -> Namespace:
    """The longest beginning that every namespace has which fits."""
    found: Namespace = ()
    for condition in conditions:
        if condition.match_type == "prefix":
            certain = condition.path[: condition.path.index(_ANY)] if _ANY in condition.path else condition.path
            found = max(found, tuple(certain), key=len)
    return found


def _fits(namespace: Namespace, condition: MatchCondition) -> bool:
    path = condition.path
    if condition.match_type not in ("prefix", "suffix"):
        raise InvalidInput(f"A namespace is matched by 'prefix' or 'suffix', not {condition.match_type!r}.")
    if len(path) > len(namespace):
        return False
    part = namespace[: len(path)] if condition.match_type == "prefix" else namespace[len(namespace) - len(path) :]
    return all(wanted in (_ANY, label) for label, wanted in zip(part, path, strict=True))
