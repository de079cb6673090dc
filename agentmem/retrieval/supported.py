"""A rank with supporting facts before it: what hops over plain statements lead to comes first, the rest follows."""

from __future__ import annotations

from dataclasses import replace

from agentmem.retrieval.search import Moment, Rank, Scored
from agentmem.retrieval.state_question import state_question
from agentmem.retrieval.supporting_facts import supporting_facts
from agentmem.retrieval.timeline import TextTimeline

SUPPORTING = "supporting"
"""The signal of what was hopped to: 1 for the first, 1/2 for the second, and so on."""


def facts_first(rank: Rank, *, most: int | None = None, states_only: bool = False) -> Rank:
    """A rank over texts in which supporting facts, if there are any, stand before what ``rank`` finds.

    Args:
        rank: what follows them, and all there is where a question names nothing that a plain statement is about.
        most: how many there may be; ``None``: as many as are asked for.
        states_only: only for questions of state (:attr:`agentmem.retrieval.state_question.StateQuestion.of_state`).
    """

    def ranked(moment: Moment, k: int) -> list[Scored]:
        found = rank(moment, k)
        facts = facts_at(moment, k if most is None else min(most, k), states_only=states_only)
        return put_first(facts, found, k) if facts else found

    return ranked


def facts_at(moment: Moment, limit: int, *, states_only: bool = False) -> list[int]:
    """The rows of the supporting facts of a moment's question, the likeliest first."""
    question = state_question(moment.query.text)
    if question is None or (states_only and not question.of_state):
        return []
    slots = supporting_facts(question, TextTimeline(moment), limit)
    return [int(row) for row in moment.scene.around.rows[slots]] if slots else []


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
