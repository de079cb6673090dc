"""``retrieve`` and ``context``: from a query to the memories that answer it.

The recipe says how: its *strategy* decides how often to look (:mod:`agentmem.engine.search`), its *rank* what is best
at each look. For the default: catch up with the journal → analyse the query → candidates by words and by vectors →
signals → one score → the best, read from the database (which enforces the scope once more) → hits with sources.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from agentmem.engine.asking import Asking
from agentmem.engine.filters import Filters
from agentmem.engine.parts import Parts
from agentmem.engine.search import ScopeSearch
from agentmem.errors import InvalidInput
from agentmem.kinds import DERIVED, TEXT, layer_of
from agentmem.llm import LLM
from agentmem.models.chat.budget import Budget
from agentmem.recipes import recipe_named
from agentmem.retrieval.context import ContextBlock, line, render
from agentmem.retrieval.explain import reasons
from agentmem.retrieval.hits import Hits
from agentmem.retrieval.layers import rank_layers
from agentmem.retrieval.pack import pack
from agentmem.retrieval.search import Found
from agentmem.retrieval.standalone import standalone
from agentmem.retrieval.texts import rank_texts
from agentmem.types import Hit, Scope

_SPARE = 8
"""Candidates read beyond ``k`` with ``as_of``, where several versions of a memory may have been true at a moment."""


@dataclass(frozen=True, slots=True)
class Request:
    """What ``retrieve`` was asked."""

    query: str
    k: int
    filters: Filters
    tokens: int | None = None
    explain: bool = False
    recipe: str | None = None
    conversation: tuple[str, ...] = ()
    budget: Budget | None = None

    def checked(self) -> Request:
        """The same with filters in UTC.

        Raises:
            InvalidInput: an empty query, ``k`` or ``tokens`` below 1.
        """
        if not isinstance(self.query, str) or not self.query.strip():
            raise InvalidInput("The query is empty: ask something.")
        if self.k < 1:
            raise InvalidInput(f"k must be at least 1, not {self.k}.")
        if self.tokens is not None and self.tokens < 1:
            raise InvalidInput(f"tokens must be at least 1, not {self.tokens}.")
        return replace(self, filters=self.filters.checked())


def retrieve(parts: Parts, scopes: Sequence[Scope], request: Request) -> Hits:
    """The best hits of all scopes, best first. The conversation belongs to the first scope."""
    request = request.checked()
    asking = Asking(parts, request.budget)
    if request.conversation:
        request = replace(request, query=standalone(request.query, request.conversation, asking.llm(scopes[0])))
    found = [hit for scope in scopes for hit in _in_scope(parts, scope, request, asking.llm(scope))]
    if len(scopes) > 1:
        found.sort(key=lambda hit: -hit.score)
    if request.tokens is not None:
        found = pack(found, lambda hit: parts.count_tokens(line(hit) + "\n"), request.tokens)
    if parts.forgetting.active:
        parts.uses.count(parts.store, ((hit.scope, hit.id) for hit in found[: request.k]), parts.clock())
    asking.log()
    return Hits(found[: request.k], asking.usage, asking.stopped, asking.failures)


def context(parts: Parts, scopes: Sequence[Scope], request: Request, tokens: int) -> ContextBlock:
    """The best hits that fit into a block for a prompt."""
    if tokens < 1:
        raise InvalidInput(f"tokens must be at least 1, not {tokens}.")
    hits = [parts.hooks.shown_hit(hit) for hit in retrieve(parts, scopes, request)]
    return render(hits, tokens, parts.count_tokens, _places(parts, hits))


def _places(parts: Parts, hits: Sequence[Hit]) -> dict[str, int]:
    """By memory, where it stands in the order in which things were added; what was made of texts after the last."""
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for scope in {hit.scope for hit in hits if hit.scope is not None}:
        with parts.store.read(scope) as reader:
            ids = {row: id for id, row in reader.rows_of([hit.id for hit in hits if hit.scope == scope]).items()}
            for row, episode, start, _end in reader.spans(list(ids)).tolist():
                spans[ids[row]].append((episode, start))
    made = {hit.id: layer_of(hit.kind) != TEXT for hit in hits}
    places = {id: (max(found), 1) if made[id] else (min(found), 0) for id, found in spans.items()}
    return {id: place for place, id in enumerate(sorted(places, key=places.__getitem__))}


def _in_scope(parts: Parts, scope: Scope, request: Request, llm: LLM | None) -> list[Hit]:
    recipe = parts.recipe if request.recipe is None else recipe_named(request.recipe)
    rank, layers = recipe.rank, recipe.layers
    kinds = request.filters.kinds or ()
    if DERIVED.intersection(kinds):  # asked for what the recipe may not rank
        asked = dict.fromkeys(map(layer_of, kinds))
        rank, layers = rank_layers(*asked), frozenset(asked) - {TEXT}
    search = ScopeSearch(parts, scope, request.query, request.filters, layers, llm)
    wanted = request.k if request.filters.as_of is None else request.k + _SPARE
    found = recipe.strategy(search, rank, wanted)
    if kinds and not found and rank is recipe.rank:  # texts, asked of a recipe that returns facts
        found = recipe.strategy(search, rank_texts, wanted)
    return _hits(scope, found, request)


def _hits(scope: Scope, found: Sequence[Found], request: Request) -> list[Hit]:
    hits: list[Hit] = []
    seen: set[str] = set()
    for one in found:
        memory, signals = one.memory, one.scored.signals
        if memory.id in seen:  # an older version of one that is there
            continue
        seen.add(memory.id)
        hits.append(
            Hit(
                id=memory.id,
                text=memory.text,
                score=one.scored.score,
                kind=memory.kind,
                at=memory.at,
                sources=memory.sources,
                signals=signals,
                version=memory.version,
                session=memory.session,
                speaker=memory.speaker,
                role=memory.role,
                title=memory.title,
                metadata=memory.metadata,
                scope=scope,
                reasons=reasons(signals, memory) if request.explain else (),
            )
        )
    return hits[: request.k] if request.tokens is None else hits
