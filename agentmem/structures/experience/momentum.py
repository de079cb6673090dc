"""Momentum of notes: whatever a batch of experiences teaches, most of what the notes said must stay. Pure.

In-Memory Learning (arXiv 2403.02757) revises notes as gradient descent revises weights, and keeps old notes from being
swept away by the newest batch. Here that is a number: of the distinct content words of the notes before a revision, at
least a share ``momentum`` must stand in the notes after it. A revision that takes away more is put right, with the
fewest changes that do it: what it left out or reworded is put back, that first which brings back most of what was lost.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from agentmem.text.words import terms


@dataclass(frozen=True, slots=True)
class Entry:
    """A note as it shall read after a revision.

    Attributes:
        text: its wording.
        notes: the places of the former notes it is made of; each is in one entry at most.
        insights: the places of the insights in it.
    """

    text: str
    notes: tuple[int, ...] = ()
    insights: tuple[int, ...] = ()


def retained(before: Iterable[str], after: Iterable[str]) -> float:
    """The share of the distinct content words of texts that others hold too, in [0, 1]; 1 where there are none."""
    old, new = _words(before), _words(after)
    return len(old & new) / len(old) if old else 1.0


def with_momentum(
    notes: Sequence[str], insights: Sequence[str], entries: Sequence[Entry], momentum: float
) -> list[Entry]:
    """The entries, changed back until the notes retain the share ``momentum`` of what they said.

    A note that was left out stands again; an entry that rewords notes gives way to these notes as they were, and to its
    insights, each a note of its own. Among equals, what stands first is put back first.

    Args:
        notes: the notes before.
        insights: what was learned.
        entries: the notes after, as proposed.
        momentum: from 0, where everything may go, to 1, where no word may.
    """
    kept = list(entries)
    old = _words(notes)
    while old and len(old & _words(entry.text for entry in kept)) < momentum * len(old) - 1e-9:
        lost = old - _words(entry.text for entry in kept)
        undoing = [*_left_out(notes, kept), *_reworded(notes, insights, kept)]
        gained = [len(lost & _words(entry.text for entry in put_back)) for _place, put_back in undoing]
        if not gained or max(gained) == 0:  # cannot be: every lost word stands in a note that is out or reworded
            break
        place, put_back = undoing[gained.index(max(gained))]
        if place is not None:
            del kept[place]
        kept += put_back
    return sorted(kept, key=_order)


def _left_out(notes: Sequence[str], entries: Sequence[Entry]) -> list[tuple[int | None, list[Entry]]]:
    there = {number for entry in entries for number in entry.notes}
    return [(None, [Entry(text, (number,))]) for number, text in enumerate(notes) if number not in there]


def _reworded(
    notes: Sequence[str], insights: Sequence[str], entries: Sequence[Entry]
) -> list[tuple[int | None, list[Entry]]]:
    found: list[tuple[int | None, list[Entry]]] = []
    for place, entry in enumerate(entries):
        if entry.notes and (len(entry.notes) > 1 or entry.text != notes[entry.notes[0]]):
            found.append((place, apart(notes, insights, entry)))
    return found


def apart(notes: Sequence[str], insights: Sequence[str], entry: Entry) -> list[Entry]:
    """What an entry is made of, as entries of their own."""
    return [
        *(Entry(notes[number], (number,)) for number in entry.notes),
        *(Entry(insights[number], (), (number,)) for number in entry.insights),
    ]


def _order(entry: Entry) -> tuple[bool, int]:
    """Former notes in their order, then new ones in theirs."""
    return not entry.notes, min(entry.notes or entry.insights, default=0)


def _words(texts: Iterable[str]) -> set[str]:
    return {word for text in texts for word in terms(text)}
