"""The verbs, on one scope."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from agentmem.clock import aware
from agentmem.engine import (
    consolidate,
    forget,
    listing,
    ordering,
    recall,
    remember,
    revise,
    shapes,
    transfer,
    undo,
    waiting,
)
from agentmem.engine.arguments import flag, named, names, spending, turns, whole
from agentmem.engine.exchange import begins_again
from agentmem.engine.filters import Filters
from agentmem.engine.intake import Content, Defaults
from agentmem.engine.parts import Parts
from agentmem.errors import InvalidInput
from agentmem.models.chat.budget import Budget
from agentmem.observing.verbs import verbs
from agentmem.protocols import Selection
from agentmem.retrieval.context import ContextBlock
from agentmem.retrieval.hits import Hits
from agentmem.retrieval.order import Order
from agentmem.types import (
    Certificate,
    Consolidation,
    Episode,
    HistoryEntry,
    Hit,
    Imported,
    Memory,
    Page,
    Progress,
    Receipt,
    Scope,
    State,
    Stats,
    Waiting,
)

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]


def _version(expected: int | None) -> int | None:
    return None if expected is None else whole(expected, "expected_version")


class HasParts(Protocol):
    """Whoever wires the parts: the client, which may exchange them (reindex)."""

    @property
    def parts(self) -> Parts: ...


@verbs("_parts", scope="_scope", apart_from=("reading",))
@begins_again(apart_from=("reading", "add"))  # add consumes what it is given; it sees to every batch by itself
class ScopeHandle:
    """The verbs, on one scope. Cheap to make; get one from :meth:`agentmem.AgentMemory.scope`.

    Every method may raise :class:`~agentmem.errors.StoreError` (busy, full, read-only, damaged, closed); what else it
    raises is said with it. Nothing is ever half-written.
    """

    def __init__(self, owner: HasParts, scope: Scope, others: tuple[Scope, ...] = ()) -> None:
        self._owner = owner
        self._scope = scope
        self._others = others

    @property
    def scope(self) -> Scope:
        """Whose memory this is."""
        return self._scope

    def reading(self, *others: Scope) -> ScopeHandle:
        """A handle that writes here and retrieves from here *and* from other scopes: mine and my team's."""
        if wrong := [other for other in others if not isinstance(other, Scope)]:
            raise InvalidInput(f"reading() takes scopes, such as Scope('acme', 'team'), not {wrong[0]!r}.")
        distinct = dict.fromkeys((*self._others, *others))
        distinct.pop(self._scope, None)
        return ScopeHandle(self._owner, self._scope, tuple(distinct))

    @property
    def _parts(self) -> Parts:
        return self._owner.parts

    def add(
        self,
        content: Content,
        *,
        session: str | None = None,
        at: datetime | None = None,
        speaker: str | None = None,
        role: str | None = None,
        ref: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        index: bool | None = None,
        ttl: timedelta | None = None,
        batch_size: int = 1_000,
        progress: Callable[[Progress], None] | None = None,
    ) -> Receipt:
        """Remember. When this returns, everything is on disk and can be retrieved.

        Args:
            content: text, a :class:`~agentmem.Message`, a :class:`~agentmem.Document`, an OpenAI-style message dict
                (``{"role": "user", "content": "..."}``), or an iterable of them, which may be a stream.
            session: the conversation it belongs to.
            at: when it happened, if not now; history may be added at any later time.
            speaker: who said it.
            role: the chat role. ``system`` and ``tool`` messages are stored, but found only if ``index=True``.
            ref: an idempotency key: adding the same content under it again changes nothing; if that was undone, it
                comes back. For several items it is a prefix; they get ``ref#0``, ``ref#1``, ...
            metadata: anything JSON can hold; ``where=`` filters by it.
            index: whether it can be retrieved; by role when not said.
            ttl: how long it shall be found, and whatever is derived from it; for ever when not said.
            batch_size: how many items share a transaction.
            progress: called after each batch.

        Raises:
            InvalidInput: empty text, a naive datetime, metadata that is not JSON, ...
            RefConflict: other content is stored under the same ``ref``.
            ForgottenRef: content under this ``ref`` was forgotten.
        """
        whole(batch_size, "batch_size")
        defaults = Defaults(session, at, speaker, role, ref, metadata or {}, index, ttl)
        return remember.add(self._parts, self._scope, content, defaults, batch_size=batch_size, progress=progress)

    def retrieve(
        self,
        query: str,
        *,
        k: int = 10,
        kinds: Sequence[str] | None = None,
        session: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        where: Mapping[str, Any] | None = None,
        tokens: int | None = None,
        explain: bool = False,
        recipe: str | None = None,
        conversation: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> Hits:
        """The memories that answer a query, best first.

        Args:
            query: a question, or any text.
            k: how many at most.
            kinds: only memories of these kinds (``"chunk"``, ...).
            session: only from this conversation.
            since: only what happened at or after this moment.
            until: only what happened before this moment.
            as_of: what was true at this moment, instead of now.
            known_at: as was believed at this moment, whatever was learned or changed since.
            where: conditions on metadata, e.g. ``{"topic": "travel", "stars": {"gte": 4}}``.
            tokens: leave out what does not fit into so many tokens.
            explain: give each hit ``reasons`` in words.
            recipe: answer as another recipe would, from what has been built (default: the store's own).
            conversation: the turns before the question, oldest first, for one that points back ("and when did she?").
            budget: the most that the language model may be asked for this question, by recipes that ask it and for
                ``conversation`` (see :class:`agentmem.models.chat.budget.Budget`). When it is spent, the rest is done
                as without a model.

        Returns:
            A list, which also tells what the language model was asked (``usage``), whether the budget was spent
            (``stopped``), and what failed (``failures``). Replies are kept in the scope: what was asked before is free.

        Raises:
            InvalidInput: an unknown recipe, an empty query, ``k`` below 1, a naive datetime, an unknown operator, a
                budget for a language model that cannot be held to one.
        """
        filters = Filters(kinds, session, since, until, as_of, known_at, where or {})
        asked = (turns(conversation), spending(budget))
        if tokens is not None:
            whole(tokens, "tokens")
        request = recall.Request(query, whole(k, "k"), filters, tokens, explain, recipe, *asked)
        return recall.retrieve(self._parts, (self._scope, *self._others), request)

    def context(
        self,
        query: str,
        *,
        tokens: int = 1_000,
        k: int = 50,
        kinds: Sequence[str] | None = None,
        session: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        where: Mapping[str, Any] | None = None,
        recipe: str | None = None,
        conversation: Sequence[str] = (),
        budget: Budget | None = None,
    ) -> ContextBlock:
        """A block of memories ready for a prompt: the best that fit, in order of time, dated, quoted as data, with ids.

        It is a string; ``.hits`` and ``.tokens`` tell what is in it. Arguments and errors as for :meth:`retrieve`.
        """
        filters = Filters(kinds, session, since, until, as_of, known_at, where or {})
        asked = (turns(conversation), spending(budget))
        request = recall.Request(query, whole(k, "k"), filters, None, False, recipe, *asked)
        return recall.context(self._parts, (self._scope, *self._others), request, whole(tokens, "tokens"))

    def order(
        self,
        first: str,
        second: str,
        *,
        session: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
    ) -> Order:
        """Which of two remembered passages came first, and where each of them stands.

        A passage is looked up word for word first (it may go on over several turns), then nearly so, then by its
        meaning. Places are in the order of time; of what was told at one moment, in the order in which it was added;
        within a text, in the order of its words.

        Args:
            first: a passage, such as a sentence or a few.
            second: another one.
            session: look in this conversation only.
            since: only in what happened at or after this moment.
            until: only in what happened before this moment.

        Returns:
            ``order.first`` is 0 if ``first`` came first, 1 if ``second`` did, ``None`` if that is not known;
            ``order.certain`` says whether both stand there word for word, always in this order; ``order.places`` where.

        Raises:
            InvalidInput: a passage is empty, or a datetime naive.
        """
        filters = Filters(session=session, since=since, until=until)
        return ordering.order(self._parts, self._scope, first, second, filters)

    def consolidate(
        self, *, budget: Budget | None = None, dry_run: bool = False, max_retired: float = 0.2
    ) -> Consolidation:
        """Build what the store's recipe is made of, from everything added since the last time; forget by its policy.

        Nothing is lost where it stops: what a failing model or a spent budget left undone is done next time.

        Args:
            budget: the most that the language model may be asked (see :class:`agentmem.models.chat.budget.Budget`).
            dry_run: ask models, write nothing, and report what would be added and changed.
            max_retired: the share of the scope's memories that this may take out of retrieval (because they repeat or
                contradict others, or by the policy of forgetting). What would take more stops, and says so.

        Raises:
            InvalidInput: the language model cannot be held to a budget, or ``max_retired`` is no share.
        """
        return consolidate.consolidate(
            self._parts, self._scope, budget=spending(budget), dry_run=dry_run, max_retired=max_retired
        )

    def waiting(self) -> tuple[Waiting, ...]:
        """What waits for each structure of the store's recipe, and for the embedder: new, failed, dead, and leases."""
        return waiting.waiting(self._parts, self._scope)

    def retry(self, *, dead_only: bool = True) -> int:
        """Make what failed due at once, as if it had never been tried; returns how many episodes or memories that is.

        Args:
            dead_only: only what failed too often to be tried again by itself; otherwise all that failed.
        """
        return waiting.retry(self._parts, self._scope, dead_only=dead_only)

    def graph(self) -> networkx.Graph[str]:
        """The graph of entities and texts that recipes such as ``hipporag2`` walk on; empty before it is built.

        Nodes: entities (``"entity:PHRASE"``) with ``kind="entity"``, ``label`` and ``passages``, how many texts mention
        them; texts, by their memory's id, with ``kind="passage"``, ``label`` and ``text`` (its beginning). Edges have
        ``kind`` (``"relation"``, ``"synonym"``, ``"relation+synonym"`` or ``"mention"``), ``weight``, ``relations``,
        ``cosine``, and ``said``: the triples in words. Synonyms need an embedding model.
        """
        return shapes.graph(self._parts, self._scope)

    def tree(self, kind: str = "memtree") -> networkx.DiGraph[str]:
        """A tree of summaries over the texts, edges from parents to children; empty before it is built.

        Nodes are memories, by id, with ``kind``, ``text``, ``speaker``, ``session``, ``at``, ``state`` and ``depth``
        (0 at the top). A node may have several parents in a ``raptor`` tree. Former rolling summaries are retired, and
        shown below the one that followed. ``tree.graph["alone"]`` counts the texts that are under no node.

        Args:
            kind: ``"memtree"``, ``"raptor"``, ``"memwalker"``, ``"rolling"``, or ``"hierarchy"`` for the domains,
                categories and traces of recipe ``hmem``.

        Raises:
            InvalidInput: there is no such kind of tree.
        """
        return shapes.tree(self._parts, self._scope, kind)

    def get(self, id: str, *, as_of: datetime | None = None, known_at: datetime | None = None) -> Memory:
        """One memory, whatever its state; with ``as_of``, the version that was true then.

        With ``known_at``, as it was believed at that moment. Raises NotFound.
        """
        return listing.get(self._parts, self._scope, named(id, "id"), as_of, known_at)

    def episode(self, id: str) -> Episode:
        """One episode, word for word as it was added. Raises NotFound."""
        return listing.episode(self._parts, self._scope, named(id, "id"))

    def list(
        self,
        *,
        kinds: Sequence[str] | None = None,
        session: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        as_of: datetime | None = None,
        known_at: datetime | None = None,
        where: Mapping[str, Any] | None = None,
        state: str | None = State.ACTIVE,
        limit: int = 100,
        after: str | None = None,
    ) -> Page:
        """Memories in order of time, a page at a time; pass a page's ``next`` as ``after``.

        ``state="active"``, the default, lists what can be retrieved, and facts that have ended, which ``as_of=`` finds;
        ``"retired"`` and ``"quarantined"`` the others, ``None`` all, expired ones included. Other arguments as for
        :meth:`retrieve`.
        """
        filters = Filters(kinds, session, since, until, as_of, known_at, where or {})
        mark = None if after is None else named(after, "after")
        return listing.page(self._parts, self._scope, filters, state, whole(limit, "limit"), mark)

    def history(self, id: str) -> tuple[HistoryEntry, ...]:
        """Every version of a memory, oldest first, with what changed it and why. Raises NotFound."""
        return listing.history(self._parts, self._scope, named(id, "id"))

    def update(
        self,
        id: str,
        *,
        text: str | None = None,
        metadata: Mapping[str, Any] | None = None,
        valid_from: datetime | None = None,
        expected_version: int | None = None,
    ) -> Memory:
        """Open a new version; the old one stays in history and is what ``as_of`` an earlier moment finds.

        Args:
            id: the memory.
            text: its new wording.
            metadata: its new metadata, replacing the old.
            valid_from: since when the new wording is true; default now.
            expected_version: refuse if somebody changed the memory meanwhile.

        Raises:
            NotFound: no such memory.
            VersionConflict: the memory is at another version than ``expected_version``.
            InvalidInput: nothing to change, a ``valid_from`` before the old version's, or a new wording of what has
                ended by then.
        """
        expected = _version(expected_version)
        return revise.update(self._parts, self._scope, named(id, "id"), text, metadata, valid_from, expected)

    def retire(self, id: str, *, expected_version: int | None = None) -> Memory:
        """Take a memory out of retrieval, with facts and triples drawn from it alone; it stays in history.

        Raises NotFound, VersionConflict.
        """
        return revise.retire(self._parts, self._scope, named(id, "id"), _version(expected_version))

    def restore(self, id: str, *, expected_version: int | None = None) -> Memory:
        """Bring a retired memory back, with what was retired with it. Raises NotFound, VersionConflict."""
        return revise.restore(self._parts, self._scope, named(id, "id"), _version(expected_version))

    def pin(self, id: str, pinned: bool = True) -> Memory:
        """Keep a memory whatever its expiry says; ``pinned=False`` ends that. Raises NotFound."""
        return revise.mark(self._parts, self._scope, "pin", named(id, "id"), {"pinned": flag(pinned, "pinned")})

    def feedback(self, hit: Hit | str, *, useful: bool) -> Memory:
        """Say that a memory helped, or did not: it is kept longer, or less long, by a policy of forgetting.

        Raises NotFound.
        """
        id = named(getattr(hit, "id", hit), "hit")
        return revise.feedback(self._parts, self._scope, id, flag(useful, "useful"))

    def expires_at(self, id: str, moment: datetime | None) -> Memory:
        """Let a memory, with facts drawn from it alone, drop out of retrieval at a moment; ``None``: never.

        It stays in history. Raises NotFound.
        """
        moment = None if moment is None else aware(moment, "moment")
        return revise.mark(self._parts, self._scope, "expire", named(id, "id"), {"expires_at": moment})

    def undo(self, run: str) -> str:
        """Take back everything a run did; returns the run that did so, which can be undone in turn.

        Receipts and :meth:`history` name runs. Raises NotFound, CannotUndo.
        """
        return undo.undo(self._parts, self._scope, named(run, "run"))

    def forget(
        self,
        *,
        ids: Sequence[str] | None = None,
        session: str | None = None,
        before: datetime | None = None,
        about: str | None = None,
        everything: bool = False,
        dry_run: bool = False,
        compact: bool = True,
    ) -> Certificate:
        """Destroy: the sources, everything derived from them, every version, vectors and index entries.

        This cannot be undone. Selections add up. The refs of what was destroyed leave tombstones (keyed hashes), and
        identifiers stay in the journal, so that it is not learnt again by mistake, nor imported into this scope.

        Args:
            ids: memories (with the episodes they come from) and episodes (with all memories made from them).
            session: everything of a conversation.
            before: everything that happened before a moment; what was reworded, by when it happened itself.
            about: every episode or memory that mentions this phrase (whole words, any case): in its text, title,
                metadata or ref, or in the name of its speaker or session.
            everything: all of the scope. Its name stays: :meth:`agentmem.AgentMemory.scopes` still lists it. So name
                scopes by identifiers, not by what may have to be forgotten.
            dry_run: only count.
            compact: rewrite the database file, so that no free page holds the text. It takes time in proportion to
                the file; with ``False`` run :meth:`agentmem.AgentMemory.compact` later.

        Raises:
            InvalidInput: nothing selected.
            NotFound: an unknown id; nothing was destroyed.
        """
        for name, value in (("everything", everything), ("dry_run", dry_run), ("compact", compact)):
            flag(value, name)
        selection = Selection(
            ids=() if ids is None else names(ids, "ids"),
            session=None if session is None else named(session, "session"),
            before=None if before is None else aware(before, "before"),
            about=None if about is None else named(about, "about"),
            everything=everything,
        )
        return forget.forget(self._parts, self._scope, selection, dry_run=dry_run, compact=compact)

    def export(self, path: str | os.PathLike[str]) -> int:
        """Write the scope to a file of JSON lines, one object each; returns how many episodes it holds.

        The file is replaced only when all is written. Raises InvalidInput for a path that names no file, or one of the
        database's own.
        """
        return transfer.export(self._parts, self._scope, path)

    def import_(self, path: str | os.PathLike[str]) -> Imported:
        """Read a file :meth:`export` wrote into this scope, all or nothing. Raises InvalidInput."""
        return transfer.import_(self._parts, self._scope, path)

    def stats(self) -> Stats:
        """How much the scope holds."""
        return listing.stats(self._parts, self._scope)

    def __repr__(self) -> str:
        return f"ScopeHandle({self._scope.path!r})"
