"""Subject, predicate, object by patterns: open information extraction without a model.

The published systems ask an LLM for triples (HippoRAG, Gutiérrez et al. 2024, section 2.2). This is the floor under
them: in the manner of ReVerb (Fader et al. 2011, "Identifying Relations for Open Information Extraction", section 3.1)
a relation is what stands between two noun phrases, from a verb to the last preposition. It is meant to tie passages
together in a graph, so every name in a sentence comes to stand in some triple, if only as "mentioned with" another.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

from agentmem.text.tagging import AUXILIARIES, Word, tagged, verb_form

MENTIONED = "mentioned with"
"""The predicate of the fallback."""

MAX_PREDICATE = 4
"""The most words a predicate has."""

_QUALIFIER = re.compile(r"\s*\([^)]*\)\s*$")
_FIRST_PERSON = frozenset({"i", "me", "my", "we", "us", "our", "myself", "mine"})
_THIRD_PERSON = frozenset("he she it they him them his her its their himself herself itself themselves".split())
_ITSELF = frozenset({"the", "this", "its"})
_LINKS = frozenset("of in on at from by for with to as".split())
_COPULAS = frozenset({"is", "was", "are", "were"})
_NEGATIONS = frozenset({"not", "never"})
_PERSON = re.compile(
    r"(?<!low)(?<!upp)(?<!form)(?<!lat)(?<!out)(?:or|er|ist|ian|ress|man|friend|king|queen|president|aunt|uncle|cousin)$"
)


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


class _Phrase(NamedTuple):
    """A noun phrase in a sentence, standing for ``name``; ``tag`` as in :class:`Word`, ``determiner`` before it."""

    name: str
    tag: str
    start: int
    end: int
    determiner: str


@dataclass(slots=True)
class _Reader:
    """What is known while a text is read: whom pronouns mean, and what has been found."""

    speaker: str | None
    title: str | None
    types: set[str] = field(default_factory=set)
    last: str | None = None
    found: dict[tuple[str, str, str], Triple] = field(default_factory=dict)
    caught: set[str] = field(default_factory=set)  # what stands in a triple of the sentence being read

    def add(self, subject: str | None, predicate: str, thing: str | None, span: tuple[int, int]) -> None:
        if not subject or not thing or not predicate or subject.casefold() == thing.casefold():
            return
        words = predicate.split()
        if len(words) > MAX_PREDICATE:
            words = words[:MAX_PREDICATE] if words[-1] == words[-3] else [*words[: MAX_PREDICATE - 1], words[-1]]
        short = " ".join(words)
        key = (subject.casefold(), short, thing.casefold())
        self.caught.update((subject, thing))
        self.found.setdefault(key, Triple(subject, short, thing, *span))

    def is_title(self, name: str | None) -> bool:
        """Whether a name is the document's title, or longer or shorter than it."""
        if not name or not self.title:
            return False
        return name.casefold().startswith(self.title.casefold()) or self.title.casefold().startswith(name.casefold())

    def meant(self, phrase: _Phrase) -> str | None:
        """What a phrase stands for; ``None`` if that is not known."""
        if phrase.tag == "r":
            if phrase.name in _FIRST_PERSON:
                return self.speaker
            return (self.title or self.last) if phrase.name in _THIRD_PERSON else None
        if phrase.tag == "c" and self.title and phrase.determiner in _ITSELF:
            head = phrase.name.rpartition(" ")[2].lower()
            if head in self.types:
                return self.title
        return phrase.name


def triples(text: str, speaker: str | None = None, title: str | None = None) -> tuple[Triple, ...]:
    """The relations a text states, in order, each once.

    "I" and "my" mean the speaker. In a document with a title, "he", "it" and "the river" mean what the title names (a
    bracket at its end is not part of the name); without one, a pronoun means the last name before it.
    """
    name = _QUALIFIER.sub("", title).strip() or title.strip() if title else None
    reader = _Reader(speaker, name, set(name.lower().split()[-1:]) if name else set())
    for sentence in tagged(text):
        _read(sentence, reader)
    return tuple(sorted(reader.found.values(), key=lambda triple: (triple.start, triple.end)))


