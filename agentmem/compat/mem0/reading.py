"""``search`` and ``get_all`` in one scope: what was said, and the facts that were drawn from it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from agentmem.compat.mem0.conditions import Conditions
from agentmem.compat.mem0.identity import of_scope
from agentmem.compat.mem0.items import SAID_BY, Shown
from agentmem.compat.mem0.moments import is_over
from agentmem.engine.filters import matches
from agentmem.errors import InvalidInput, NotFound
from agentmem.handle import ScopeHandle
from agentmem.kinds import CHUNK, FACT
from agentmem.types import Hit, Memory, State

KINDS = (CHUNK, FACT)
THRESHOLD = 0.1
"""mem0's least score where none is given: of what answers a question, hardly anything scores less.

Found by words alone, the only match of a small store may.
"""
_PAGE = 500
_SPARE = 4
"""How many times as many are looked at where some of what is found may not be given out."""


@dataclass(frozen=True, slots=True)
class Question:
    """What ``search`` was asked.

    Attributes:
        text: the question.
        top_k: how many at most.
        threshold: the least score; ``None``: :data:`THRESHOLD` where there are vectors, and 0 where there are none.
        as_of: what was true at this moment, instead of now.
        show_expired: also what has expired.
        explain: tell what scores are made of.
        recipe: another recipe than the store's.
    """

    text: str
    top_k: int
    threshold: float | None
    as_of: datetime | None = None
    show_expired: bool = False
    explain: bool = False
    recipe: str | None = None


def question(
    text: str,
    top_k: int,
    threshold: float | None,
    *,
    as_of: datetime | None = None,
    show_expired: bool = False,
    explain: bool = False,
    recipe: str | None = None,
) -> Question:
    """A question with bounds as mem0 accepts them.

    Raises:
        InvalidInput: an empty text, a negative ``top_k``, or a threshold outside [0, 1].
    """
    if not isinstance(text, str) or not text.strip():
        raise InvalidInput("The query is empty: ask something.")
    if not isinstance(top_k, int) or isinstance(top_k, bool) or top_k < 0:
        raise InvalidInput(f"top_k says how many at most, a whole number from 0, not {top_k!r}.")
    if threshold is not None and (not isinstance(threshold, int | float) or not 0 <= threshold <= 1):
        raise InvalidInput(f"threshold is the least score, from 0 to 1, not {threshold!r}.")
    return Question(text.strip(), top_k, threshold, as_of, show_expired, explain, recipe)


class Reading:
    """One scope as it is given out.

    Args:
        handle: the scope.
        collection: the name with which scopes of identities begin.
        now: the present.
        dense: whether there are vectors; without, everything is found by its words.
    """

    def __init__(self, handle: ScopeHandle, collection: str, now: datetime, *, dense: bool) -> None:
        self._handle = handle
        self._now = now
        self._dense = dense
        self._whose = of_scope(handle.scope, collection)
        self._said: dict[str, Mapping[str, Any]] = {}

    def search(self, question: Question, conditions: Conditions) -> list[Shown]:
        """What answers a question, best first.

        What was said is ranked by the store's recipe. Facts are ranked by their cosine, which is their score, too;
        they lie beside what they were drawn from.
        """
        if not question.top_k:
            return []
        past = question.as_of if not question.show_expired else question.as_of or self._now
        ask = partial(
            self._handle.retrieve,
            question.text,
            since=conditions.since,
            until=conditions.until,
            as_of=past,
            explain=question.explain,
        )
        wanted = question.top_k * (_SPARE if past is not None else 1)
        hits = {hit.id: (hit, hit.score) for hit in ask(k=wanted, where=conditions.where, recipe=question.recipe)}
        if self._has_facts():
            wanted = question.top_k * (_SPARE if past is not None or conditions.where else 1)
            for hit in ask(k=wanted, kinds=[FACT]):
                if self.passes(hit, conditions.where):
                    hits.setdefault(hit.id, (hit, self._closeness(hit)))
        least = question.threshold if question.threshold is not None else THRESHOLD if self._dense else 0.0
        answers = [self._found(hit, score, explain=question.explain) for hit, score in hits.values() if score >= least]
        if not question.show_expired:
            answers = [shown for shown in answers if not is_over(shown.metadata, self._now)]
        answers.sort(key=lambda shown: -(shown.score or 0.0))
        return answers[: question.top_k]

    def listed(self, conditions: Conditions, *, show_expired: bool) -> Iterator[Shown]:
        """Everything that may be found, in order of time."""
        for memory in self.memories(conditions, state=None if show_expired else State.ACTIVE):
            if memory.state is State.ACTIVE and (memory.valid_to is None or memory.valid_to > self._now):
                yield self.shown(memory)

    def memories(self, conditions: Conditions, *, state: str | None) -> Iterator[Memory]:
        """What was said, and facts, that fulfil the conditions."""
        after: str | None = None
        while True:
            page = self._handle.list(
                kinds=KINDS, since=conditions.since, until=conditions.until, state=state, limit=_PAGE, after=after
            )
            yield from (memory for memory in page if self.passes(memory, conditions.where))
            after = page.next
            if after is None:
                return

    def passes(self, memory: Memory | Hit, where: Mapping[str, Any]) -> bool:
        """Whether a memory fulfils conditions; a fact does if all that it was drawn from does."""
        if not where:
            return True
        if memory.kind != FACT:
            return matches(memory.metadata, where)
        origins = dict.fromkeys(source.episode for source in memory.sources)
        return all(matches({**self._inherited(origin), **memory.metadata}, where) for origin in origins)

    def shown(self, memory: Memory) -> Shown:
        """A memory as it is given out."""
        updated = memory.recorded_at if memory.version > 1 else memory.at
        return Shown(memory.id, memory.text, memory.at, updated, self._metadata(memory), self._whose, *_said_by(memory))

    def _found(self, hit: Hit, score: float, *, explain: bool) -> Shown:
        updated = self._handle.get(hit.id).recorded_at if hit.version > 1 else hit.at
        details = None
        if explain:
            details = {"final_score": score, "signals": dict(hit.signals), "reasons": list(hit.reasons)}
        who = _said_by(hit)
        return Shown(hit.id, hit.text, hit.at, updated, self._metadata(hit), self._whose, *who, score, details)

    def _has_facts(self) -> bool:
        return bool(len(self._handle.list(kinds=[FACT], limit=1)))

    def _closeness(self, hit: Hit) -> float:
        return min(1.0, max(0.0, hit.signals.get("dense", 0.0))) if self._dense else hit.score

    def _metadata(self, memory: Memory | Hit) -> Mapping[str, Any]:
        if memory.kind != FACT or not memory.sources:
            return memory.metadata
        return {**self._inherited(memory.sources[0].episode), **memory.metadata}

    def _inherited(self, episode: str) -> Mapping[str, Any]:
        """What a fact takes over from what was said."""
        if episode not in self._said:
            try:
                metadata = self._handle.episode(episode).metadata
            except NotFound:  # forgotten meanwhile
                metadata = {}
            self._said[episode] = {key: value for key, value in metadata.items() if key not in SAID_BY}
        return self._said[episode]


def _said_by(memory: Memory | Hit) -> tuple[str | None, str | None]:
    """Name and role of whoever said it; a fact was said by nobody."""
    return (None, None) if memory.kind == FACT else (memory.speaker, memory.role)
