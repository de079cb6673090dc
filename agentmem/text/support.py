"""Whether a claim is supported by its sources, without a language model: what an LLM wrote is checked before it counts.

Two looks at a claim. Its words: how much of what it says stands in the sources, and whether a number, a name or a "not"
stands there that the sources do not have, which no paraphrase excuses. And its meaning: the cosine of the claim's
embedding with its closest source. The check errs towards keeping: what fails is put aside, not destroyed.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from agentmem.text.entities import entities
from agentmem.text.sentences import sentences
from agentmem.text.words import STOP_WORDS, stem, terms, tokens

UNSUPPORTED = 0.2
"""The most support a claim can have that holds a number, a name or a negation which its sources do not have."""

LEXICAL_THRESHOLD = 0.35
"""Without an embedding: the support from which on a claim passes."""

COMBINED_THRESHOLD = 0.45
"""With an embedding: the mean of support and cosine from which on a claim passes."""

LEXICAL_FLOOR = 0.1
"""Support below which even a high cosine does not save a claim, unless :data:`COSINE_ALONE` does."""

COSINE_ALONE = 0.7
"""The cosine from which on a claim passes whatever its words, so long as it invents nothing."""

PHRASE_THRESHOLD = 0.5
"""The share of the words of a triple's subject, and of its object, that its sources hold at least."""

_NEGATIONS = frozenset("not no never none nobody nothing neither nor nowhere cannot without".split())
_DENIALS = frozenset(
    "lack avoid refuse stop unable fail quit miss lose end deny reject unlike few hardly barely rarely instead".split()
)
_HARMLESS = re.compile(
    r"\bcan['’]?t wait\b|\bcannot wait\b|\bno (?:problem|worries|doubt|matter|wonder)\b|\bnot only\b|\bwhy not\b"
    r"|\bcan['’]?t believe\b|\bcan['’]?t help\b|\bcan['’]?t (?:thank|get) \w+ enough\b|\bnot just\b|\bno one but\b",
    re.IGNORECASE,
)
_SCOPE_ENDS = frozenset("but because although though however and so while since when that which who".split())
_SCOPE = 3  # content words that a negation reaches
_REPORTING = frozenset(
    stem(word)
    for word in """mention share express state say describe explain emphasize highlight note discuss reveal indicate
    acknowledge recall suggest believe feel think find consider show mean also currently recently show seem plan value
    appreciate importance important various someone people person thing way lot""".split()
)
"""Words by which a report of what was said is introduced: they add nothing that sources could hold."""

_CARDINALS = {
    word: str(number)
    for number, word in enumerate(
        """two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen
        eighteen nineteen twenty""".split(),
        start=2,
    )
} | dict(
    zip("thirty forty fifty sixty seventy eighty ninety hundred".split(), map(str, range(30, 101, 10)), strict=True)
)
_NUMBER_WORDS = _CARDINALS | {
    "one": "1", "first": "1", "once": "1", "single": "1", "second": "2", "twice": "2", "couple": "2", "both": "2",
    "pair": "2", "double": "2", "third": "3", "triple": "3", "trio": "3", "decade": "10", "dozen": "12",
}  # fmt: skip
_DIGITS = re.compile(r"\d+(?:[.,]\d+)*")
_PREFIX = 5  # letters that words of one family share


@dataclass(frozen=True, slots=True)
class _Evidence:
    """What sources hold: stems and their beginnings, words and numbers as they stand, which stems are denied.

    ``given`` are the stems of what is known besides: they neither support a claim nor speak against it.
    """

    given: frozenset[str]
    stems: frozenset[str]
    beginnings: frozenset[str]
    words: frozenset[str]
    numbers: frozenset[str]
    affirmed: frozenset[str]
    denied: frozenset[str]
    denies: bool


def lexical_support(claim: str, sources: Sequence[str], known: Sequence[str] = ()) -> float:
    """How much of a claim its sources hold word by word: the share of its content words, in [0, 1].

    Words count by their stem, or by a common beginning of five letters ("empathy", "empathetic"); verbs of reporting
    ("mentions", "shared") do not count. A number, a date or a capitalised name that is neither in the sources nor in
    ``known``, and a negation that is only on one side, cap the result at :data:`UNSUPPORTED`. Words in ``known`` count
    neither way. A claim without content words has support 1; without sources every other claim has 0.

    Args:
        claim: what is to be checked.
        sources: the texts it is said to come from, with their neighbours where they are short.
        known: what may be used besides: the speakers' names, and the dates that relative times in the sources mean
            (:func:`agentmem.text.statements.dates_meant`) or that the sources bear.
    """
    support, invents = _judged(claim, sources, known)
    return min(support, UNSUPPORTED) if invents else support


def supported(claim: str, sources: Sequence[str], cosine: float | None, known: Sequence[str] = ()) -> bool:
    """Whether a claim may stand.

    What invents a number, a name or a negation never passes. Otherwise the claim passes by its words alone from
    :data:`LEXICAL_THRESHOLD` on when there is no embedding; with one, when the mean of both is at least
    :data:`COMBINED_THRESHOLD` and the words at least :data:`LEXICAL_FLOOR`, or the cosine :data:`COSINE_ALONE`.
    """
    support, invents = _judged(claim, sources, known)
    if invents:
        return False
    if cosine is None:
        return support >= LEXICAL_THRESHOLD
    return cosine >= COSINE_ALONE or (support >= LEXICAL_FLOOR and (support + cosine) / 2 >= COMBINED_THRESHOLD)


