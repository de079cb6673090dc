"""What a question about events gives away, and which of the events that fit it asks for.

The questions of the Episodic Memories Benchmark (Huet et al., ICLR 2025, arXiv 2501.13121, table 1) combine cues of
time, place, person and content, and ask for all that fit, the latest, or all in order. Cues are found by the rules by
which events are read (:mod:`agentmem.text.happenings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agentmem.text.calendar import Span
from agentmem.text.event_words import ASKING, ASKING_VERBS, OCCASIONS, QUALIFYING
from agentmem.text.happenings import dated, names, phrases
from agentmem.text.moments import TimeExpression, expressions
from agentmem.text.phrases import normalise
from agentmem.text.tagging import VERBS, Word, tagged
from agentmem.text.words import STOP_WORDS, terms

_MOST = r"(?:seen|saw|met|went|visit\w*|did|had|was)"
_ASIDE = r"(?:did|was|were|has|have|had)\s+(?:\S+\s+){1,4}"
_PATTERNS = {
    "in-order": r"\b(?:chronolog\w+|timeline|in (?:the |their )?(?:right |correct |temporal )?(?:order|sequence)\b"
    r"|(?:from|by) (?:the )?(?:earliest|first|oldest)\b|order(?:ed)? (?:of|by) (?:the )?(?:date|time)s?\b"
    r"|one after (?:another|the other))",
    "latest": rf"\b(?:latest|newest|most recent(?:ly)?|last time|the last\b|last\s+{_MOST}|{_ASIDE}last\b)",
    "first": rf"\b(?:earliest|oldest|first time|the (?:very )?first\b|first\s+{_MOST}|{_ASIDE}first\b)",
    "all": r"\b(?:all|every|each|list|enumerate|how (?:many|often)|which of|what are|who are)\b",
}


class Wanted(StrEnum):
    """Which of the events that fit are asked for."""

    BEST = "best"  # it does not say: those that answer best
    ALL = "all"
    LATEST = "latest"
    FIRST = "first"
    IN_ORDER = "in-order"


@dataclass(frozen=True, slots=True)
class Cues:
    """See the module's docstring.

    Attributes:
        times: spans of time, in UTC; an event fits that lies in one of them, if there is one.
        places: names that the question has as places, normalised.
        names: other names, normalised.
        content: noun phrases that say what it was, each as its terms (:func:`agentmem.text.words.terms`).
        wanted: which of the events that fit.
        words: terms that an event which fits holds, for a search by words.
    """

    times: tuple[Span, ...]
    places: tuple[str, ...]
    names: tuple[str, ...]
    content: tuple[tuple[str, ...], ...]
    wanted: Wanted
    words: frozenset[str]

    def __bool__(self) -> bool:
        return bool(self.times or self.places or self.names or self.content)

    @property
    def combined(self) -> bool:
        """Whether at least two of them are times, places or names; all times count as one."""
        return bool(self.times) + len(self.places) + len(self.names) > 1


def read_cues(question: str, now: datetime) -> Cues:
    """The cues of a question asked ``now``.

    Raises:
        InvalidInput: ``now`` has no time zone.
    """
    told = expressions(question, now)
    masked = _masked(question, told)
    sentences = [_without_request(sentence) for sentence in tagged(masked)]
    named = list(dict.fromkeys((normalise(name), place) for name, place in names(sentences)))
    content = tuple(dict.fromkeys(found for sentence in sentences for found in _content(sentence)))
    places = tuple(name for name, place in named if place and name)
    others = tuple(name for name, place in named if not place and name and name not in places)
    words = {term for name in (*places, *others) for term in terms(name)}
    words |= {term for phrase in content for term in phrase} | {term for one in told for term in _written(one)}
    spans = tuple((one.since, one.until) for one in told)
    return Cues(spans, places, others, content, _wanted(masked), frozenset(words))


def _wanted(masked: str) -> Wanted:
    """What is asked for, in a question without its times: "last May" is not the last."""
    found = (name for name, pattern in _PATTERNS.items() if re.search(pattern, masked, re.IGNORECASE))
    return Wanted(next(found, Wanted.BEST))


def _masked(question: str, told: Sequence[TimeExpression]) -> str:
    """The question with its times made blanks, so that they are no names and no content."""
    for one in told:
        question = question[: one.start] + " " * (one.end - one.start) + question[one.end :]
    return question


def _without_request(sentence: list[Word]) -> list[Word]:
    """The sentence, in which a verb of asking that opens it ("List ...") is no name."""
    if sentence and sentence[0].tag in "Nc" and sentence[0].low in ASKING_VERBS:
        return [sentence[0]._replace(tag="v"), *sentence[1:]]
    return sentence


def _content(sentence: Sequence[Word]) -> Iterator[tuple[str, ...]]:
    for phrase in phrases(sentence):
        telling = [word for word in phrase.split() if not _asks(word.lower())]
        if len(telling) == 1 and telling[0] in VERBS and telling[0] not in OCCASIONS:  # where did I last see her
            continue
        if found := tuple(terms(" ".join(telling))):
            yield found


def _asks(word: str) -> bool:
    singular = word[:-1] if word.endswith("s") and len(word) > 3 else word
    singular = singular[:-2] + "y" if singular.endswith("ie") else singular
    return bool({word, singular} & (ASKING | QUALIFYING | STOP_WORDS | ASKING_VERBS))


def _written(one: TimeExpression) -> Iterator[str]:
    """The terms of a date as the headings of events have it, of the first day of a time and of its last."""
    for moment in (one.since, one.until - timedelta(microseconds=1)):
        yield from terms(dated(moment, one.grain))
