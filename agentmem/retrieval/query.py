"""What a query asks for, beyond its words: who is meant, and when.

A question names the person whose turn answers it, and that turn says "I". So names of known speakers are put into the
first person in the text to embed, and used as a cue of their own.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache

from agentmem.text.spelled_days import SpelledDay, spelled_days
from agentmem.text.times import DateCue, date_cue, named_months
from agentmem.text.words import STOP_WORDS, terms, tokens

_MIN_NICKNAME = 3
_ASSISTANT = re.compile(
    r"\b(?:the|my|your)\s+(?:ai\s+)?(?:assistant|chatbot|ai)\b|\bassistant\s+(?:say|said|tell|told|suggest|recommend)"
    r"|\b(?:did|have|had)\s+you\b(?!\s+(?:know|hear|ever|been|seen?|notice))|\byou\s+(?:said|told|suggest\w*|"
    r"recommend\w*|mention\w*|gave|provid\w*|list\w*|explain\w*)\b|\b(?:your|our previous)\s+(?:answer|reply|"
    r"suggestion|recommendation|chat|conversation)",
    re.IGNORECASE,
)
_APOSTROPHE = r"['\u2019]s\b|(?<=s)['\u2019](?!\w)"
_WORD = re.compile(rf"\w+(?:['\u2019](?!s\b)\w+)*(?:{_APOSTROPHE})?", re.IGNORECASE)
_POSSESSIVE = re.compile(rf"(?:{_APOSTROPHE})$", re.IGNORECASE)
_OPENS = re.compile(r"(?:\A|[.?!]\s)\W{0,3}$")
_NO_NAMES = frozenset({"user", "assistant", "speaker", "human", "bot", "agent", "customer", "system", "model"})
"""What speakers are called when they have no names: the words mean anybody."""


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
        days: the days that it names in full, as a text would.
    """

    text: str
    terms: tuple[str, ...]
    spoken: str
    speakers: frozenset[int]
    asks_assistant: bool
    dates: DateCue
    days: tuple[SpelledDay, ...] = ()


def analyse(text: str, speakers: Sequence[str], now: datetime) -> Query:
    """Analyse a query, asked ``now``, against the speakers of a scope, given in order of their codes."""
    names = _names(tuple(speakers))
    named: set[int] = set()
    cased = text != text.lower()

    def is_name(word: str) -> bool:
        return names.code(word, cased=cased) is not None

    months = named_months(text, is_name)

    def first_person(match: re.Match[str]) -> str:
        bare = _POSSESSIVE.sub("", match[0])
        opens = bare == match[0] and _OPENS.search(match.string, max(0, match.start() - 4), match.start()) is not None
        code = None if bare.lower() in months else names.code(bare, cased=cased, opens=opens)
        if code is None:
            return match[0]
        named.add(code)
        return "I" if bare == match[0] else "my"

    spoken = text if names.whole is None else names.whole.sub(first_person, text)
    spoken = _WORD.sub(first_person, spoken)
    return Query(
        text=text,
        terms=tuple(dict.fromkeys(terms(text))),
        spoken=spoken,
        speakers=frozenset(named),
        asks_assistant=_ASSISTANT.search(text) is not None,
        dates=date_cue(text, now, is_name),
        days=spelled_days(text, now),
    )


@dataclass(frozen=True, slots=True)
class _Names:
    """Ways to name a speaker: the whole name, any one word of it, or a beginning of the first word (a nickname).

    ``full`` maps folded names and words to codes, ``nicknames`` the beginnings; a form that two speakers share is
    nobody's. ``partial`` are words of names of several words. ``whole`` finds names of several words.
    """

    full: dict[str, int]
    nicknames: dict[str, int]
    partial: frozenset[str]
    whole: re.Pattern[str] | None

    def code(self, name: str, *, cased: bool, opens: bool = False) -> int | None:
        """Who is meant, if anyone.

        Nicknames must be capitalised, and names that are common words, too, inside a sentence; so must single words of
        a longer name ("Travel Desk"), if the query has capitals at all.

        Args:
            name: a word or several.
            cased: whether the query has any capitals.
            opens: whether it opens a sentence, so that its own capital says nothing.
        """
        folded = _folded(name)
        capitalised = name[:1].isupper()
        if folded in self.full:
            if folded in STOP_WORDS:
                return self.full[folded] if capitalised and not opens else None
            return self.full[folded] if capitalised or not cased or folded not in self.partial else None
        return self.nicknames.get(folded) if capitalised else None


def _folded(name: str) -> str:
    return " ".join(tokens(name.replace("\u2019", "'")))


@lru_cache(maxsize=64)
def _names(speakers: tuple[str, ...]) -> _Names:
    full: dict[str, set[int]] = defaultdict(set)
    nicknames: dict[str, set[int]] = defaultdict(set)
    partial: set[str] = set()
    whole: list[str] = []
    for code, speaker in enumerate(speakers):
        parts = _folded(speaker).split()
        if len(parts) > 1:
            full[" ".join(parts)].add(code)
            partial.update(parts)
            whole.append(r"\s+".join(map(re.escape, speaker.split())))
        for part in parts:
            if len(part) > 1 and part not in _NO_NAMES:
                full[part].add(code)
        for length in range(_MIN_NICKNAME, len(parts[0]) if parts else 0):
            if (beginning := parts[0][:length]) not in STOP_WORDS | _NO_NAMES:
                nicknames[beginning].add(code)
    longest_first = "|".join(sorted(whole, key=len, reverse=True))
    return _Names(
        partial=frozenset(partial),
        full={form: codes.pop() for form, codes in full.items() if len(codes) == 1},
        nicknames={form: codes.pop() for form, codes in nicknames.items() if len(codes) == 1},
        whole=re.compile(rf"(?<!\w)(?:{longest_first})(?:{_APOSTROPHE})?(?!\w)", re.IGNORECASE) if whole else None,
    )
