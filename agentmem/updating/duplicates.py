"""Whether one of two sentences says what the other says: word for word, in other order, or with detail added.

No synonym is guessed and no closeness of vectors is trusted alone: "likes tea" and "likes coffee" are close, too. What
differs must be words that add nothing, or an addition in a place where additions go (after the object, with a
preposition; before a noun). What is missed can be merged later; what is merged wrongly is noticed by nobody.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

from agentmem.text.tagging import verb_form
from agentmem.updating.dates import Dates
from agentmem.updating.decision import Relation
from agentmem.updating.reading import POSSESSIVE, Reading, is_past, read, term_of
from agentmem.updating.subjects import same_subject, subject_of

NEAR = 0.9
"""The cosine from which on the same words in another order count as the same statement."""

_OPENERS = frozenset(
    """in on at with from by for because since as and which who that where near of about after before during along every
    each called named so , : ( through between behind beside into inside outside under over next across around
    against toward towards via when while to off above below""".split()
)
"""What may follow a statement and only adds to it."""
_TAKE_BACK = frozenset(
    """but except unless if instead without than or until till before not no never nobody nothing almost nearly maybe
    perhaps might could would should used formerly former no-one hardly barely only once""".split()
)
"""What may take back, weaken or end a statement that it is added to."""
_NOT_REALLY = frozenset(
    """former fake toy ex almost imaginary possible potential future late planned would-be pretend plastic virtual
    second another new old next last other different wrong hot""".split()
)
"""Adjectives that make another thing of what they are added to."""
_FEWEST = 2  # terms of the shorter statement
_LONGEST_DESCRIPTION = 2  # terms
_DETERMINERS = frozenset("a an the his her their its my our your 's every each this that".split())


def same(older: str, newer: str, cosine: float | None = None) -> Relation | None:
    """``REPEATS`` or ``REFINES``, or ``None`` where neither is certain. Vetoes are asked by the caller.

    Args:
        older: the older statement.
        newer: the newer one.
        cosine: of their vectors; only confirms, in the case of changed order.
    """
    one, other = read(older), read(newer)
    if one.key == other.key:
        return Relation.REPEATS
    if is_past(one.words) != is_past(other.words) or not _share_a_subject(older, newer):
        return None
    if one.dates == other.dates and one.guards == other.guards and _same_terms(one, other, cosine):
        return Relation.REPEATS
    if _includes(other.dates, one.dates) and _extends(one, other):
        return Relation.REFINES
    if _includes(one.dates, other.dates) and _extends(other, one):
        return Relation.REPEATS
    return None


def has_nothing_in_common(older: str, newer: str) -> bool:
    """Whether they share less than half of the shorter one's terms: then nothing here need be looked at closely."""
    one, other = read(older), read(newer)
    if one.key == other.key:
        return False
    first, second = {_stem5(term) for term in one.terms}, {_stem5(term) for term in other.terms}
    return 2 * len(first & second) < min(len(first), len(second))


def _stem5(term: str) -> str:
    return term[:5]


def is_exact(older: str, newer: str) -> bool:
    """Whether both are the same letters, digits and symbols."""
    return read(older).key == read(newer).key


def _share_a_subject(older: str, newer: str) -> bool:
    one, other = subject_of(older), subject_of(newer)
    return one is None or other is None or same_subject(one, other)


def _same_terms(one: Reading, other: Reading, cosine: float | None) -> bool:
    """The same terms in the same order, or with what stood at the end moved to the front, or about that."""
    if len(one.terms) != len(other.terms) or len(one.terms) < _FEWEST:
        return False
    if one.terms == other.terms:
        return one.words.count(POSSESSIVE) == other.words.count(POSSESSIVE) or cosine is None or cosine >= NEAR
    turned = any(one.terms == (*other.terms[n:], *other.terms[:n]) for n in range(1, len(one.terms)))
    return turned and (cosine is None or cosine >= NEAR)


def _includes(more: Dates, fewer: Dates) -> bool:
    return all(one >= other for one, other in zip(more.parts(), fewer.parts(), strict=True))


def _extends(short: Reading, long: Reading) -> bool:
    """Whether the long statement is the short one with additions that only add."""
    if short.terms == long.terms and short.guards == long.guards:
        return len(short.terms) >= _FEWEST  # only a date was added
    if not _FEWEST <= len(short.terms) < len(long.terms) or not set(short.guards) <= set(long.guards):
        return False
    kept = _matched(short.terms, long.terms)
    if kept is None or kept[0] != 0 or not _keeps_its_article(long, kept):
        return False
    places = [long.places[position] for position in kept]
    tail = long.words[places[-1] + 1 :]
    if _negations(long.words[: places[-1] + 1]) != _negations(short.words):
        return False
    if tail and (tail[0] not in _OPENERS or any(word in _TAKE_BACK for word in _clause(tail))):
        return False
    gaps = itertools.pairwise(places)
    return all(_is_described(long.words[before + 1 : after]) for before, after in gaps)


def _matched(short: Sequence[str], long: Sequence[str]) -> list[int] | None:
    """Where the short sequence stands in the long one, in order, each at its first place after the one before."""
    found: list[int] = []
    start = 0
    for term in short:
        try:
            start = long.index(term, start) + 1
        except ValueError:
            return None
        found.append(start - 1)
    return found


def _is_described(between: Sequence[str]) -> bool:
    """Whether what stands between two words of the short statement, in the long one, only describes the second."""
    added = [word for word in between if term_of(word) is not None]
    if not added:
        return True
    if any(word in _NOT_REALLY or word in _TAKE_BACK or word in (POSSESSIVE, ",", ":") for word in between):
        return False
    if any(
        verb_form(word) and before not in _DETERMINERS for before, word in zip(("", *between), between, strict=False)
    ):
        return False  # "has stopped taking" is no kind of taking
    return len(added) <= _LONGEST_DESCRIPTION and not _opens_phrase(between)


def _opens_phrase(between: Sequence[str]) -> bool:
    """Whether a preposition or conjunction follows an added word: then it is a phrase of its own, not a description."""
    seen = False
    for word in between:
        if term_of(word) is not None:
            seen = True
        elif seen and word in _OPENERS:
            return True
    return False


def _keeps_its_article(long: Reading, kept: Sequence[int]) -> bool:
    """Whether "a cat" did not become "two cats": no added number stands right before a word of the short statement."""
    return not any(
        long.terms[position][0].isdigit() and position not in kept and position + 1 in kept
        for position in range(kept[-1])
    )


def _negations(words: Sequence[str]) -> int:
    return sum(word in ("not", "no", "never", "nobody", "nothing", "without") for word in words)


def _clause(tail: Sequence[str]) -> list[str]:
    """The tail up to its first reason or relative clause, in which anything may be denied."""
    found: list[str] = []
    for word in tail:
        if word in ("because", "which", "who", "that", "as"):
            break
        found.append(word)
    return found
