"""Whether a newer sentence says that an older one is no longer true: a new value, a denial, an end.

Only what can be seen in the words is decided: the same statement with another number in it, with a "not", with an
opposite, with "now" or "instead" and another object. What ends a state is :mod:`agentmem.updating.endings`.
"""

from __future__ import annotations

import re
from functools import lru_cache

from agentmem.updating.dates import differ
from agentmem.updating.quantities import quantities
from agentmem.updating.reading import Reading, is_past, read, term_of, terms_of
from agentmem.updating.subjects import same_subject, subject_of

_NEGATIONS = frozenset("not no never".split())
_EMPHASIS = frozenset(
    """keen keenli again anymor ani ever yet final absolut complet full actual alreadi longer still real total at all
    now today""".split()
)
"""Stems that a denial may have more than what it denies."""
_ATTITUDES = {
    "love": 1,
    "like": 1,
    "enjoy": 1,
    "ador": 1,
    "hate": -1,
    "dislik": -1,
    "detest": -1,
    "loath": -1,
    "despis": -1,
}
_OPPOSITES = """open close|valid invalid|avail unavail|allow forbid|enabl disabl|happi unhappi|healthi ill|busi free
|long short|possibl imposs|legal illeg|safe unsaf|accept reject|activ inact|alive dead|employ unemploy|stabl unstabl
|compat incompat|easi difficult|clean dirti|full empti|public privat|awak asleep|hot cold|rich poor|fast slow
|strong weak|cheap expens|quiet loud|tidi messi"""
_SIGNS = {
    word: (" ".join(sorted(pair.split())), sign)
    for pair in _OPPOSITES.replace("\n", "").split("|")
    for word, sign in zip(pair.split(), (1, -1), strict=True)
}
_STRONG = re.compile(
    r"\b(?:instead|rather than|no longer .* but|not an? \w+$|changed (?:his|her|their) mind)\b", re.IGNORECASE
)
_WEAK = re.compile(
    r"\b(?:now|nowadays|these days|from now on|meanwhile|at present|currently|anymore|has been (?:changed|moved))\b",
    re.IGNORECASE,
)
_MARKS = re.compile(
    r"instead|rather|longer|not an?|changed|now|these days|meanwhile|present|anymore|moved", re.IGNORECASE
)
_MANY = frozenset(
    """love like enjoy ador hate dislik own have has visit speak play know read collect offer accept allerg friend
    support sell use follow volunt teach learn studi interest want need good bad member see watch meet travel go make
    help grow write sing eat drink cook buy purchas contain includ can""".split()
)
"""Stems of what one may do, or have, several of: "now" adds another one."""
_SHARED = 2  # terms that a statement and its replacement begin with


def new_number(older: str, newer: str) -> bool:
    """Whether both state the same of the present, but for one number after the verb ("costs 49 euros", "58 euros")."""
    one, other = read(older), read(newer)
    if (
        len(one.words) != len(other.words)
        or one.dates.calendar
        or other.dates.calendar
        or differ(one.dates, other.dates)
    ):
        return False
    if is_past(one.words) or is_past(other.words) or not _same_subject(older, newer):
        return False
    changed = [place for place, pair in enumerate(zip(one.words, other.words, strict=True)) if pair[0] != pair[1]]
    changed = [place for place in changed if term_of(one.words[place]) != term_of(other.words[place])]
    if len(changed) != 1 or quantities(older) == quantities(newer) or len(quantities(older)) != len(quantities(newer)):
        return False
    place = changed[0]
    if not all(_is_number(reading.words[place]) for reading in (one, other)):
        return False
    subject = subject_of(older)
    behind = len(subject.split()) if subject else 1
    return place > behind - 1 and _stated(one, place)