def triple_supported(
    subject: str, predicate: str, object: str, sources: Sequence[str], cosine: float | None, known: Sequence[str] = ()
) -> bool:
    """Whether a triple may stand: its sources name what it relates.

    A triple that invents a number, a name or a negation never passes. Otherwise subject and object each need
    :data:`PHRASE_THRESHOLD` of their words in the sources or in ``known`` (words of ``known`` count here, for a speaker
    may well be a subject). The predicate may be worded freely: relations are paraphrased more than what they relate.
    With an embedding a triple also passes from :data:`COSINE_ALONE` on.

    Args:
        subject: as it is written.
        predicate: as it is written.
        object: as it is written.
        sources: see :func:`lexical_support`.
        cosine: of the whole triple with its sources, if there is an embedding.
        known: see :func:`lexical_support`.
    """
    evidence = _gather(tuple(sources), tuple(known))
    parts = (subject, object)
    if _invents(" ".join((subject, predicate, object)), evidence):
        return False
    if any(not _is_known(name, evidence) for part in parts for name in _names(part)):
        return False
    if cosine is not None and cosine >= COSINE_ALONE:
        return True
    return all(_held({*terms(part)}, evidence, with_given=True) >= PHRASE_THRESHOLD for part in parts)


def _judged(claim: str, sources: Sequence[str], known: Sequence[str]) -> tuple[float, bool]:
    """The share of the claim's content words that the sources hold, and whether it invents something."""
    evidence = _gather(tuple(sources), tuple(known))
    wanted = {term for term in terms(claim) if term not in _REPORTING and term not in evidence.given}
    return _held(wanted, evidence), _invents(claim, evidence)


def _held(wanted: set[str], evidence: _Evidence, *, with_given: bool = False) -> float:
    """The share of these stems that the sources hold; 1 of none."""
    found = sum(
        term in evidence.stems
        or term[:_PREFIX] in evidence.beginnings
        or _CARDINALS.get(term, term) in evidence.numbers
        or (with_given and term in evidence.given)
        for term in wanted
    )
    return found / len(wanted) if wanted else 1.0


@lru_cache(maxsize=256)
def _gather(sources: tuple[str, ...], known: tuple[str, ...]) -> _Evidence:
    affirmed: set[str] = set()
    denied: set[str] = set()
    words: set[str] = set()
    for text in sources:
        words.update(tokens(text))
        yes, no = _polarities(text)
        affirmed |= yes
        denied |= no
    given: set[str] = set()
    for text in known:
        words.update(tokens(text))
        given.update(terms(text))
    stems = affirmed | denied
    return _Evidence(
        given=frozenset(given),
        stems=frozenset(stems),
        beginnings=frozenset(term[:_PREFIX] for term in stems if len(term) >= _PREFIX),
        words=frozenset(words),
        numbers=frozenset(number for text in (*sources, *known) for number in _numbers(text, _NUMBER_WORDS)),
        affirmed=frozenset(affirmed),
        denied=frozenset(denied),
        denies=any(_is_negation(word) or stem(word) in _DENIAL_STEMS for text in sources for word in tokens(text)),
    )


_DENIAL_STEMS = frozenset(stem(word) for word in _DENIALS)


def _invents(claim: str, evidence: _Evidence) -> bool:
    if any(number not in evidence.numbers for number in _numbers(claim, _CARDINALS)):
        return True
    return any(not _is_known(name, evidence) for name in _names(claim)) or _contradicts(claim, evidence)


def _numbers(text: str, words: Mapping[str, str]) -> list[str]:
    """Numbers in digits, without thousands separators, and those among ``words``."""
    digits = [match[0].replace(",", "") for match in _DIGITS.finditer(text)]
    return digits + [words[word] for word in tokens(text) if word in words]


def _names(claim: str) -> list[str]:
    """The words that make the claim's names and dates, case-folded."""
    return [
        word
        for entity in entities(claim)
        if entity.kind in ("name", "date")
        for word in tokens(entity.name)
        if word not in STOP_WORDS and len(word) > 1 and not word[0].isdigit()
    ]


def _is_known(name: str, evidence: _Evidence) -> bool:
    bare = name.removesuffix("'s")
    if bare in evidence.words or stem(bare) in evidence.stems | evidence.given:
        return True
    if len(bare) > 4 and stem(bare)[:_PREFIX] in evidence.beginnings:
        return True
    return len(bare) > 2 and any(
        len(word) > 2 and (word.startswith(bare) or bare.startswith(word)) for word in evidence.words
    )


def _contradicts(claim: str, evidence: _Evidence) -> bool:
    """Whether the claim denies what no source denies, or affirms what the sources only deny."""
    affirmed, denied = _polarities(claim)
    denied &= evidence.stems
    if denied and not evidence.denies:
        return True
    if denied and denied <= evidence.affirmed - evidence.denied:
        return True
    claimed = (affirmed - _REPORTING) & evidence.stems
    if any(stem(word) in _DENIAL_STEMS or _is_negation(word) for word in tokens(claim)):
        return False
    only_denied = claimed & (evidence.denied - evidence.affirmed)
    return len(only_denied) * 2 > len(claimed)


def _is_negation(word: str) -> bool:
    return word in _NEGATIONS or word.endswith(("n't", "n’t"))


def _polarities(text: str) -> tuple[set[str], set[str]]:
    """The stems of a text that it affirms and those in reach of a negation."""
    affirmed: set[str] = set()
    denied: set[str] = set()
    plain = _HARMLESS.sub(" ", text)
    for start, end in sentences(plain):
        for part in re.split(r"[,;:.!?()–—]", plain[start:end]):
            reach = 0
            for word in tokens(part):
                if _is_negation(word):
                    reach = _SCOPE
                elif word in _SCOPE_ENDS:
                    reach = 0
                for term in terms(word):
                    (denied if reach else affirmed).add(term)
                    reach = max(0, reach - 1)
    affirmed.update(term for term in terms(text) if term not in denied)
    return affirmed, denied
