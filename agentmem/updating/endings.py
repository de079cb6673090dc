"""Whether a newer sentence only says that an older one is over: "no longer", "sold", "recovered from", "cancelled".

Each kind of ending ends a kind of state: what is sold was owned, what one recovers from one had. The older sentence
must be such a state, of the same subject, and about the very thing that is ended.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from agentmem.updating.dates import dates, differ
from agentmem.updating.reading import Reading, is_past, read, terms_of
from agentmem.updating.subjects import same_subject, subject_of

_PREFIX = 5  # letters that words of one family share: "subscribes", "subscriber"
_DONE = r"(?:(?:has|have|had|is|are|was|were|been|just|now|finally|recently|already)\s+)*"
_THING = r"(?:(?:his|her|their|its|my|the|a|an|that|all)\s+)*(?P<thing>.+?)"
_OVER = re.compile(
    rf"^(?P<thing>.+?)\s+{_DONE}(?:over|cancelled|canceled|called off|closed(?: down)?|finished|completed|expired|ended"
    r"|resolved|discontinued|shut down|disbanded|abolished|dissolved|lifted|withdrawn|scrapped|abandoned"
    r"|taken off the air|gone)"
    r"(?:\s+(?:now|for good|at last|for ever|forever|completely))?$",
    re.IGNORECASE,
)
_STATUS = frozenset(
    """plan schedul open go happen run appli valid activ current place take announc set hold held due still ongo
    progress begin start air""".split()
)
"""Stems that only say that something is, or is to be: what is over ends them."""
_STOPPED = re.compile(
    r"\b(?:has |have )?(?:stopped|quit|ceased|given up|gave up|finished)\s+(?P<doing>\w+ing)\b(?P<rest>.*)$",
    re.IGNORECASE,
)
_NO_LONGER = re.compile(
    r"\bno longer\b|\b(?:do|does|did|is|are|can|has|have|will)\s+not\b(?=.*\b(?:anymore|any longer)\b)", re.IGNORECASE
)
_ANYMORE = re.compile(r"\s*\b(?:anymore|any longer)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Ending:
    """Words that end something, and the words of the state that they end."""

    ends: re.Pattern[str]
    state: re.Pattern[str]


def _ending(ends: str, state: str) -> _Ending:
    return _Ending(
        re.compile(rf"^(?P<who>.+?)\s+{_DONE}(?:{ends})\s+{_THING}(?:\s+taken off|\s+removed)?$", re.IGNORECASE),
        re.compile(rf"\b(?:{state})\b", re.IGNORECASE),
    )


_ENDINGS = (
    _ending(
        r"sold|lost|gave away|given away|got rid of|gotten rid of|donated|thrown away|threw away|returned|scrapped"
        r"|dropped|discarded|put down|traded in|left|given up|gave up|handed back",
        r"has|have|owns?|got|gets|drives?|rides?|keeps|took|takes|picked up|grabbed|bought|possesses|rents?|carries"
        r"|carrying|leases?|holds?",
    ),
    _ending(
        r"recovered from|got over|gotten over|been cured of|cured of|beaten|beat|shaken off|shook off",
        r"has|have|caught|suffers? from|suffering from|is ill with|came down with|is down with|got|is recovering from"
        r"|is sick with",
    ),
    _ending(
        r"quit|left|resigned from|been fired from|fired from|retired from|dropped out of|withdrew from|withdrawn from"
        r"|pulled out of|stepped down (?:as|from)|been laid off (?:by|from)",
        r"works? (?:at|for|as|in)|job|member of|belongs to|studies at|attends|plays (?:for|in)|joined|is in|is going to"
        r"|is the|is a|is on|volunteers|sings in|employed|registered|signed up|takes part",
    ),
    _ending(
        r"cancelled|canceled|called off|given up the idea of|gave up the idea of|changed (?:his|her|their) mind about"
        r"|decided against|abandoned|dropped|pulled out of|given up on|gave up on|scrapped|postponed indefinitely",
        r"plans?|planning|wants?|going to|intends?|intending|hopes?|has|booked|scheduled|signed up|will|is to"
        r"|would like|subscribes|considering|organi[sz]ing",
    ),
    _ending(
        r"completed|finished|paid off|done with|graduated from|wrapped up|stopped|quit|given up|gave up|recovered|found"
        r"|had",
        r"is \w+ing|are \w+ing|has to|is (?:at|on) work on|is busy with|takes?|has",
    ),
    _ending(
        r"broken up with|broke up with|split up with|divorced|separated from|fallen out with|parted with",
        r"dating|engaged to|married to|together with|in a relationship with|going out with|seeing|girlfriend|boyfriend"
        r"|wife|husband|partner|friends with",
    ),
    _ending(
        r"moved out of|left|moved away from",
        r"lives? (?:in|at|on)|resides? in|is living (?:in|at)|is staying (?:in|at)|is in",
    ),
)
_PARTED = re.compile(
    rf"^(?P<one>\w[\w ]*?) and (?P<other>\w[\w ]*?) {_DONE}(?:split up|broken up|broke up|separated|divorced|parted)$",
    re.IGNORECASE,
)
_COUPLE = re.compile(
    r"\b(?:dating|engaged|married|together|relationship|couple|boyfriend|girlfriend|partner)\b", re.IGNORECASE
)


@lru_cache(maxsize=20_000)
def _says_end(text: str) -> bool:
    """Whether a sentence has any of the words that end something: looked for first, for speed."""
    said = dates(text)[1].rstrip(" .!")
    patterns = (_NO_LONGER, _STOPPED, _OVER, _PARTED, *(ending.ends for ending in _ENDINGS))
    return any(pattern.search(said) is not None for pattern in patterns)


def ended(older: str, newer: str) -> bool:
    """Whether the newer only ends what the older states."""
    one, other = read(older), read(newer)
    if not _says_end(other.text):
        return False
    if (is_past(one.words) and not _HELD.search(one.text)) or any(word in ("not", "no", "never") for word in one.words):
        return False
    if differ(one.dates, other.dates):
        return False
    said = dates(other.text)[1].rstrip(" .!")
    return (
        _no_longer(one, other, older)
        or _stopped(one, other, older)
        or _parted(one, said)
        or _over(one, said)
        or _by_verb(one, said, older)
    )


_HELD = re.compile(
    r"^\S+(?: and \S+)? (?:got|took|picked up|grabbed|caught|joined|bought|booked|signed up)\b", re.IGNORECASE
)


def _no_longer(one: Reading, other: Reading, older: str) -> bool:
    """Whether what is no longer so is what the older says, or what it says first."""
    for clause in (other.text, *re.split(r"\s+and\s+", other.text)):
        if _NO_LONGER.search(clause) is not None and _about(older, clause):
            affirmed = read(_ANYMORE.sub("", _NO_LONGER.sub(" ", clause))).terms
            if len(affirmed) > 1 and _family(affirmed, one.terms[: len(affirmed)]):
                return True
    return False


def _stopped(one: Reading, other: Reading, older: str) -> bool:
    match = _STOPPED.search(other.text)
    if match is None or not _about(older, other.text):
        return False
    done = terms_of(dates(f"{match['doing']} {match['rest']}")[1])
    subject = terms_of(subject_of(older) or "")
    return _family(done, [term for term in one.terms if term not in subject])


def _parted(one: Reading, said: str) -> bool:
    match = _PARTED.match(said)
    if match is None or _COUPLE.search(one.text) is None:
        return False
    return {*terms_of(match["one"]), *terms_of(match["other"])} <= set(one.terms)


def _over(one: Reading, said: str) -> bool:
    """Whether the newer's subject is over, and the older says little more than that it is there."""
    match = _OVER.match(said)
    if match is None:
        return False
    thing = terms_of(match["thing"])
    if len(thing) < 2 or not _within(thing, one.terms):
        return False
    left = [term for term in one.terms if not _within([term], thing)]
    return all(term in _STATUS or term[0].isdigit() or term == "percent" for term in left)