def _stated(reading: Reading, place: int) -> bool:
    """Whether the number counts or measures: it does not name something ("gate 12", "line 4", "Python 3")."""
    before = reading.words[place - 1] if place else ""
    after = reading.words[place + 1] if place + 1 < len(reading.words) else ""
    original = re.search(rf"(\S+)\s+{re.escape(reading.words[place])}\b", reading.text, re.IGNORECASE)
    named = original is not None and original[1][:1].isupper()
    measured = bool(after) and after not in (",", ":", "and", "or")
    return not named and before not in _NUMBERED and (measured or before in _MEASURES)


_NUMBERED = frozenset(
    "room gate line platform level floor page chapter version number ticket build flight apartment bus".split()
)
_MEASURES = frozenset("is are to costs at about around only of by".split())


def _is_number(word: str) -> bool:
    term = term_of(word) or word
    return term[:1].isdigit() or word in ("once", "twice", "thrice", "a", "an", "no")


def denial(older: str, newer: str) -> bool:
    """Whether one states what the other denies, of the same subject; "hates" denies "likes", "closed" denies "open"."""
    beginning = _beginning(newer)
    first, second = _core(older), _core(beginning)
    if first is None or second is None or first[0] != second[0] or first[1] == second[1]:
        return False
    one = read(older)
    if differ(one.dates, read(newer).dates) or not _same_subject(older, newer):
        return False
    return one.dates == read(beginning).dates or not one.dates


@lru_cache(maxsize=20_000)
def _beginning(text: str) -> str:
    """What stands before the first colon or semicolon."""
    return re.split(r"[:;]", read(text).text, maxsplit=1)[0]


@lru_cache(maxsize=20_000)
def _core(text: str) -> tuple[tuple[str, ...], int] | None:
    """What is stated, without its sign, and the sign; ``None`` if it is too little to compare."""
    sign, core = 1, []
    words = list(read(text).words)
    for place, word in enumerate(words):
        if word in _NEGATIONS:
            sign = -sign
        term = term_of(word)
        if term is None:
            if word in ("can", "could", "will", "would", "must", "should", "may", "might", "without"):
                core.append(word)
            continue
        if term == "stand" and words[max(0, place - 2) : place] == ["can", "not"]:
            core = core[:-1]
            core.append("attitude")
            continue
        if term in _ATTITUDES:
            sign *= _ATTITUDES[term]
            core.append("attitude")
        elif term in _SIGNS:
            pair, value = _SIGNS[term]
            sign *= value
            core.append(pair)
        elif term not in _EMPHASIS and not (word.endswith("ly") and len(word) > 4):
            core.append(term)
    return (tuple(core), sign) if len(core) >= 2 else None


def replacement(older: str, newer: str) -> bool:
    """Whether the newer says "now" or "instead" of the same subject and verb with another object."""
    strong, weak = _marks(newer)
    if not (strong or weak):
        return False
    one, other = read(older), read(newer)
    if not _same_subject(older, newer) or is_past(one.words) != is_past(other.words):
        return False
    if one.dates.calendar or other.dates.calendar or _denies(one) or (_denies(other) and not strong):
        return False
    shared = 0
    for first, second in zip(one.terms, other.terms, strict=False):
        if first != second:
            break
        shared += 1
    subject = len(terms_of(subject_of(older) or ""))
    if shared < max(_SHARED, subject + 1) or shared >= min(len(one.terms), len(other.terms)):
        return False
    verbs = set(one.terms[subject:shared])
    if strong:
        return True
    gap = (one.words[one.places[shared - 1] + 1 :][:1], other.words[other.places[shared - 1] + 1 :][:1])
    return not verbs & _MANY and gap[0] == gap[1]


@lru_cache(maxsize=20_000)
def _marks(text: str) -> tuple[bool, bool]:
    """Whether the sentence says "instead", and whether it says "now"."""
    plain = read(text).text
    if not _MARKS.search(plain):
        return False, False
    return _STRONG.search(plain) is not None, _WEAK.search(plain) is not None


def _denies(reading: Reading) -> bool:
    return any(word in _NEGATIONS for word in reading.words)


def _same_subject(older: str, newer: str) -> bool:
    one, other = subject_of(older), subject_of(newer)
    return one is not None and other is not None and same_subject(one, other)
