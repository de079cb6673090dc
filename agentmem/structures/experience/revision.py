"""Revision: the notes as they shall stand once a batch's insights are merged into them. Writes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmem.prompts.library import render
from agentmem.prompts.replies.notes import NoteRevision
from agentmem.structures.experience.momentum import Entry, apart, with_momentum
from agentmem.structures.questions import Questions
from agentmem.structures.structure import Models
from agentmem.structures.verify import standing, told_besides
from agentmem.text.support import supported
from agentmem.text.words import terms, tokens
from agentmem.types import Memory

_DENYING = frozenset("not no never none nobody nothing neither nor nowhere cannot without hardly barely".split())


def revised(
    notes: Sequence[Memory],
    insights: Sequence[Memory],
    models: Models,
    questions: Questions | None,
    *,
    momentum: float,
    most: int,
) -> list[Entry]:
    """The notes after a batch.

    A model's wording that its notes and insights do not bear out is not taken: they stay apart. Then momentum is
    restored, and what is too much is left out: the last of the new notes, never a former one.

    Args:
        notes: the notes before, at most ``most`` of them.
        insights: what the batch taught.
        models: what may be asked.
        questions: asks the model; ``None``: rules merge.
        momentum: see :mod:`agentmem.structures.experience.momentum`.
        most: how many notes there may be.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model could not be asked.
    """
    if not insights:
        return [Entry(note.text, (number,)) for number, note in enumerate(notes)]
    before, learned = [note.text for note in notes], [insight.text for insight in insights]
    if questions is None:
        entries = _within(_merged(before, learned), notes, most)
    else:
        entries = _asked(notes, insights, models, questions, momentum=momentum, most=most)
    entries = with_momentum(before, learned, entries, momentum)
    new = [entry for entry in entries if not entry.notes]
    room = max(0, most - (len(entries) - len(new)))
    return [entry for entry in entries if entry.notes] + new[:room]


def _merged(notes: Sequence[str], insights: Sequence[str]) -> list[Entry]:
    """By rules: of a note and an insight of which one says all that the other says, the fuller wording stands."""
    entries = [Entry(text, (number,)) for number, text in enumerate(notes)]
    for number, insight in enumerate(insights):
        for place, entry in enumerate(entries):
            if says(entry.text, insight) or says(insight, entry.text):
                text = entry.text if says(entry.text, insight) else insight
                entries[place] = replace(entry, text=text, insights=(*entry.insights, number))
                break
        else:
            entries.append(Entry(insight, (), (number,)))
    return entries


def says(text: str, other: str) -> bool:
    """Whether a text says all that another does: it has its content words and numbers, and denies as much.

    Narrow on purpose: what is merged by rules is not said twice any more.
    """
    words, others = tokens(text), tokens(other)
    if not set(terms(other)) <= set(terms(text)) or _denials(words) != _denials(others):
        return False
    return supported(other, [text], None)


def _denials(words: Sequence[str]) -> int:
    return sum(word in _DENYING or word.endswith(("n't", "n’t")) for word in words)


def _within(entries: Sequence[Entry], notes: Sequence[Memory], most: int) -> list[Entry]:
    """Without the weakest former notes that no insight speaks for, if there are too many."""
    silent = [entry for entry in entries if entry.notes and not entry.insights]
    silent.sort(key=lambda entry: _strength(notes[entry.notes[0]]))
    out = silent[: max(0, len(entries) - most)]
    return [entry for entry in entries if entry not in out]


def _strength(note: Memory) -> tuple[float, int, int, float]:
    """What keeps a note: how it was judged, how often it was found, how much speaks for it, how new it is."""
    return note.strength, note.uses, len(note.sources), note.at.timestamp()


def _asked(
    notes: Sequence[Memory],
    insights: Sequence[Memory],
    models: Models,
    questions: Questions,
    *,
    momentum: float,
    most: int,
) -> list[Entry]:
    before, learned = [note.text for note in notes], [insight.text for insight in insights]
    if not notes:
        return [Entry(text, (), (number,)) for number, text in enumerate(learned)]
    prompt = render(
        "revise_notes",
        notes=_numbered(before),
        insights=_numbered(learned),
        count=str(most),
        share=f"{momentum:.0%}",
    )
    [reply] = questions.ask([prompt], NoteRevision)
    free, fresh = set(range(len(notes))), set(range(len(insights)))
    entries: list[Entry] = []
    for said in reply.notes:
        entry = Entry(" ".join(said.text.split()), _taken(said.notes, free), _taken(said.insights, fresh))
        if not entry.notes and not entry.insights:  # it says nothing of whence it comes
            continue
        known = told_besides([*(notes[place] for place in entry.notes), *(insights[place] for place in entry.insights)])
        shown = [*(before[place] for place in entry.notes), *(learned[place] for place in entry.insights)]
        borne_out = standing(entry.text, shown, known, models.embed) == entry.text
        entries += [entry] if borne_out else apart(before, learned, entry)
    return entries


def _taken(numbers: Sequence[int], free: set[int]) -> tuple[int, ...]:
    """The numbers that exist and are not taken, in order; they are from now on."""
    found = tuple(sorted(free.intersection(numbers)))
    free.difference_update(found)
    return found


def _numbered(texts: Sequence[str]) -> str:
    return "\n".join(f"[{number}] {' '.join(text.split())}" for number, text in enumerate(texts))
