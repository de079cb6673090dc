"""Events by combined cues: those that fit all of a question's cues of time, place, person and content come first.

The questions are those of the Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121): a question may
ask for all events that fit, the latest, the first, or all in the order in which they happened. What fits no event, or
has no cues, is answered as texts are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

import numpy as np

from agentmem.clock import to_micros
from agentmem.index.exact import top
from agentmem.kinds import EVENT
from agentmem.retrieval.search import Found, Moment, Rank, Scored, Search
from agentmem.structures.events import PLACES, when
from agentmem.text.cues import Cues, Wanted, read_cues
from agentmem.text.phrases import normalise
from agentmem.text.words import terms
from agentmem.types import Memory, Source

READ = 1_000
"""How many events, the likeliest by their words, are held against the cues."""
CUES = "cues"
"""The signal of an event that fits: 1.0, the share of the question's cues that it meets."""


def by_cues(search: Search, rank: Rank, k: int) -> list[Found]:
    """The events that fit all cues, as the question wants them, then texts as ``rank`` has them; at most ``k``.

    A question that does not say which events it wants, and has one cue only beside its content, is left to ``rank``:
    who is named in a conversation is named in most of it. Where it has more, the events that fit are in the order in
    which their texts answer it. A text whose event is there is left out.
    """
    cues = read_cues(search.text, search.now)
    asked = cues.combined or (cues and cues.wanted is not Wanted.BEST)
    fitting = search.look(lambda moment: _fitting(moment, cues), words=dict.fromkeys(cues.words, 1.0)) if asked else []
    texts = search.look(lambda moment: moment.hydrate(rank(moment, k + len(fitting))))
    chosen = ordered(fitting, cues.wanted, texts)[:k]
    events = [
        replace(one, scored=replace(one.scored, score=1.0 - 0.5 * place / len(chosen), signals=_signals(one)))
        for place, one in enumerate(chosen)
    ]
    told = [one.memory for one in chosen]
    others = [one for one in texts if not any(_same(one.memory, event) for event in told)] if told else texts
    scale = 0.5 if told else 1.0
    return [*events, *(replace(one, scored=replace(one.scored, score=scale * one.scored.score)) for one in others)][:k]


def share_met(event: Memory, cues: Cues) -> float:
    """How many of the cues an event meets, as a share in [0, 1]; 1.0 without cues.

    All times of a question are one cue: the event's time must touch one of them. A place is looked for among the
    event's places, and in all its words if it has none; a name in its words and who said it; of a phrase all terms.
    """
    words = normalise(" ".join((event.text, event.speaker or "")))
    names = f" {words} "
    places = event.metadata.get(PLACES) or (words,)
    held = frozenset(terms(f"{event.text} {event.speaker or ''}"))
    met = [any(f" {cue} " in f" {normalise(str(place))} " for place in places) for cue in cues.places]
    met += [f" {cue} " in names for cue in cues.names]
    met += [held.issuperset(phrase) for phrase in cues.content]
    if cues.times:
        span = when(event)
        met.append(span is not None and any(_touch(span, asked) for asked in cues.times))
    return sum(met) / len(met) if met else 1.0


def ordered(fitting: Sequence[Found], wanted: Wanted, texts: Sequence[Found] = ()) -> list[Found]:
    """The events as they are wanted: by time, the latest first, or as their texts are ranked."""
    if wanted in (Wanted.BEST, Wanted.ALL) and texts:
        return sorted(fitting, key=lambda one: _rank(one.memory, texts))  # stable: else by time
    return sorted(fitting, key=_happened, reverse=wanted is Wanted.LATEST)


def _fitting(moment: Moment, cues: Cues) -> list[Found]:
    """The events that meet all cues, in order of time."""
    view = moment.layer(EVENT)
    likely = np.where(view.open, view.bm25, np.float32(0.0)).astype(np.float32)
    rows = [int(view.columns["row"][slot]) for slot in top(likely, READ) if likely[slot] > 0]
    found = moment.hydrate([Scored(row, 0.0, {}) for row in rows])
    return sorted((one for one in found if share_met(one.memory, cues) == 1.0), key=_happened)


def _happened(one: Found) -> tuple[int, int, int]:
    """When it happened, in microseconds since 1970; when it was told; its number: later events have later ones."""
    span = when(one.memory)
    told = to_micros(one.memory.at)
    return told if span is None else to_micros(span[0]), told, one.scored.row


def _rank(event: Memory, texts: Sequence[Found]) -> int:
    return next((place for place, one in enumerate(texts) if _same(one.memory, event)), len(texts))


def _same(text: Memory, event: Memory) -> bool:
    """Whether they come from the same stretch of an episode."""
    return any(_overlap(one, other) for one in text.sources for other in event.sources)


def _overlap(one: Source, other: Source) -> bool:
    return one.episode == other.episode and one.start < other.end and other.start < one.end


def _touch(span: tuple[datetime, datetime], asked: tuple[datetime, datetime]) -> bool:
    """Whether a time, which may be a moment, has a part in another one."""
    since, until = span
    return since < asked[1] and (until > asked[0] or since == until >= asked[0])


def _signals(one: Found) -> dict[str, float]:
    return {**one.scored.signals, CUES: 1.0}
