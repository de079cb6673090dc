"""The noun phrases of a sentence, and what each stands for: whom pronouns mean, and "the river" in a text about one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmem.text.tagging import Word

NEGATIONS = frozenset({"not", "never"})
"""Adverbs that count as part of a verb."""

_FIRST_PERSON = frozenset({"i", "me", "my", "we", "us", "our", "myself", "mine"})
_THIRD_PERSON = frozenset("he she it they him them his her its their himself herself itself themselves".split())
_ITSELF = frozenset({"the", "this", "its"})
_PERSON = re.compile(
    r"(?<!low)(?<!upp)(?<!form)(?<!lat)(?<!out)(?:or|er|ist|ian|ress|man|friend|king|queen|president|aunt|uncle|cousin)$"
)


class NounPhrase(NamedTuple):
    """A noun phrase in a sentence.

    Attributes:
        name: its words without a determiner; a pronoun in lower case.
        tag: as in :class:`~agentmem.text.tagging.Word`: ``N``, ``D``, ``#``, ``c`` or ``r``.
        start: in code points.
        end: in code points.
        determiner: what stood before it, in lower case; empty if nothing did.
    """

    name: str
    tag: str
    start: int
    end: int
    determiner: str

    @property
    def head(self) -> str:
        """The last word, in lower case: what sort of thing it is."""
        return self.name.rpartition(" ")[2].lower()


@dataclass(slots=True)
class Context:
    """What is known, while a text is read, of whom and what its phrases stand for.

    Attributes:
        speaker: whom "I" means; ``None`` if nobody is known to speak.
        title: what the document is about, without a bracket at its end.
        types: nouns that the text has used for what the title names: "the river".
        last: the last name that opened a sentence, whom "she" means in a text without a title.
    """

    speaker: str | None
    title: str | None
    types: set[str] = field(default_factory=set)
    last: str | None = None

    def is_title(self, name: str | None) -> bool:
        """Whether a name is the document's title, or longer or shorter than it."""
        if not name or not self.title:
            return False
        return name.casefold().startswith(self.title.casefold()) or self.title.casefold().startswith(name.casefold())

    def meant(self, phrase: NounPhrase) -> str | None:
        """What a phrase stands for; ``None`` if that is not known."""
        if phrase.tag == "r":
            if phrase.name in _FIRST_PERSON:
                return self.speaker
            return (self.title or self.last) if phrase.name in _THIRD_PERSON else None
        if phrase.tag == "c" and self.title and phrase.determiner in _ITSELF and phrase.head in self.types:
            return self.title
        return phrase.name


def with_noun_phrases(sentence: list[Word]) -> Iterator[NounPhrase | Word]:
    """The sentence with its noun phrases made one item each; determiners and adverbs vanish.

    Common words right after a name make a second phrase with it ("United States citizenship"); right before one they
    describe it ("the actor Tom Hanks") and count if they end as words for people do.
    """
    determiner: Word | None = None
    run: list[Word] = []
    name: Word | None = None  # that the run follows
    for word in (*sentence, None):
        if word is not None and word.tag == "c":
            run.append(word)
            continue
        if run and not (word is not None and word.tag in "N#D" and not _PERSON.search(run[-1].low)):
            kept = run[-3:]
            words = kept if name is None or name.tag == "D" else [name, *kept]
            if name is None or name.tag != "D":
                yield from _owner(determiner)
                title = " ".join(part.text for part in words)
                yield NounPhrase(title, "c", kept[0].start, kept[-1].end, determiner.low if determiner else "")
                determiner = None
        run, name = [], None
        if word is None:
            return
        if word.tag == "d":
            determiner = word
        elif word.tag in "ND#":
            yield from _owner(determiner)
            bare = " ".join(word.text.split()).strip("\"“”‘’'")
            yield NounPhrase(bare, word.tag, word.start, word.end, determiner.low if determiner else "")
            determiner, name = None, word
        elif word.tag == "a":
            if word.low in NEGATIONS:
                yield word._replace(tag="v")
        else:
            yield word if word.tag != "r" else NounPhrase(word.low, "r", word.start, word.end, "")
            determiner = None


def _owner(determiner: Word | None) -> Iterator[NounPhrase | Word]:
    """Reads "my sister" as "I 's sister"."""
    if determiner is not None and (determiner.low in _FIRST_PERSON or determiner.low in _THIRD_PERSON):
        yield NounPhrase(determiner.low, "r", determiner.start, determiner.end, "")
        yield determiner._replace(tag="'", low="'s")
