"""Which scopes a call reaches, and in which of them a memory is that is named by its id alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from agentmem.client import AgentMemory
from agentmem.compat.mem0.identity import KEYS, Identity, of_scope
from agentmem.errors import NotFound
from agentmem.handle import ScopeHandle
from agentmem.types import Memory, Scope


@dataclass(frozen=True, slots=True)
class Place:
    """A scope, and what metadata must say there of the identity that was asked for."""

    handle: ScopeHandle
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Places:
    """The scopes of one collection.

    Attributes:
        store: the database.
        collection: the name with which its scopes begin.
        across_users: whether an agent, or a run, named without a user is meant in the scopes of all users.
    """

    store: AgentMemory
    collection: str
    across_users: bool

    def own(self, whose: Identity) -> Place:
        """The scope of an identity, where what is added for it goes."""
        return Place(self.store.scope(whose.scope(self.collection)), whose.labels())

    def reached(self, whose: Identity) -> list[Place]:
        """Every scope that a call for an identity reads."""
        return [self.own(whose), *(self.beyond(whose) if self.across_users else ())]

    def beyond(self, whose: Identity) -> Iterator[Place]:
        """The scopes of users, and of agents, in which an identity without a user, or an agent, may occur too."""
        above = set(KEYS[: KEYS.index(whose.key)])
        for scope in self._scopes():
            if above & of_scope(scope, self.collection).keys():
                yield Place(self.store.scope(scope), whose.given())

    def all(self) -> list[ScopeHandle]:
        """Every scope of the collection."""
        return [self.store.scope(scope) for scope in self._scopes()]

    def find(self, id: str, whose: Identity | None) -> tuple[Place, Memory] | None:
        """A memory and its scope; only in what an identity reaches, where one is given. ``None``: there is none.

        An id is in one scope at most, in all of the database. Whether the memory has the labels is not looked at.
        """
        for place in self._candidates(id) if whose is None else self.reached(whose):
            try:
                memory = place.handle.get(id)
            except NotFound:
                continue
            return place, memory
        return None

    def _candidates(self, id: str) -> Iterator[Place]:
        scope = self.store.scope_of(id)
        if scope is not None and of_scope(scope, self.collection):
            yield Place(self.store.scope(scope))

    def _scopes(self) -> list[Scope]:
        return [scope for scope in self.store.scopes() if of_scope(scope, self.collection)]
