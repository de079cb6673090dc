"""What hops over plain statements lead to, put before what a rank finds, or between."""

from __future__ import annotations

from dataclasses import replace
from itertools import zip_longest

from agentmem.retrieval.search import Moment, Rank, Scored
from agentmem.retrieval.state_question import StateQuestion, state_question
from agentmem.retrieval.supporting_facts import supporting_facts
from agentmem.retrieval.timeline import TextTimeline

SUPPORTING = "supporting"
"""The signal of what was hopped to: 1 for the first, 1/2 for the second, and so on."""


def facts_between(rank: Rank, most: int) -> Rank:
    """A rank over texts; where a question asks for a place, supporting facts stand between what ``rank`` finds.

    The best that ``rank`` finds stays first, and what is hopped to, which need not be like the question at all, has no
    score of its own: scores of several scopes can be compared.

    Args:
        rank: what the facts stand between, and all there is for other questions
            (:attr:`agentmem.retrieval.state_question.StateQuestion.of_place`).
        most: how many facts there may be.
    """

    def ranked(moment: Moment, k: int) -> list[Scored]:
        found = rank(moment, k)
        question = state_question(moment.query.text)
        if question is None or not question.of_place:
            return found
        return put_between(_rows(question, moment, min(most, k)), found, k)

    return ranked


def facts_at(moment: Moment, limit: int) -> list[int]:
    """The rows of the supporting facts of a moment's question, the likeliest first."""
    question = state_question(moment.query.text)
    return [] if question is None else _rows(question, moment, limit)


def _rows(question: StateQuestion, moment: Moment, limit: int) -> list[int]:
    slots = supporting_facts(question, TextTimeline(moment), limit)
    return [int(row) for row in moment.scene.around.rows[slots]] if slots else []


def put_between(facts: list[int], found: list[Scored], k: int) -> list[Scored]:
    """What was found and the facts in turns, ``k`` in all; a fact has the score of what stands after it, if more."""
    if not found:
        return put_first(facts, found, k)
    known = {one.row: one for one in found}
    telling = {row: 1.0 / (place + 1) for place, row in enumerate(facts)}
    turns = zip_longest((one.row for one in found), facts)
    rows = list(dict.fromkeys(row for turn in turns for row in turn if row is not None))
    merged: list[Scored] = []
    least = 0.0
    for row in reversed(rows):
        scored = known.get(row) or Scored(row, 0.0, {})
        least = max(least, scored.score)
        signals = {**scored.signals, SUPPORTING: telling[row]} if row in telling else scored.signals
        merged.append(replace(scored, score=least, signals=signals))
    return merged[::-1][:k]


def put_first(facts: list[int], found: list[Scored], k: int) -> list[Scored]:
    """The facts in their order and then what was found, ``k`` in all; scores fall evenly from 1 to the best found."""
    known = {one.row: one for one in found}
    rest = [one for one in found if one.row not in set(facts)]
    best = rest[0].score if rest else 0.0
    first = []
    for place, row in enumerate(facts):
        scored = known.get(row) or Scored(row, 0.0, {})
        score = 1.0 - (1.0 - best) * place / len(facts)
        first.append(replace(scored, score=score, signals={**scored.signals, SUPPORTING: 1.0 / (place + 1)}))
    return [*first, *rest][:k]