def _read(sentence: list[Word], reader: _Reader) -> None:
    opens = not reader.found
    reader.caught.clear()
    items = list(_items(sentence))
    _Clauses(reader).read(items)
    names = [item for item in items if isinstance(item, _Phrase) and item.tag == "N"]
    _mention(names, reader)
    if names and opens and reader.is_title(names[0].name):
        reader.add(reader.title, "also called", names[0].name, (names[0].start, names[0].end))
    if names and reader.title is None:
        reader.last = names[0].name


def _mention(names: list[_Phrase], reader: _Reader) -> None:
    """Ties the names that no pattern caught to the title, the speaker, or the sentence's first name."""
    anchor = reader.title or reader.speaker or (names[0].name if names else None)
    missed = [phrase for phrase in names if phrase.name not in reader.caught]
    for phrase in missed:
        reader.add(anchor, MENTIONED, phrase.name, (phrase.start, phrase.end))


def _items(sentence: list[Word]) -> Iterator[_Phrase | Word]:
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
                yield _Phrase(title, "c", kept[0].start, kept[-1].end, determiner.low if determiner else "")
                determiner = None
        run, name = [], None
        if word is None:
            return
        if word.tag == "d":
            determiner = word
        elif word.tag in "ND#":
            yield from _owner(determiner)
            bare = " ".join(word.text.split()).strip("\"“”‘’'")
            yield _Phrase(bare, word.tag, word.start, word.end, determiner.low if determiner else "")
            determiner, name = None, word
        elif word.tag == "a":
            if word.low in _NEGATIONS:
                yield word._replace(tag="v")
        else:
            yield word if word.tag != "r" else _Phrase(word.low, "r", word.start, word.end, "")
            determiner = None


def _owner(determiner: Word | None) -> Iterator[_Phrase | Word]:
    """Reads "my sister" as "I 's sister"."""
    if determiner is not None and (determiner.low in _FIRST_PERSON or determiner.low in _THIRD_PERSON):
        yield _Phrase(determiner.low, "r", determiner.start, determiner.end, "")
        yield determiner._replace(tag="'", low="'s")


