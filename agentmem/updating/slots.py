"""What a fact says of what: its slots, each a subject and a predicate that has one value at a time, and the value.

Two facts of one slot with different values cannot both be true at the same moment; two of a predicate that takes many
values (likes, owns, speaks, has visited) can, and have no slot here. After Graphiti's contradicted edges, with the
guard that its users miss: a conflict needs the same subject *and* a predicate known to be single-valued.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from agentmem.kinds import TRIPLE
from agentmem.text.phrases import normalise
from agentmem.text.tagging import AUXILIARIES, verb_form
from agentmem.types import Memory
from agentmem.updating.dates import dates
from agentmem.updating.quantities import quantities
from agentmem.updating.reading import folded, read, terms_of
from agentmem.updating.regions import is_region
from agentmem.updating.slot_patterns import NAMES_ONLY, PATTERNS, POSSESSED, Pattern
from agentmem.updating.vetoes import subject_known

ANYONE = "somebody"
"""The subject of "I" where nobody knows who speaks."""


@dataclass(frozen=True, slots=True)
class Slot:
    """A subject in normal form, and one of its single-valued properties ("home", "age", "favourite:colour")."""

    subject: str
    predicate: str


@dataclass(frozen=True, slots=True)
class Filled:
    """A slot with its value.

    Attributes:
        slot: what has the value.
        value: the value's terms, in order.
        sort: ``name``, ``thing``, ``number``, ``code`` or ``date``; values of different sorts are not compared.
        whole: the sentence says nothing else.
        fleeting: it is so for hours rather than for years.
    """

    slot: Slot
    value: tuple[str, ...]
    sort: str
    whole: bool
    fleeting: bool = False


def slots_of(memory: Memory) -> tuple[Filled, ...]:
    """The slots that a memory fills: from a triple's parts, or from a fact's sentence."""
    known = subject_known(memory)
    if memory.kind == TRIPLE:
        parts = [memory.metadata.get(name) for name in ("subject", "predicate", "object")]
        if all(isinstance(part, str) and part.strip() for part in parts):
            return slots_in_triple(*(str(part) for part in parts))
    return slots_in(memory.text, known)


@lru_cache(maxsize=20_000)
def slots_in_triple(subject: str, predicate: str, object: str) -> tuple[Filled, ...]:
    """The slots of a triple: its predicate is read as a verb ("lives in"), else as a property ("employer")."""
    verb = " ".join(predicate.replace("_", " ").lower().split())
    return slots_in(f"{subject} {verb} {object}", None) or slots_in(f"{subject}'s {verb} is {object}", None)


@lru_cache(maxsize=20_000)
def slots_in(text: str, known: str | None) -> tuple[Filled, ...]:
    """The slots of a sentence; ``known`` is whom "I", "he" or "she" means.

    Nothing is read from questions, denials, wishes, possibilities, what somebody says or thinks, and the past.
    """
    reading = read(text)
    plain, words = reading.text, set(reading.words)
    if plain.endswith("?") or _NO_STATE.search(plain):
        return ()
    body = _LEAD.sub("", plain, count=1).rstrip(" .!")
    found: dict[Slot, Filled] = {}
    for pattern in PATTERNS:
        if not words.isdisjoint(pattern.triggers) and (match := pattern.regex.match(body)) is not None:
            filled = _filled(pattern, match, known)
            if filled is not None:
                found.setdefault(filled.slot, filled)
    return tuple(found.values())


def conflict(older: Filled, newer: Filled) -> bool:
    """Whether two values of one slot exclude each other: of one sort, and neither says the other less exactly."""
    if older.slot != newer.slot or older.sort != newer.sort or not older.value or not newer.value:
        return False
    one, other = set(older.value), set(newer.value)
    if one <= other or other <= one:
        return False
    if older.slot.predicate in ("home", "place", "from") and older.sort == "name":
        return is_region(older.value) == is_region(newer.value)
    if older.sort in ("name", "thing") and older.slot.predicate == "home":
        return not one & other
    return True


def agrees(older: Filled, newer: Filled) -> bool:
    """Whether both give the slot the same value."""
    return older.slot == newer.slot and older.value == newer.value


_NO_STATE = re.compile(
    r"\b(?:not|never|no longer|nobody|without|if|whether|wants?|wanted|might|may have|could|would|should|used to|hopes?"
    r"|wish(?:es)?|dreams?|considering|thinking (?:of|about)|thinks?|says?|said|claims?|believes?|almost|until|former"
    r"|formerly|previously|wonders?|imagines?|pretends?|also|another|second|too|additionally|temporarily|part-time"
    r"|sometimes|usually|often|on weekends|at weekends|for a (?:week|few|couple))\b",
    re.IGNORECASE,
)
_LEAD = re.compile(
    r"^(?:(?:in|on|at|since|as of|from|last|next|this)\b[^,]{1,40},|(?:after that|afterwards|following that|then|now"
    r"|recently|currently|today|nowadays|actually|finally|later)\b,?)\s*",
    re.IGNORECASE,
)
_TAIL = re.compile(
    r"\s*(?:[,;:(]|\b(?:since|with|because|and|but|for|after|when|where|while|who|which|that|last|this|next|every|again|now"
    r"|nowadays|currently|yesterday|today|tomorrow|tonight|as of|from|by|there|these days|instead|so that|as|near"
    r"|together|already|anymore|though|to be|rather|at the moment|at present|right)\b).*$",
    re.IGNORECASE,
)
_WORKPLACE = re.compile(r"\s+(?:at|in|for|on|of the)\s.*$", re.IGNORECASE)
_LONGEST = 6  # terms of a value
_OWN = frozenset({"i", "my", "me", "we", "our", "he", "she", "his", "her", "they", "their", "user", "the user"})
_NOT_A_SUBJECT = frozenset(
    """who that which and or if when because what where than it this there everyone everybody nobody somebody someone
    people one not never to of""".split()
)


def _filled(pattern: Pattern, match: re.Match[str], known: str | None) -> Filled | None:
    subject = _subject(match["subject"], known, possessed=pattern.possessive)
    if subject is None or pattern.excluded(subject):
        return None
    groups = match.groupdict()
    topic = groups.get("topic")
    predicate = pattern.predicate
    if topic is not None:
        if not (topics := " ".join(terms_of(topic))):
            return None
        known_as = POSSESSED.get(normalise(topic)) if predicate == "attr" else None
        predicate = known_as or f"{predicate}:{topics}"
    if pattern.value is not None:
        return Filled(Slot(subject, predicate), (pattern.value,), "thing", whole=True)
    raw = groups["value"].strip()
    if pattern.dated:
        return _dated(Slot(subject, predicate), raw)
    cut = _TAIL.sub("", dates(raw)[1]).strip(" .,'\"")
    if predicate == "role":
        cut = _WORKPLACE.sub("", cut)
    terms = terms_of(cut)
    if not terms or len(terms) > _LONGEST:
        return None
    whole = cut == raw.strip(" .,'\"")
    if pattern.numbers:
        amounts = sorted(f"{amount.value} {amount.unit}".strip() for amount in quantities(cut))
        return Filled(Slot(subject, predicate), tuple(amounts), "number", whole) if amounts else None
    sort = _sort(cut)
    if predicate in NAMES_ONLY and sort != "name":
        return None
    return Filled(Slot(subject, predicate), terms, sort, whole, pattern.fleeting)


def _dated(slot: Slot, raw: str) -> Filled | None:
    """A date or time as a value; weekdays, days and times of day are slots of their own."""
    named = dates(raw)[0]
    day = (*named.years, *named.months, *named.days) if named.days or named.months else ()
    for part, values in (("clock", named.clock), ("day", day), ("weekday", named.weekdays)):
        if values:
            ordered = tuple(sorted(str(value) for value in values))
            return Filled(Slot(slot.subject, f"{slot.predicate}:{part}"), ordered, "date", whole=False)
    return None


def _subject(phrase: str, known: str | None, *, possessed: bool) -> str | None:
    words = normalise(folded(phrase)).split()
    while words and words[0] in ("the", "a", "an"):
        words = words[1:]
    if not words:
        return None
    if words[0] in _OWN:
        if known is None and words[0] not in ("i", "my", "me", "user"):
            return None
        owner = [known or ANYONE]
        owned = words[0] in ("my", "our", "his", "her", "their") and not (possessed and len(words) == 1)
        return " ".join([*owner, "s", *words[1:]]) if owned and words[1:] else " ".join([*owner, *words[1:]])
    first = phrase.split(maxsplit=1)[0]
    checked = words[1:] if first[:1].isupper() else words
    if any(word in _NOT_A_SUBJECT or word in AUXILIARIES or _is_gerund(word) for word in checked):
        return None
    if any(verb_form(word) in ("s", "ed") for word in checked[1:]):
        return None
    return " ".join(words)


def _is_gerund(word: str) -> bool:
    return word.endswith("ing") and word not in (
        "meeting",
        "wedding",
        "building",
        "ring",
        "king",
        "booking",
        "training",
    )


def _sort(value: str) -> str:
    bare = re.sub(r"^(?:the|a|an|her|his|their|my)\s+", "", value, flags=re.IGNORECASE)
    if bare[:1].isdigit() or bare[:1] in "+(#" or "@" in bare:
        return "code"
    return "name" if bare[:1].isupper() or bare[:1] in "\"'“‘" else "thing"
