"""Names, dates, numbers and noun phrases of a text, by rules: what a graph of memories can be tied together with.

A text is read once, sentence by sentence (:mod:`agentmem.text.tagging`). Noun phrases are runs of content words between
stop words and verbs, as in RAKE (Rose et al. 2010, "Automatic Keyword Extraction from Individual Documents", section
1.2).
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Literal, NamedTuple

from agentmem.text.tagging import LATIN, Word, tagged

EntityKind = Literal["name", "date", "number", "noun-phrase"]


class Entity(NamedTuple):
    """One mention of something.

    Attributes:
        name: how it is called: white space collapsed, no article before it; for "I" and "my" the speaker's name.
        start: where the mention begins, in code points.
        end: where it ends.
        kind: ``name``, ``date`` and ``number`` are sure enough to link by; ``noun-phrase`` is a candidate.
    """

    name: str
    start: int
    end: int
    kind: EntityKind


MAX_PHRASE = 4
"""The most words a noun phrase has; of a longer run the last words are kept, where its head is."""


def entities(text: str, speaker: str | None = None) -> tuple[Entity, ...]:
    """Everything a text mentions, in order, each mention with its place; mentions do not overlap.

    A capitalised word that opens a sentence is a name if it is not a common word or stands capitalised within another
    sentence. With a ``speaker``, "I", "me" and "my" are mentions of the speaker.
    """
    found: list[Entity] = []
    for sentence in tagged(text):
        if speaker:
            found += _mentions(sentence, speaker)
        found += (Entity(_name(word), word.start, word.end, _KIND[word.tag]) for word in sentence if word.tag in _KIND)
        found += noun_phrases(sentence)
    return tuple(sorted(found, key=lambda entity: entity.start))


def _mentions(sentence: list[Word], speaker: str) -> Iterator[Entity]:
    for word in sentence:
        if word.tag in "rdx" and _is_first_person(word.low):
            yield Entity(speaker, word.start, word.start + len(word.low.partition("'")[0]), "name")


_KIND: dict[str, EntityKind] = {"N": "name", "D": "date", "#": "number"}


def _name(word: Word) -> str:
    return " ".join(word.text.split()).strip("\"“”‘’'")


@lru_cache(maxsize=1000)
def _is_first_person(low: str) -> bool:
    return low.partition("'")[0] in ("i", "me", "my", "mine", "myself")


def noun_phrases(sentence: list[Word]) -> Iterator[Entity]:
    """The noun phrases of a tagged sentence: runs of content words, of at most :data:`MAX_PHRASE` words."""
    run: list[Word] = []
    for word in (*sentence, None):
        if word is not None and word.tag == "c" and LATIN.fullmatch(word.text):
            run.append(word)
            continue
        if run and (len(run) > 1 or len(run[0].low) > 2):
            kept = run[-MAX_PHRASE:]
            yield Entity(" ".join(part.text for part in kept), kept[0].start, kept[-1].end, "noun-phrase")
        run = []
