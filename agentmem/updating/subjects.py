"""Whom or what a sentence speaks of: the phrase before its verb."""

from __future__ import annotations

import re
from functools import lru_cache

from agentmem.text.phrases import normalise
from agentmem.text.tagging import Word, tagged
from agentmem.updating.reading import folded, written_out

_LEAD = re.compile(
    r"^(?:(?:In|On|At|Since|As of|From|By|After|During|Last|Next|This|Every|Until)\b[^,]{1,60},"
    r"|(?:On|In|Since)\s+(?:\d{1,2}\s+)?[A-Z][a-z]+(?:\s+\d{4})?(?=\s+[A-Z])"
    r"|(?:Now|Then|Recently|Currently|Today|Yesterday|Nowadays|These days|Also|Again|Afterwards)\b,?)\s*"
)
_PRONOUNS = frozenset("i we he she it they you this that these those there who user".split())
_BY_PRONOUN = re.compile(
    r"(?:(?:after|before|following) that|afterwards|then|later|and)?,?\s*(?:he|she|they|it|his|her|their|its|this|that"
    r"|these|those)\b",
    re.IGNORECASE,
)
_ALSO_VERBS = frozenset({"got", "gets", "get"})  # which the tagger takes for function words
_LONGEST = 8  # words


@lru_cache(maxsize=20_000)
def subject_of(text: str) -> str | None:
    """The subject in normal form, without articles ("ana s brother"); ``None`` for a pronoun, or if not known."""
    plain = _LEAD.sub("", written_out(text), count=1)
    for sentence in tagged(plain):
        words = _phrase(sentence)
        phrase = normalise(folded(" ".join(word.text for word in words)))
        known = bool(phrase) and phrase not in _PRONOUNS and len(phrase.split()) <= _LONGEST
        return phrase if known else None
    return None


def same_subject(one: str, other: str) -> bool:
    """Whether two subjects in normal form are one: equal, or a name and its beginning ("ana", "ana silva")."""
    if one == other:
        return True
    short, long = sorted((one.split(), other.split()), key=len)
    if not short:
        return False
    return "s" not in long and "of" not in long and long[: len(short)] == short and len(long) == len(short) + 1


@lru_cache(maxsize=20_000)
def begins_with_pronoun(text: str) -> bool:
    """Whether the sentence is about a "he", "she", "it" or "they" (or theirs) that is named elsewhere."""
    return _BY_PRONOUN.match(_LEAD.sub("", written_out(text), count=1)) is not None


def possessed(text: str) -> bool:
    """Whether the verb after the subject is a copula, so that both sides of it name the same thing."""
    return re.search(r"\b(?:is|are|was|were)\s+(?!\w+ing\b)", written_out(text)) is not None


def _phrase(sentence: list[Word]) -> list[Word]:
    """The words before the verb, without a leading article; of a name that a common word follows, only the name."""
    found: list[Word] = []
    for place, word in enumerate(sentence):
        if word.tag in "vx" or (word.tag == "." and found):
            break
        if not found and word.tag in "da.&,":
            if word.low in ("her", "his", "their", "its", "our"):
                return []
            continue
        if word.tag in "w,":
            break
        if word.low in _ALSO_VERBS or (word.tag == "d" and found and found[-1].tag not in "p&'"):
            break
        if word.tag == "a":
            continue
        last = found[-1] if found else None
        if word.tag == "c" and last is not None and _looks_like_verb(word, last, sentence[place + 1 :]):
            break
        if word.tag == "p" and not any(later.tag in "vx" for later in sentence[place:]):
            break
        found.append(word)
    return found


def _looks_like_verb(word: Word, last: Word, after: list[Word]) -> bool:
    """Whether an unknown word is likely a verb: no known one follows in its clause, and it ends like one."""
    for later in after:
        if later.tag == "w":
            break
        if later.tag in "vx":
            return False
    return last.tag == "N" or (last.tag in "c#" and word.low.endswith("s") and not word.low.endswith("ss"))
