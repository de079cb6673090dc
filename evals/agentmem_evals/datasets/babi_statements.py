"""The statements of bAbI's stories about places and things, read exactly.

bAbI (Weston et al. 2015, arXiv 1502.05698) words its stories by a small grammar: people go to places, are or are not
somewhere, and take, drop and give things. Each statement sets *slots*: where a person is, who has a thing. A pronoun
stands for the people of the statement before it, and is replaced by their names: memories stand for themselves.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum

from agentmem_evals.datasets.formats.numbered_story import read_numbered_stories
from agentmem_evals.errors import DataFormatError


class Verb(Enum):
    """What a statement says of its people."""

    WENT = "went"
    IS = "is"
    IS_NOT = "is not"
    NO_LONGER = "no longer"
    TOOK = "took"
    DROPPED = "dropped"
    GAVE = "gave"


_HANDLING = frozenset({Verb.TOOK, Verb.DROPPED, Verb.GAVE})


@dataclass(frozen=True, slots=True)
class Told:
    """One statement of a story.

    ``line`` is its number there. ``people`` are those it is about, the giver first. ``what`` is the place or, if it
    ``handles`` one, the thing. ``text`` has names for pronouns.
    """

    line: int
    text: str
    people: tuple[str, ...]
    verb: Verb
    what: str
    handles: bool

    @property
    def slots(self) -> tuple[str, ...]:
        """What the statement sets: the whereabouts of each person, or the whereabouts of a thing."""
        return (f"thing {self.what}",) if self.handles else tuple(f"place of {one}" for one in self.people)


_WENT = r"(?:went back|went|travelled|moved|journeyed)"
_OPENING = r"(?:After that|Following that|Afterwards|Then)"
_WORDINGS: tuple[tuple[Verb, re.Pattern[str]], ...] = tuple(
    (verb, re.compile(pattern))
    for verb, pattern in (
        (Verb.WENT, rf"(?:{_OPENING} )?(?P<who>\w+)(?: and (?P<other>\w+))? {_WENT} to the (?P<what>\w+)\."),
        (Verb.NO_LONGER, r"(?P<who>\w+) is no longer in the (?P<what>\w+)\."),
        (Verb.IS_NOT, r"(?P<who>\w+) is not in the (?P<what>\w+)\."),
        (Verb.IS, r"(?P<who>\w+) is in the (?P<what>\w+)\."),
        (Verb.TOOK, r"(?P<who>\w+) (?:took|got|grabbed|picked up) the (?P<what>\w+)(?: there)?\."),
        (Verb.DROPPED, r"(?P<who>\w+) (?:dropped|left|discarded|put down) the (?P<what>\w+)(?: there)?\."),
        (Verb.GAVE, r"(?P<who>\w+) (?:gave|handed|passed) the (?P<what>\w+) to (?P<other>\w+)\."),
    )
)
_PRONOUN = re.compile(r"\b(?:he|she|they)\b")


def read_stories(text: str, name: str) -> Iterator[tuple[Told, ...]]:
    """The statements of each story of a task's file; questions are passed over.

    Raises:
        DataFormatError: the file is not in bAbI's format, or a statement is worded in another way than these tasks'
            are.
    """
    for lines in read_numbered_stories(text, name):
        story: list[Told] = []
        for line in lines:
            if line.answer is None:
                story.append(_told(line.number, line.text, story, name))
        if story:
            yield tuple(story)


def _told(line: int, sentence: str, before: list[Told], name: str) -> Told:
    if before:
        sentence = _PRONOUN.sub(" and ".join(before[-1].people), sentence, count=1)
    for verb, wording in _WORDINGS:
        if match := wording.fullmatch(sentence):
            people = (match["who"], match.groupdict().get("other"))
            return Told(line, sentence, tuple(one for one in people if one), verb, match["what"], verb in _HANDLING)
    raise DataFormatError(f"{name} has a statement that no task about places and things has: {sentence!r}.")
