"""Deciding about pairs without a language model: by what can be seen in the words, and by nothing else.

A wrong merge or a wrong closing is far worse than a missed one. So every rule needs the same subject, overlapping
validity and a statement of the same kind, and what no rule is sure of is ``INDEPENDENT``.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from agentmem.updating import changes, duplicates
from agentmem.updating.decision import Decided, Decision, Pair, Relation
from agentmem.updating.endings import ended
from agentmem.updating.intervals import is_later, overlap
from agentmem.updating.slots import agrees, conflict, slots_of
from agentmem.updating.subjects import begins_with_pronoun
from agentmem.updating.vetoes import moments, subject_known, subjects_known, veto_of


@dataclass(frozen=True, slots=True)
class RuleDecider:
    """See the module's docstring. The same pair always gets the same decision."""

    def decide(self, pairs: Sequence[Pair]) -> Decided:
        """See :class:`agentmem.updating.decision.Decider`; never fails, and costs no model."""
        return Decided(tuple(decide(pair) for pair in pairs))


def decide(pair: Pair) -> Decision:
    """What the rules see in a pair."""
    if not overlap(pair.older, pair.newer):
        return Decision(Relation.INDEPENDENT, "their times do not overlap")
    if not is_later(pair.newer, pair.older):
        return Decision(Relation.INDEPENDENT, "the newer speaks of an earlier time")
    if (reason := subjects_known(pair) or moments(pair)) is not None:
        return Decision(Relation.INDEPENDENT, reason)
    if duplicates.has_nothing_in_common(pair.older.text, pair.newer.text) and not _share_a_slot(pair):
        return Decision(Relation.INDEPENDENT)
    if _is_unnamed(pair):
        return Decision(Relation.INDEPENDENT, "whom it is about is not known")
    if duplicates.is_exact(pair.older.text, pair.newer.text) and veto_of(pair) is None:
        return Decision(Relation.REPEATS, "the same text")
    return _change(pair) or _duplicate(pair) or Decision(Relation.INDEPENDENT)


def is_exact(pair: Pair) -> bool:
    """Whether the rules alone settle the pair: the same words, and nothing that speaks against merging."""
    return duplicates.is_exact(pair.older.text, pair.newer.text) and decide(pair).relation == Relation.REPEATS


def _is_unnamed(pair: Pair) -> bool:
    """Whether "he", "she" or "it" may mean somebody else the second time."""
    if pair.older.valid_from == pair.newer.valid_from:
        return False
    return any(
        subject_known(memory) is None and begins_with_pronoun(memory.text) for memory in (pair.older, pair.newer)
    )


def _share_a_slot(pair: Pair) -> bool:
    one, other = slots_of(pair.older), slots_of(pair.newer)
    return any(first.slot == second.slot for first in one for second in other)


def _duplicate(pair: Pair) -> Decision | None:
    older, newer = pair.older.text, pair.newer.text
    relation = duplicates.same(older, newer, pair.cosine)
    if relation is None:
        relation = _same_slot(pair)
    if relation is None or veto_of(pair) is not None:
        return None
    return Decision(relation, "the same words" if relation == Relation.REPEATS else "the same with more detail")


def _same_slot(pair: Pair) -> Relation | None:
    """Both say nothing but one slot's value, and it is the same one."""
    one, other = slots_of(pair.older), slots_of(pair.newer)
    if any(first.whole and second.whole and agrees(first, second) for first in one for second in other):
        return Relation.REPEATS
    return None


def _are_days_apart(pair: Pair) -> bool:
    return pair.newer.valid_from - pair.older.valid_from > timedelta(days=1)


def _change(pair: Pair) -> Decision | None:
    older, newer = pair.older.text, pair.newer.text
    if ended(older, newer):
        return Decision(Relation.CANCELS, "the newer says that it is over")
    for first in slots_of(pair.older):
        for second in slots_of(pair.newer):
            if conflict(first, second) and not (_are_days_apart(pair) and (first.fleeting or second.fleeting)):
                return Decision(Relation.SUPERSEDES, f"another value of {first.slot.predicate.partition(':')[0]}")
    if changes.denial(older, newer):
        return Decision(Relation.SUPERSEDES, "the newer denies it")
    if changes.new_number(older, newer):
        return Decision(Relation.SUPERSEDES, "the same with another number")
    if changes.replacement(older, newer):
        return Decision(Relation.SUPERSEDES, "the newer says what is instead")
    return None
