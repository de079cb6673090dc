"""What the clauses of a sentence state, read from left to right: who does what to whom.

In the manner of ReVerb (Fader et al. 2011, "Identifying Relations for Open Information Extraction", section 3.1) a
relation is what stands between two noun phrases, from a verb to the last preposition.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from agentmem.text.noun_phrases import NEGATIONS, Context, NounPhrase
from agentmem.text.tagging import Word
from agentmem.text.vocabulary import AUXILIARIES, verb_form

Tell = Callable[[str | None, str, str | None, tuple[int, int]], None]
"""Is told a relation: subject, predicate, object, and from where to where the text states it, in code points.

A subject or object that is not known is ``None``: such a relation is nothing to keep.
"""

_LINKS = frozenset("of in on at from by for with to as".split())
_COPULAS = frozenset({"is", "was", "are", "were"})


@dataclass(slots=True)
class Clauses:
    """Reads the items of one sentence from left to right and tells what they state. For one sentence only.

    Attributes:
        context: what phrases stand for; learns what sort of thing the title names.
        tell: is called with each relation as it is found.
        subject: of the clause being read, ``None`` if it is not known.
        owned: of "the editor of X is" and "X's wife is": the subject is X, the predicate begins with this.
        start: where the clause begins, in code points.
        verb: the verb group.
        direct: the verb's direct object, where a preposition follows: "is part of".
        link: the last preposition.
        object: the last phrase stated.
        pending: the last phrase that may yet become a subject.
        fresh: a comma, a conjunction or the sentence's beginning came since the last verb.
        outer: the subject outside a relative clause.
        open: the verb group is still growing.
    """

    context: Context
    tell: Tell
    subject: str | None = None
    owned: str = ""
    start: int = 0
    verb: list[str] = field(default_factory=list)
    direct: str = ""
    link: str = ""
    object: NounPhrase | None = None
    pending: NounPhrase | None = None
    fresh: bool = True
    outer: str | None = None
    open: bool = False

    def read(self, items: list[NounPhrase | Word]) -> None:
        """Tells what the items of the sentence state; takes those of an apposition out of the list as it goes."""
        i = 0
        while i < len(items):
            item = items[i]
            if isinstance(item, NounPhrase):
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

    def _phrase(self, items: list[NounPhrase | Word], i: int) -> int:
        """Takes a noun phrase with what it owns; answers where to go on."""
        item = items[i]
        assert isinstance(item, NounPhrase)
        name, owned, i = self._possession(items, i)
        item = items[i - 1] if owned is None else item
        assert isinstance(item, NounPhrase)
        stated = bool(self.verb or self.link) and not (self.fresh and _starts_clause(items, i))
        if owned is not None:
            self.tell(name, "has", owned.name, (item.start, owned.end))
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

    def _possession(self, items: list[NounPhrase | Word], i: int) -> tuple[str | None, NounPhrase | None, int]:
        """Whom or what the phrase names, the common thing that it is said to own, and the place after both."""
        item = items[i]
        assert isinstance(item, NounPhrase)
        name = self.context.meant(item)
        while i + 2 < len(items) and isinstance(mark := items[i + 1], Word) and mark.tag == "'":
            owned = items[i + 2]
            if not isinstance(owned, NounPhrase):
                break
            i += 2
            third = items[i + 1] if i + 1 < len(items) else None
            if isinstance(third, NounPhrase) and third.tag == "N":  # her sister Anna
                self.tell(name, owned.name, third.name, (item.start, third.end))
                return third.name, None, i + 2
            if owned.tag == "c":
                return name, owned, i + 1
            self.tell(name, "has", owned.name, (item.start, owned.end))
            item, name = owned, owned.name
        return name, None, i + 1

    def _become(self, item: NounPhrase, name: str | None, owned: str) -> None:
        """Makes a phrase the subject."""
        if not owned and item.tag == "c" and item.determiner == "the" and self.context.title and name == item.name:
            name, owned = self.context.title, item.name.lower()  # of a document on X, "the editor" is X's
        self.subject, self.owned, self.start = name, owned, item.start
        self._clear()
        self.pending, self.fresh = item, False

    def _clear(self) -> None:
        self.verb, self.direct, self.link, self.object, self.open = [], "", "", None, False

    def _state(self, item: NounPhrase, name: str | None) -> None:
        """Makes a phrase the object."""
        context, span = self.context, (self.start, item.end)
        verb = _essence(self.verb)
        self.tell(
            self.subject, " ".join(filter(None, (self.owned, verb, self.link and self.direct, self.link))), name, span
        )
        last = self.object
        if last is not None and last.tag == "N" and item.tag == "N" and self.link in _LINKS:
            self.tell(last.name, self.link, name, (last.start, item.end))
        if verb in _COPULAS and not self.link and item.tag == "c" and context.is_title(self.subject) and not self.owned:
            context.types.add(item.head)
        if not self.link and not self.direct and item.tag == "c":
            self.direct = item.head
        self.object = item
        self.open = self.fresh = False

    def _verb(self, word: Word) -> None:
        low = "is" if word.low == "'s" else word.low
        last = self.object
        if not self.open:
            if self.fresh and self.pending is not None and last is not None and self.pending is not last:
                self.subject, self.owned = self.context.meant(self.pending), ""
            bare = last is not None and not self.fresh and word.tag == "v" and _essence(self.verb) not in _COPULAS
            if bare and last is not None and last.tag == "c" and self.verb:  # a dog named Max
                self.verb = [_essence(self.verb), last.head]
            else:
                if bare and last is not None and last.tag == "N":
                    self.subject, self.owned, self.start = last.name, "", last.start
                self.verb = []
        self.verb.append(low)
        self.direct, self.link, self.object, self.open, self.fresh = "", "", None, True, False

    def _preposition(self, word: Word) -> None:
        last = self.object
        if not self.verb and not self.link and self.pending is not None and self.pending.tag == "c":
            self.owned = f"{self.owned} {word.low}" if self.owned else f"{self.pending.head} {word.low}"
            self.subject = None  # what comes is the subject: "the editor of X"
            return
        if word.low == "of" and last is not None and last.tag == "c" and self.link:
            self.link = f"{self.link} {last.head} of"
        elif last is None and self.link:
            self.link = f"{self.link} {word.low}"
        else:
            self.link = word.low
        if self.subject is None and not self.verb:
            self.subject, self.start = self.context.title or self.context.speaker, word.start
        self.open = False

    def _relative(self) -> None:
        self._finish(0)
        self.outer = self.subject
        last = self.object or self.pending
        if last is not None:
            self.subject, self.owned, self.start = self.context.meant(last), "", last.start
        self._clear()

    def _border(self, following: NounPhrase | Word | None) -> None:
        self.fresh, self.open = True, False
        if self.outer is not None and isinstance(following, Word) and following.tag in "vx":
            self.subject, self.outer, self.owned = self.outer, None, ""
            self._clear()

    def _finish(self, end: int) -> None:
        """Of "she enjoys painting" the object is the last verb."""
        if self.object is None and len(self.verb) > 1 and self.verb[-1].endswith("ing") and end > self.start:
            self.tell(self.subject, _essence(self.verb[:-1]), self.verb[-1], (self.start, end))

    def _is_apposition(self, items: list[NounPhrase | Word], i: int) -> bool:
        item, before = items[i], items[i - 1] if i else None
        return (
            isinstance(item, NounPhrase)
            and item.tag == "c"
            and item.determiner in ("a", "an", "the")
            and isinstance(before, Word)
            and before.tag == ","
            and self.pending is not None
            and self.pending.tag == "N"
        )

    def _apposition(self, item: NounPhrase, items: list[NounPhrase | Word], i: int) -> None:
        """Of "X, the director of Y": what X is, and of what."""
        owner = self.context.meant(self.pending) if self.pending is not None else None
        self.tell(owner, "is", item.name, (self.start, item.end))
        if i + 1 < len(items):
            link, target = items[i], items[i + 1]
            if isinstance(link, Word) and link.tag == "p" and isinstance(target, NounPhrase):
                predicate = f"{item.name.lower()} {link.low}"
                self.tell(owner, predicate, self.context.meant(target), (self.start, target.end))
                del items[i : i + 2]


def _starts_clause(items: list[NounPhrase | Word], i: int) -> bool:
    """Whether a finite verb comes at this place, so that a subject stands before it: "…, and the group plays"."""
    following = items[i] if i < len(items) else None
    return isinstance(following, Word) and following.tag in "vx" and not following.low.endswith("ing")


def _essence(verb: list[str]) -> str:
    """A verb group without its auxiliaries, except the "was" of a passive and every negation."""
    negated = [] if not any(word in NEGATIONS or word.endswith("n't") for word in verb) else ["not"]
    content = [word for word in verb if word not in AUXILIARIES and word not in NEGATIONS and word not in _COPULAS]
    copulas = [word for word in verb if word in _COPULAS]
    if not content:
        plain = [word for word in verb if word not in NEGATIONS and not word.endswith("n't")]
        return " ".join([*negated, *plain[-1:]])
    passive = copulas[:1] if verb_form(content[0]) == "ed" else []
    return " ".join([*negated, *passive, *content[:3]])
