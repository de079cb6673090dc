"""mem0's ``Memory`` over an agentmem store."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from types import TracebackType
from typing import Any, Self, Unpack

from agentmem.client import AgentMemory
from agentmem.compat.mem0.conditions import Conditions, conditions
from agentmem.compat.mem0.configuration import COLLECTION, configuration
from agentmem.compat.mem0.errors import MemoryNotFound
from agentmem.compat.mem0.identity import Identity, Whose, identity, required, searched, with_labels
from agentmem.compat.mem0.items import changes, item, listed
from agentmem.compat.mem0.messages import messages_of
from agentmem.compat.mem0.moments import moment
from agentmem.compat.mem0.notes import NO_JUDGE, NO_MODEL, NOT_ACROSS, Notes
from agentmem.compat.mem0.places import Places
from agentmem.compat.mem0.reading import Reading, question
from agentmem.compat.mem0.writing import (
    UNCHANGED,
    circumstances,
    destroy,
    draw_facts,
    refuse_unsupported,
    remember,
    results,
    revise,
)
from agentmem.errors import InvalidInput
from agentmem.handle import ScopeHandle
from agentmem.types import Memory as Kept


class Memory:
    """mem0's calls, on agentmem; docs/from-mem0.md says what differs.

    Everything that cannot be accepted raises a ``ValueError`` (:class:`~agentmem.errors.InvalidInput`).

    Args:
        config: as for :meth:`from_config`; what it leaves out comes from the environment (``AGENTMEM_DB``, ...).
        store: an open store instead; whoever opened it closes it.
        collection: the first name of every scope, with ``store``.
        across_users: let calls that name an agent or a run, but no user, reach the memories of all users, as in mem0.
            Without it they reach only what was added without a user.

    Raises:
        InvalidInput: the configuration has settings that mean nothing here.
        StoreError: the database cannot be used.
    """

    def __init__(
        self,
        config: Mapping[str, Any] | None = None,
        *,
        store: AgentMemory | None = None,
        collection: str = COLLECTION,
        across_users: bool = False,
    ) -> None:
        if store is not None and config is not None:
            raise InvalidInput("Give a config or a store, not both: the store has its models and its place.")
        self._opened = store is None
        if store is None:
            chosen = configuration(config)
            collection = chosen.collection
            store = AgentMemory.open(chosen.path, embedder=chosen.embedder, llm=chosen.llm)
        self._store = store
        self._places = Places(store, collection, across_users)
        self._notes = Notes()

    @classmethod
    def from_config(cls, config_dict: Mapping[str, Any]) -> Self:
        """Open a store by a configuration of mem0's: ``vector_store`` (its path), ``llm`` and ``embedder``.

        Raises:
            InvalidInput: a provider or setting that means nothing here; it says what to write instead.
        """
        return cls(config_dict)

    @property
    def store(self) -> AgentMemory:
        """The store, for what mem0 has no call for."""
        return self._store

    def add(
        self,
        messages: Any,
        *,
        user_id: Any = None,
        agent_id: Any = None,
        run_id: Any = None,
        metadata: Mapping[str, Any] | None = None,
        timestamp: Any = None,
        expiration_date: Any = None,
        infer: bool = True,
        memory_type: str | None = None,
        prompt: str | None = None,
    ) -> dict[str, Any]:
        """Remember messages. They are on disk, and can be found, before any language model is asked.

        Args:
            messages: text, a message, or a list of them.
            user_id: whose memory it is; at least one of the three identifiers is needed.
            agent_id: the agent's.
            run_id: the conversation's.
            metadata: anything JSON can hold.
            timestamp: when it was said, if not now: Unix seconds, ISO 8601, a date or a datetime.
            expiration_date: the last day on which it is found, in UTC; or a datetime, until which it is.
            infer: let the store's language model, if it has one, draw facts from the messages before returning.
            memory_type: refused.
            prompt: refused.

        Returns:
            ``{"results": [{"id", "memory", "event": "ADD", ...}]}``: the messages as stored, then the facts.

        Raises:
            ValidationError: no identifier, messages of a wrong type, or a ``memory_type``.
        """
        refuse_unsupported(memory_type, prompt)
        whose = required(identity(user_id=user_id, agent_id=agent_id, run_id=run_id))
        told = circumstances(whose, metadata, timestamp, expiration_date)
        place = self._places.own(whose)
        stored = remember(place, messages_of(messages, tools=not infer), told, self._store.parts.clock())
        facts: list[Kept] = []
        if infer and self._store.parts.llm is None:
            self._notes.once(NO_MODEL)
        elif infer and stored:
            facts = draw_facts(place.handle, stored)
        return {"results": results(stored, facts)}

    def search(
        self,
        query: str,
        *,
        top_k: int = 20,
        filters: Mapping[str, Any] | None = None,
        threshold: float | None = None,
        rerank: bool = False,
        explain: bool = False,
        reference_date: Any = None,
        show_expired: bool = False,
        **whose: Unpack[Whose],
    ) -> dict[str, Any]:
        """What answers a question, best first.

        Args:
            query: the question.
            top_k: how many at most.
            filters: whose memory, and conditions on metadata.
            threshold: the least score; scores lie in [0, 1]. Default: 0.1, or 0 in a store without embedding model.
            rerank: let the store's language model judge the best, if it has one.
            explain: add ``score_details``.
            reference_date: what was true at this moment, instead of now.
            show_expired: also what has expired.
            whose: ``user_id``, ``agent_id`` and ``run_id``, instead of in ``filters``.

        Returns:
            ``{"results": [{"id", "memory", "score", "metadata", "created_at", ...}]}``

        Raises:
            InvalidInput: nobody's memory is named, an empty query, or a condition that cannot be read.
        """
        named, left = searched(whose, filters)
        judged = rerank and self._store.parts.llm is not None
        if rerank and not judged:
            self._notes.once(NO_JUDGE)
        asked = question(
            query,
            top_k,
            threshold,
            as_of=None if reference_date is None else moment(reference_date, "reference_date"),
            show_expired=show_expired,
            explain=explain,
            recipe="default-rerank" if judged else None,
        )
        found = [shown for reading, chosen in self._reached(named, left) for shown in reading.search(asked, chosen)]
        found.sort(key=lambda shown: -(shown.score or 0.0))
        return {"results": [item(shown) for shown in found[:top_k]]}

    def get_all(
        self,
        *,
        filters: Mapping[str, Any] | None = None,
        top_k: int = 20,
        show_expired: bool = False,
        **whose: Unpack[Whose],
    ) -> dict[str, Any]:
        """The first ``top_k`` memories in order of time; the rest as in :meth:`search`, without scores."""
        named, left = searched(whose, filters)
        question("all", top_k, None)
        found = [
            shown
            for reading, chosen in self._reached(named, left)
            for shown in islice(reading.listed(chosen, show_expired=show_expired), top_k)
        ]
        found.sort(key=lambda shown: shown.created_at)
        return {"results": [listed(shown) for shown in found[:top_k]]}

    def get(self, memory_id: str, **whose: Unpack[Whose]) -> dict[str, Any] | None:
        """One memory, expired or not; ``None`` if there is none.

        As in mem0, whoever has an id can read what it names. Say whose it is, and another's is not found.
        """
        found = self._find(memory_id, whose)
        return None if found is None else item(self._reading(found[0]).shown(found[1]))

    def update(
        self,
        memory_id: str,
        text: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        expiration_date: Any = UNCHANGED,
        data: str | None = None,
        **whose: Unpack[Whose],
    ) -> dict[str, str]:
        """Give a memory a new wording, more metadata (keys that are not named stay), or another expiry (None: never).

        ``data`` is mem0's older name of ``text``. The older version stays in history. ``whose`` as for :meth:`get`.

        Raises:
            InvalidInput: nothing to change.
            MemoryNotFound: there is no such memory.
        """
        text = data if text is None else text
        if text is None and metadata is None and expiration_date is UNCHANGED:
            raise InvalidInput("update() needs a text, metadata or an expiration_date.")
        revise(*self._found(memory_id, whose), text, metadata or {}, expiration_date)
        return {"message": "Memory updated successfully!"}

    def delete(self, memory_id: str, **whose: Unpack[Whose]) -> dict[str, str]:
        """Destroy a memory with the message it comes from, all that was drawn from that, and its history.

        Raises:
            MemoryNotFound: there is no such memory. ``whose`` as for :meth:`get`.
        """
        handle, _ = self._found(memory_id, whose)
        handle.forget(ids=[memory_id])
        return {"message": "Memory deleted successfully!"}

    def delete_all(self, user_id: Any = None, agent_id: Any = None, run_id: Any = None) -> dict[str, str]:
        """Destroy all memories of a user, an agent or a run, as :meth:`delete` does.

        Raises:
            InvalidInput: nobody is named; or no user is, and users have memories with this agent, or run, which would
                be left (not with ``across_users``). Then nothing was destroyed.
        """
        whose = identity(user_id=user_id, agent_id=agent_id, run_id=run_id)
        if whose is None:
            raise InvalidInput("delete_all() needs a user_id, agent_id or run_id. reset() destroys everything.")
        destroy(self._places, whose)
        return {"message": "Memories deleted successfully!"}

    def history(self, memory_id: str, **whose: Unpack[Whose]) -> list[dict[str, Any]]:
        """Every version of a memory, oldest first; empty if there is none, or it was deleted."""
        found = self._find(memory_id, whose)
        return [] if found is None else changes(found[0].history(memory_id))

    def reset(self) -> None:
        """Destroy every memory of the collection."""
        for handle in self._places.all():
            handle.forget(everything=True, compact=False)
        self._store.compact()

    def close(self) -> None:
        """Close the store, if this opened it. Closing twice does no harm."""
        if self._opened:
            self._store.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _reached(self, whose: Identity, filters: Mapping[str, Any]) -> Iterator[tuple[Reading, Conditions]]:
        """Every scope that is meant, with the conditions there."""
        if not self._places.across_users and next(self._places.beyond(whose), None) is not None:
            self._notes.once(NOT_ACROSS)
        for place in self._places.reached(whose):
            yield self._reading(place.handle), conditions(filters, place.labels)

    def _reading(self, handle: ScopeHandle) -> Reading:
        parts = self._store.parts
        return Reading(handle, self._places.collection, parts.clock(), dense=parts.embedder is not None)

    def _find(self, memory_id: str, whose: Whose) -> tuple[ScopeHandle, Kept] | None:
        if not isinstance(memory_id, str):
            raise InvalidInput(f"memory_id is the id of a memory, a string, not {memory_id!r}.")
        found = self._places.find(memory_id, identity(**whose))
        if found is None or not self._reading(found[0].handle).passes(found[1], with_labels(found[0].labels)):
            return None
        return found[0].handle, found[1]

    def _found(self, memory_id: str, whose: Whose) -> tuple[ScopeHandle, Kept]:
        found = self._find(memory_id, whose)
        if found is None:
            raise MemoryNotFound(memory_id)
        return found
