"""What a query asks for, beyond its words: who is meant, and when.

A question names the person whose turn answers it, and that turn says "I". So names of known speakers are put into the
first person in the text to embed, and used as a cue of their own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from agentmem.text.times import DateCue, date_cue
from agentmem.text.words import STOP_WORDS, terms, tokens

_MIN_NICKNAME = 3
_ASSISTANT = re.compile(
    r"\b(?:the\s+)?(?:assistant|chatbot|ai)\b|\b(?:did|have|had|could|can)\s+you\b|\byou\s+(?:said|told|suggest\w*|"
    r"recommend\w*|mention\w*|gave|provid\w*|list\w*|explain\w*)\b|\b(?:your|our previous)\s+(?:answer|reply|"
    r"suggestion|recommendation|chat|conversation)",
    re.IGNORECASE,
)
_WORD = re.compile(r"\w+(?:['\u2019]s)?")


@dataclass(frozen=True, slots=True)
class Query:
    """A query, analysed.

    Attributes:
        text: as it was asked.
        terms: its words as the lexical index sees them.
        spoken: its text with the names of speakers in the first person, for embedding.
        speakers: codes of the speakers it names.
        asks_assistant: it asks for what the assistant said.
        dates: the calendar parts it names.
    """

    text: str
    terms: tuple[str, ...]
    spoken: str
    speakers: frozenset[int]
    asks_assistant: bool
    dates: DateCue


def analyse(text: str, speakers: Sequence[str], now: datetime) -> Query:
    """Analyse a query, asked ``now``, against the speakers of a scope, given in order of their codes."""
    names = _names(speakers)
    named: set[int] = set()

    def first_person(match: re.Match[str]) -> str:
        word = match[0].replace("\u2019", "'")
        bare = word.removesuffix("'s")
        code = names.code(bare)
        if code is None:
            return match[0]
        named.add(code)
        return "my" if word != bare else "I"

    spoken = _WORD.sub(first_person, text)
    return Query(
        text=text,
        terms=tuple(dict.fromkeys(terms(text))),
        spoken=spoken,
        speakers=frozenset(named),
        asks_assistant=_ASSISTANT.search(text) is not None,
        dates=date_cue(text, now),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """Ways to name a speaker by one word: any of their names, or a beginning of the first (a nickname)."""

    full: dict[str, int]
    nicknames: dict[str, int]

    def code(self, word: str) -> int | None:
        """Who is meant, if anyone. Words that are also common words, and nicknames, must be capitalised."""
        folded = word.casefold()
        capitalised = word[:1].isupper()
        if folded in self.full and (capitalised or folded not in STOP_WORDS):
            return self.full[folded]
        return self.nicknames.get(folded) if capitalised else None


@lru_cache(maxsize=64)
def _cached_names(speakers: tuple[str, ...]) -> _Names:
    full: dict[str, int] = {}
    nicknames: dict[str, int | None] = {}
    for code, speaker in enumerate(speakers):
        parts = tokens(speaker)
        for part in parts:
            if len(part) > 1:
                full.setdefault(part, code)
        for length in range(_MIN_NICKNAME, len(parts[0]) if parts else 0):
            form = parts[0][:length]
            nicknames[form] = code if form not in nicknames else None  # shared by two: nobody's
    return _Names(full, {form: code for form, code in nicknames.items() if code is not None and form not in STOP_WORDS})


def _names(speakers: Sequence[str]) -> _Names:
    return _cached_names(tuple(speakers))
