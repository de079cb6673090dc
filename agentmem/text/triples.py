"""Subject, predicate, object by patterns: open information extraction without a model.

The published systems ask an LLM for triples (HippoRAG, Gutiérrez et al. 2024, section 2.2). This is the floor under
them: relations between noun phrases (:mod:`agentmem.text.clauses`). It is meant to tie passages together in a graph, so
every name in a sentence comes to stand in some triple, if only as "mentioned with" another.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmem.text.clauses import Clauses
from agentmem.text.noun_phrases import Context, NounPhrase, with_noun_phrases
from agentmem.text.tagging import Word, tagged

MENTIONED = "mentioned with"
"""The predicate of the fallback."""

MAX_PREDICATE = 4
"""The most words a predicate has."""

_QUALIFIER = re.compile(r"\s*\([^)]*\)\s*$")


class Triple(NamedTuple):
    """A relation, and where it stands.

    Attributes:
        subject: a name or a noun phrase; a pronoun has been replaced by what it stands for.
        predicate: at most :data:`MAX_PREDICATE` words.
        object: a name, date, number or noun phrase.
        start: where the part of the text that states it begins, in code points.
        end: where it ends.
    """

    subject: str
    predicate: str
    object: str
    start: int
    end: int


@dataclass(slots=True)
class _Found:
    """The triples found so far, each once; ``caught`` is what stands in one of the sentence being read."""

    triples: dict[tuple[str, str, str], Triple] = field(default_factory=dict)
    caught: set[str] = field(default_factory=set)

    def add(self, subject: str | None, predicate: str, thing: str | None, span: tuple[int, int]) -> None:
        """Keeps a relation whose ends are known and differ; see :data:`~agentmem.text.clauses.Tell`."""
        if not subject or not thing or not predicate or subject.casefold() == thing.casefold():
            return
        words = predicate.split()
        if len(words) > MAX_PREDICATE:
            words = words[:MAX_PREDICATE] if words[-1] == words[-3] else [*words[: MAX_PREDICATE - 1], words[-1]]
        short = " ".join(words)
        key = (subject.casefold(), short, thing.casefold())
        self.caught.update((subject, thing))
        self.triples.setdefault(key, Triple(subject, short, thing, *span))


def triples(text: str, speaker: str | None = None, title: str | None = None) -> tuple[Triple, ...]:
    """The relations a text states, in order, each once.

    "I" and "my" mean the speaker. In a document with a title, "he", "it" and "the river" mean what the title names (a
    bracket at its end is not part of the name); without one, a pronoun means the last name before it.
    """
    name = _QUALIFIER.sub("", title).strip() or title.strip() if title else None
    context = Context(speaker, name, set(name.lower().split()[-1:]) if name else set())
    found = _Found()
    for sentence in tagged(text):
        _read(sentence, context, found)
    return tuple(sorted(found.triples.values(), key=lambda triple: (triple.start, triple.end)))


def _read(sentence: list[Word], context: Context, found: _Found) -> None:
    opens = not found.triples
    found.caught.clear()
    items = list(with_noun_phrases(sentence))
    Clauses(context, found.add).read(items)
    names = [item for item in items if isinstance(item, NounPhrase) and item.tag == "N"]
    _mention(names, context, found)
    if names and opens and context.is_title(names[0].name):
        found.add(context.title, "also called", names[0].name, (names[0].start, names[0].end))
    if names and context.title is None:
        context.last = names[0].name


def _mention(names: list[NounPhrase], context: Context, found: _Found) -> None:
    """Ties the names that no pattern caught to the title, the speaker, or the sentence's first name."""
    anchor = context.title or context.speaker or (names[0].name if names else None)
    missed = [phrase for phrase in names if phrase.name not in found.caught]
    for phrase in missed:
        found.add(anchor, MENTIONED, phrase.name, (phrase.start, phrase.end))