def _by_verb(one: Reading, said: str, older: str) -> bool:
    for ending in _ENDINGS:
        match = ending.ends.match(said)
        if match is None or ending.state.search(one.text) is None:
            continue
        who, thing = (
            match["who"],
            terms_of(re.split(r"\s+(?:to|because|for|after|when|last|in exchange)\b", match["thing"])[0]),
        )
        subject = subject_of(older)
        if thing[:1] in (("job",), ("posit",), ("post",)) and len(thing) > 1:
            thing = thing[1:]
        if not thing or subject is None or not same_subject(subject, subject_of(said) or " ".join(terms_of(who))):
            continue
        rest = [term for term in one.terms if term not in terms_of(subject)]
        if _within(thing, rest) and _same_head(one, thing):
            return True
    return False


def _same_head(one: Reading, thing: Sequence[str]) -> bool:
    """Whether the thing is what the older is about, and not only part of its name ("dog", "dog house")."""
    for place, position in enumerate(one.places):
        if _within([one.terms[place]], thing[-1:]):
            following = one.words[position + 1] if position + 1 < len(one.words) else ""
            next_term = place + 1 < len(one.places) and one.places[place + 1] == position + 1
            if not next_term or following in ("called", "named") or _within([one.terms[place + 1]], thing):
                return True
    return False


def _about(older: str, newer: str) -> bool:
    one, other = subject_of(older), subject_of(newer)
    return one is not None and other is not None and same_subject(one, other)


def _within(few: Sequence[str], many: Sequence[str]) -> bool:
    """Whether each of the few stands among the many, or a word of its family does."""
    return all(any(_related(one, other) for other in many) for one in few)


def _family(one: Sequence[str], other: Sequence[str]) -> bool:
    """Whether two lists hold the same words, or words of one family."""
    return bool(one) and _within(one, other) and _within(other, one)


def _related(one: str, other: str) -> bool:
    return one == other or (len(one) >= _PREFIX and len(other) >= _PREFIX and one[:_PREFIX] == other[:_PREFIX])