@dataclass(slots=True)
class _Clauses:
    """Reads the items of one sentence from left to right and adds what they state.

    Attributes:
        subject: of the clause being read, ``None`` if it is not known.
        owned: of "the editor of X is" and "X's wife is": the subject is X, the predicate begins with this.
        verb: the verb group.
        direct: the verb's direct object, where a preposition follows: "is part of".
        link: the last preposition.
        object: the last phrase stated.
        pending: the last phrase that may yet become a subject.
        fresh: a comma, a conjunction or the sentence's beginning came since the last verb.
        outer: the subject outside a relative clause.
        open: the verb group is still growing.
    """

    reader: _Reader
    subject: str | None = None
    owned: str = ""
    start: int = 0
    verb: list[str] = field(default_factory=list)
    direct: str = ""
    link: str = ""
    object: _Phrase | None = None
    pending: _Phrase | None = None
    fresh: bool = True
    outer: str | None = None
    open: bool = False

    def read(self, items: list[_Phrase | Word]) -> None:
        i = 0
        while i < len(items):
            item = items[i]
            if isinstance(item, _Phrase):
                i = self._phrase(items, i)
                continue
            if item.tag in "vx":
                self._verb(item)
            elif item.tag == "p":
                self._preposition(item)
            elif item.tag == "w":
                self._relative()
            elif item.tag in ",&":
                self._border(items[i + 1] if i + 1 < len(items) else None)
            elif item.text not in "-–()\"“”'&":
                self._finish(item.start)
                self._clear()
                self.fresh, self.pending = True, None
            i += 1
        if items:
            self._finish(items[-1].end)

    def _phrase(self, items: list[_Phrase | Word], i: int) -> int:
        """Takes a noun phrase with what it owns; answers where to go on."""
        item = items[i]
        assert isinstance(item, _Phrase)
        name, owned, i = self._possession(items, i)
        item = items[i - 1] if owned is None else item
        assert isinstance(item, _Phrase)
        stated = bool(self.verb or self.link) and not (self.fresh and _starts_clause(items, i))
        if owned is not None:
            self.reader.add(name, "has", owned.name, (item.start, owned.end))
            if stated:
                self._state(owned, owned.name)
            else:
                self._become(owned, name, owned.name)
        elif stated:
            self._state(item, name)
        elif self._is_apposition(items, i - 1):
            self._apposition(item, items, i)
        else:
            if self.pending is None or self.fresh or self.subject is None:
                self._become(item, name, self.owned if self.subject is None else "")
            self.pending = item
        return i

    def _possession(self, items: list[_Phrase | Word], i: int) -> tuple[str | None, _Phrase | None, int]:
        """Whom or what the phrase names, the common thing that it is said to own, and the place after both."""
        item = items[i]
        assert isinstance(item, _Phrase)
        name = self.reader.meant(item)
        while i + 2 < len(items) and isinstance(mark := items[i + 1], Word) and mark.tag == "'":
            owned = items[i + 2]
            if not isinstance(owned, _Phrase):
                break
            i += 2
            third = items[i + 1] if i + 1 < len(items) else None
            if isinstance(third, _Phrase) and third.tag == "N":  # her sister Anna
                self.reader.add(name, owned.name, third.name, (item.start, third.end))
                return third.name, None, i + 2
            if owned.tag == "c":
                return name, owned, i + 1
            self.reader.add(name, "has", owned.name, (item.start, owned.end))
            item, name = owned, owned.name
        return name, None, i + 1

    def _become(self, item: _Phrase, name: str | None, owned: str) -> None:
        """Makes a phrase the subject."""
        if not owned and item.tag == "c" and item.determiner == "the" and self.reader.title and name == item.name:
            name, owned = self.reader.title, item.name.lower()  # of a document on X, "the editor" is X's
        self.subject, self.owned, self.start = name, owned, item.start
        self._clear()
        self.pending, self.fresh = item, False

    def _clear(self) -> None:
        self.verb, self.direct, self.link, self.object, self.open = [], "", "", None, False

    def _state(self, item: _Phrase, name: str | None) -> None:
        """Makes a phrase the object."""
        reader, span = self.reader, (self.start, item.end)
        verb = _essence(self.verb)
        reader.add(
            self.subject, " ".join(filter(None, (self.owned, verb, self.link and self.direct, self.link))), name, span
        )
        last = self.object
        if last is not None and last.tag == "N" and item.tag == "N" and self.link in _LINKS:
            reader.add(last.name, self.link, name, (last.start, item.end))
        if verb in _COPULAS and not self.link and item.tag == "c" and reader.is_title(self.subject) and not self.owned:
            reader.types.add(_head(item))
        if not self.link and not self.direct and item.tag == "c":
            self.direct = _head(item)
        self.object = item
        self.open = self.fresh = False

    def _verb(self, word: Word) -> None:
        low = "is" if word.low == "'s" else word.low
        last = self.object
        if not self.open:
            if self.fresh and self.pending is not None and last is not None and self.pending is not last:
                self.subject, self.owned = self.reader.meant(self.pending), ""
            bare = last is not None and not self.fresh and word.tag == "v" and _essence(self.verb) not in _COPULAS
            if bare and last is not None and last.tag == "c" and self.verb:  # a dog named Max
                self.verb = [_essence(self.verb), _head(last)]
            else:
                if bare and last is not None and last.tag == "N":
                    self.subject, self.owned, self.start = last.name, "", last.start
                self.verb = []
        self.verb.append(low)
        self.direct, self.link, self.object, self.open, self.fresh = "", "", None, True, False

    def _preposition(self, word: Word) -> None:
        last = self.object
        if not self.verb and not self.link and self.pending is not None and self.pending.tag == "c":
            self.owned = f"{self.owned} {word.low}" if self.owned else f"{_head(self.pending)} {word.low}"
            self.subject = None  # what comes is the subject: "the editor of X"
            return
        if word.low == "of" and last is not None and last.tag == "c" and self.link:
            self.link = f"{self.link} {_head(last)} of"
        elif last is None and self.link:
            self.link = f"{self.link} {word.low}"
        else:
            self.link = word.low
        if self.subject is None and not self.verb:
            self.subject, self.start = self.reader.title or self.reader.speaker, word.start
        self.open = False

    def _relative(self) -> None:
        self._finish(0)
        self.outer = self.subject
        last = self.object or self.pending
        if last is not None:
            self.subject, self.owned, self.start = self.reader.meant(last), "", last.start
        self._clear()

    def _border(self, following: _Phrase | Word | None) -> None:
        self.fresh, self.open = True, False
        if self.outer is not None and isinstance(following, Word) and following.tag in "vx":
            self.subject, self.outer, self.owned = self.outer, None, ""
            self._clear()

    def _finish(self, end: int) -> None:
        """Of "she enjoys painting" the object is the last verb."""
        if self.object is None and len(self.verb) > 1 and self.verb[-1].endswith("ing") and end > self.start:
            self.reader.add(self.subject, _essence(self.verb[:-1]), self.verb[-1], (self.start, end))

    def _is_apposition(self, items: list[_Phrase | Word], i: int) -> bool:
        item, before = items[i], items[i - 1] if i else None
        return (
            isinstance(item, _Phrase)
            and item.tag == "c"
            and item.determiner in ("a", "an", "the")
            and isinstance(before, Word)
            and before.tag == ","
            and self.pending is not None
            and self.pending.tag == "N"
        )

    def _apposition(self, item: _Phrase, items: list[_Phrase | Word], i: int) -> None:
        """Of "X, the director of Y": what X is, and of what."""
        owner = self.reader.meant(self.pending) if self.pending is not None else None
        self.reader.add(owner, "is", item.name, (self.start, item.end))
        if i + 1 < len(items):
            link, target = items[i], items[i + 1]
            if isinstance(link, Word) and link.tag == "p" and isinstance(target, _Phrase):
                predicate = f"{item.name.lower()} {link.low}"
                self.reader.add(owner, predicate, self.reader.meant(target), (self.start, target.end))
                del items[i : i + 2]


def _starts_clause(items: list[_Phrase | Word], i: int) -> bool:
    """Whether a finite verb comes at this place, so that a subject stands before it: "…, and the group plays"."""
    following = items[i] if i < len(items) else None
    return isinstance(following, Word) and following.tag in "vx" and not following.low.endswith("ing")


def _head(phrase: _Phrase) -> str:
    return phrase.name.rpartition(" ")[2].lower()


def _essence(verb: list[str]) -> str:
    """A verb group without its auxiliaries, except the "was" of a passive and every negation."""
    negated = [] if not any(word in _NEGATIONS or word.endswith("n't") for word in verb) else ["not"]
    content = [word for word in verb if word not in AUXILIARIES and word not in _NEGATIONS and word not in _COPULAS]
    copulas = [word for word in verb if word in _COPULAS]
    if not content:
        plain = [word for word in verb if word not in _NEGATIONS and not word.endswith("n't")]
        return " ".join([*negated, *plain[-1:]])
    passive = copulas[:1] if verb_form(content[0]) == "ed" else []
    return " ".join([*negated, *passive, *content[:3]])
