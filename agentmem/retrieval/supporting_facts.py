"""Supporting facts, hop by hop: from what a question names to who took part, and on to what became of them.

After Memory Networks (Weston et al., arXiv 1410.3916, section 3.1: a first supporting memory is found with the
question, the next with the question and the first) and Dynamic Memory Networks (Kumar et al., arXiv 1506.07285, section
2.3: an episode attends to facts that only the ones before it made relevant), by names, order and time instead of
trained weights. The state of something that takes no part by itself is the state of whom it was last mentioned with.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice, zip_longest
from typing import Protocol

from agentmem.retrieval.state_question import StateQuestion, Terms
from agentmem.text.words import terms

_NARROWED = 3
"""How many statements that hold more of the question than its subject come first."""
_STEPS = 3
"""How many statements beside the one that holds the bound are taken: what stands there may tell something else."""
_LATER = 3
"""After how many rounds through those who took part come earlier mentions."""


class Timeline(Protocol):
    """Plain statements in order of time, each known by a number that says nothing about its time."""

    def about(self, name: Terms) -> Sequence[int]:
        """Those that hold all words of a name, oldest first."""
        ...

    def participants(self, statement: int) -> Sequence[str]:
        """The names that take part in a statement."""
        ...

    def is_before(self, one: int, other: int) -> bool:
        """Whether one happened before another."""
        ...


def supporting_facts(question: StateQuestion, timeline: Timeline, limit: int) -> list[int]:
    """At most so many statements that the answer may follow from, each once, the likeliest first."""
    return list(islice(dict.fromkeys(_facts(question, timeline)), limit))


def _facts(question: StateQuestion, timeline: Timeline) -> Iterator[int]:
    told = timeline.about(question.subject)
    if not told:
        return
    latest = told[-1]
    if _takes_part(question.subject, timeline.participants(latest)):
        yield from _narrowed(question, told, timeline)
        if question.bound is not None:
            yield from _beside(told, question.bound, timeline, after=question.after)
        yield from reversed(told)
        return
    yield latest
    if question.bound is not None:
        yield from _carried(question, told, timeline)
    rounds = zip_longest(*(_around(name, latest, timeline) for name in timeline.participants(latest)))
    passed = [fact for part in rounds for fact in part if fact is not None]
    yield from passed[: 2 * _LATER]
    yield from _narrowed(question, told, timeline)
    yield from list(reversed(told))[1 : 1 + _LATER]
    yield from passed[2 * _LATER :]
    yield from reversed(told)


def _takes_part(name: Terms, participants: Sequence[str]) -> bool:
    return any(set(name) <= set(terms(one)) for one in participants)


def _narrowed(question: StateQuestion, told: Sequence[int], timeline: Timeline) -> list[int]:
    """Of what is told about the subject, what holds most of the rest of the question, latest first."""
    held = dict.fromkeys(told, 0)
    for other in question.others:
        for fact in timeline.about(other):
            if fact in held:
                held[fact] += 1
    most = max(held.values())
    return [fact for fact in reversed(told) if held[fact] == most][:_NARROWED] if most else []


def _beside(told: Sequence[int], bound: Terms, timeline: Timeline, *, after: bool) -> list[int]:
    """The latest of these statements that holds the bound, and those beside it on the side that is asked for."""
    holding = set(timeline.about(bound))
    place = next((place for place in range(len(told) - 1, -1, -1) if told[place] in holding), None)
    if place is None:
        return []
    beside = told[place + 1 : place + 1 + _STEPS] if after else told[max(place - _STEPS, 0) : place][::-1]
    return [told[place], *beside]


def _carried(question: StateQuestion, told: Sequence[int], timeline: Timeline) -> Iterator[int]:
    """For each mention of the subject, latest first: what those who took part did until the next mention."""
    assert question.bound is not None
    following: int | None = None
    for mention in reversed(told):
        for name in timeline.participants(mention):
            theirs = timeline.about(tuple(terms(name)))
            until = [fact for fact in theirs if following is None or timeline.is_before(fact, following)]
            yield from _beside(until, question.bound, timeline, after=question.after)
        following = mention


def _around(name: str, moment: int, timeline: Timeline) -> Iterator[int]:
    """What somebody did after a moment and before it, each latest first, in turns."""
    theirs = [fact for fact in timeline.about(tuple(terms(name))) if fact != moment]
    before = [fact for fact in reversed(theirs) if timeline.is_before(fact, moment)]
    after = [fact for fact in reversed(theirs) if not timeline.is_before(fact, moment)]
    return (fact for pair in zip_longest(after, before) for fact in pair if fact is not None)
