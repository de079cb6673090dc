"""A fact's sentence as the rules compare it: its words with contractions written out, its terms, its subject.

Everything here is a pure function of the text, remembered for the texts read last: a sweep over many memories reads
each text once.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from agentmem.text.tagging import AUXILIARIES, verb_form
from agentmem.text.words import STOP_WORDS, stem
from agentmem.updating.dates import Dates, dates

_Written = tuple[re.Pattern[str], str | Callable[[re.Match[str]], str]]
_MODALS = {"ca": "can", "wo": "will", "sha": "shall"}
_TIMES = {"once": "one time", "twice": "two times"}


def _pattern(regex: str, written: str | Callable[[re.Match[str]], str]) -> _Written:
    return re.compile(regex, re.IGNORECASE), written


_SHORT: tuple[_Written, ...] = (
    _pattern(r"\b(ca|wo|sha)n['’]t\b", lambda m: _MODALS[m[1].lower()] + " not"),
    _pattern(r"\bcannot\b", "can not"),
    _pattern(r"n['’]t\b", " not"),
    _pattern(r"['’]s\s+(?=got\b|been\b)", " has "),
    _pattern(r"\b(he|she|it|that|there|who|what)['’]s\b", r"\1 is"),
    _pattern(r"\bi['’]m\b", "I am"),
    _pattern(r"['’]re\b", " are"),
    _pattern(r"['’]ve\b", " have"),
    _pattern(r"['’]ll\b", " will"),
    _pattern(r"\bany\s+more\b", "anymore"),
    _pattern(r"\bno\s+one\b", "nobody"),
    _pattern(r"\b(e|wi|co)-(?=[a-z])", r"\1"),
    _pattern(r"\b(once|twice)(?= (?:a|an|per|every|each)\b)", lambda m: _TIMES[m[1].lower()]),
    _pattern(r"`", ""),
    _pattern(r"\b(?:is|was) (?:someone|somebody|a person) who\b", ""),
)
_WORD = re.compile(
    r"['’]s(?!\w)|(?<=s)['’](?=\s)|(?:(?<![\w.])[+−-])?\d+(?:[.,:]\d+)*%?|\w+(?:['’](?!s\b)\w+)*[+#]*|[,;:()]|[$€£]"
)
_KEPT = re.compile(r"[\w+#%$€£&@]|(?<!\w)[-−](?=\d)|(?<=\d)[.,:](?=\d)")
POSSESSIVE = "'s"

_VERBS_TOO = frozenset({"like", "own"})  # among the stop words
FILLERS = frozenset(
    """a an the also too really very quite just still currently now nowadays already yet so even actually some any
    recently presently these days always certainly definitely simply has have had is am are was were be been being do
    does did got someone somebody who that which there it its his her their he she they him them of to""".split()
)
"""Words that add nothing by which two facts could be told apart, as long as negation and modality are looked at."""

GUARDED = frozenset(
    """before after above below over under up down off out from against without only more most fewer less except but or
    if unless than instead not never no nor neither nobody nothing none nowhere hardly barely rarely can could should
    would may might must will almost both again once until till used my your our i me mine we us""".split()
)
"""Function words that change what is said: both sides have them, or they do not say the same."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A text, read.

    Attributes:
        text: with contractions written out.
        key: by which exact repetitions are known: letters, digits and the symbols that matter, nothing between them.
        words: in lower case, in order; a possessive ending is a word, and so are commas and colons.
        terms: stems of the words that carry content, numbers included, dates left out, in order.
        places: the index in ``words`` of each term.
        guards: the function words that change what is said, sorted.
        dates: the dates and times of day it names.
    """

    text: str
    key: str
    words: tuple[str, ...]
    terms: tuple[str, ...]
    places: tuple[int, ...]
    guards: tuple[str, ...]
    dates: Dates


@lru_cache(maxsize=20_000)
def read(text: str) -> Reading:
    """The reading of a text."""
    plain = written_out(text)
    found, undated = dates(plain)
    words = words_of(undated)
    terms, places = [], []
    for place, word in enumerate(words):
        term = term_of(word)
        if term is not None:
            terms.append(term)
            places.append(place)
    guards = tuple(sorted("not" if word == "no" else word for word in words if word in GUARDED))
    key = "".join(_KEPT.findall(folded(plain)))
    return Reading(plain, key, words, tuple(terms), tuple(places), guards, found)


@lru_cache(maxsize=20_000)
def written_out(text: str) -> str:
    """The text without contractions and with single spaces."""
    plain = " ".join(text.split())
    if plain.isupper():
        plain = plain.lower()
    for pattern, written in _SHORT:
        plain = pattern.sub(written, plain)
    return " ".join(plain.split())


def words_of(text: str) -> tuple[str, ...]:
    """The words in lower case, without accents; possessive endings and punctuation within the sentence are words."""
    return tuple("'s" if word in ("'", "’", "’s") else word for word in _WORD.findall(folded(text)))


@lru_cache(maxsize=100_000)
def term_of(word: str) -> str | None:
    """The stem of a word that carries content; ``None`` for others."""
    if not word[-1].isalnum() and word[-1] not in "+#%":
        return None
    if word == POSSESSIVE or word in FILLERS or word in GUARDED:
        return None
    if word[0].isdigit():
        return word.replace(",", "")
    if word in CARDINALS:
        return CARDINALS[word]
    if (word in STOP_WORDS and word not in _VERBS_TOO) or word in AUXILIARIES:
        return None
    stemmed = stem(_PRESENT.get(word, word))
    return _SAME.get(stemmed, stemmed)


def terms_of(text: str) -> tuple[str, ...]:
    """The terms of a phrase, in order."""
    return tuple(term for word in words_of(text) if (term := term_of(word)) is not None)


def is_past(words: tuple[str, ...]) -> bool:
    """Whether the first verb stands in the past: an event that is over, or a state that was."""
    for place, word in enumerate(words):
        if word in ("was", "were", "did", "had"):
            return True
        if word in AUXILIARIES:
            return False
        if place and (form := verb_form(word)):
            return form == "ed"
    return False


def folded(text: str) -> str:
    """In lower case, without the accents of Latin letters."""
    if text.isascii():
        return text.lower()
    parts = unicodedata.normalize("NFKD", text.lower())
    return "".join(
        char for char in parts if not unicodedata.combining(char) or (not char.isascii() and ord(char) > 0x36F)
    )


CARDINALS = {
    word: str(number)
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen twenty""".split()
    )
} | {
    word: str(number)
    for number, word in zip(range(30, 100, 10), "thirty forty fifty sixty seventy eighty ninety".split(), strict=True)
}
"""Numbers that are one word."""

_PRESENT = dict(
    pair.split(":")
    for pair in """went:go gone:go bought:buy sold:sell gave:give given:give ran:run took:take taken:take met:meet
    lost:lose broke:break broken:break wrote:write written:write saw:see seen:see came:come made:make told:tell said:say
    taught:teach thought:think knew:know known:know found:find kept:keep held:hold paid:pay won:win drove:drive
    driven:drive ate:eat eaten:eat sang:sing swam:swim flew:fly grew:grow spoke:speak spoken:speak slept:sleep
    spent:spend lent:lend sent:send built:build chose:choose chosen:choose began:begin begun:begin wore:wear
    read:read cut:cut""".split()
)
_SYNONYMS = """buy purchase|kid child|kids child|children child|mum mother|mom mother|dad father|begin start|reside live
|big large|film movie|shut close|car automobile|doctor physician|phone telephone|colour color|favourite favorite
|neighbour neighbor|flat apartment|holiday vacation|bike bicycle|fridge refrigerator|employ work|attend go
|journey travel|cigarette smoke|frighten terrify|licence license|practise practice|organise organize|theatre theater
|centre center"""
_SAME = {stem(one): stem(other) for pair in _SYNONYMS.replace("\n", "").split("|") for one, other in [pair.split()]}
