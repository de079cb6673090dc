"""The single-valued predicates that are known, and how English says them.

Each pattern is matched against one sentence without its leading adverbial. A wrong entry here closes true facts, so
only what can have one value at a time is listed, and nothing that people have several of (hobbies, languages, pets).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_WORD = r"[\w'’.&#-]+"
_SUBJECT = rf"(?P<subject>(?:(?:the|a|an|my|his|her|their|our)\s+)?{_WORD}(?:\s+{_WORD}){{0,5}}?)"
_OWNER = rf"(?P<subject>(?:(?:the|my|his|her|their|our)\s+)?{_WORD}(?:\s+{_WORD}){{0,4}}?)(?:['’]s|(?<=s)['’])\s+"
_NOW = r"(?:(?:now|currently|still|just|recently|already|finally|has|have|had|is|are|am|been|'s)\s+)*"
_VALUE = r"(?P<value>.+)"
_IS = (
    r"(?:\s+(?:now|currently|still))?\s+(?:is|are|has been changed to|was changed to|has changed to|changed to)"
    r"\s+(?:(?:now|currently|still|set to|called)\s+)*"
)

NAMES_ONLY = frozenset({"home", "partner"})
"""Predicates whose value is a name, however they are said."""
_SEVERAL = re.compile(
    r"\b(?:son|daughter|child|kid|brother|sister|friend|cousin|aunt|uncle|nephew|niece|dog|cat|pet|parrot|rabbit|hamster"
    r"|horse|fish|bird|puppy|kitten|grandson|granddaughter|colleague|neighbou?r|flatmate|roommate|student|band|song)s?$"
)

POSSESSED = {
    "job": "role",
    "job title": "role",
    "profession": "role",
    "occupation": "role",
    "title": "role",
    "employer": "employer",
    "husband": "partner",
    "wife": "partner",
    "boyfriend": "partner",
    "girlfriend": "partner",
    "partner": "partner",
    "spouse": "partner",
    "fiance": "partner",
    "fiancee": "partner",
    "age": "age",
    "weight": "weight",
    "height": "height",
    "price": "price",
    "cost": "price",
    "home": "home",
    "home town": "attr:hometown",
    "school": "studies at",
    "university": "studies at",
    "college": "studies at",
    "name": "name",
    "status": "status",
    "car": "drives",
}
"""Predicates of properties that other sentences say with a verb."""

_HEADS = """phone number mobile e-?mail address postcode code birthday birthdate nationality surname name nickname
height weight salary wage rent budget deadline size colou?r status job title profession occupation employer boss manager
supervisor landlord doctor dentist therapist hometown language tongue age husband wife boyfriend girlfriend partner
spouse fianc[eé]e? price cost capital major type date password username timezone branch version limit owner captain
coach director ceo president mayor contact bedtime curfew school university home iban""".split()
_HEAD_WORDS = (
    " ".join(_HEADS)
    .replace("e-?mail", "email e")
    .replace("colou?r", "colour color")
    .replace("fianc[eé]e?", "fiance fiancee")
)
_ATTRIBUTES = (
    r"(?:new\s+|current\s+|present\s+|latest\s+)?(?P<topic>(?:(?:mobile|cell|phone|telephone|home|work|office|fax|account|room|flat|house|postal|zip"
    r"|e-?mail|delivery|shipping|billing|job|blood|shoe|dress|eye|hair|native|mother|first|last|middle|maiden|user|wi-?fi"
    r"|default|main|primary|preferred|emergency|marital|relationship|due|start|end|release|expiry|birth|ring|target|savings)"
    rf"\s+)?(?:{'|'.join(_HEADS)}))"
)


@dataclass(frozen=True, slots=True)
class Pattern:
    """How a predicate is said.

    Attributes:
        predicate: its name; a ``topic`` in the match is added to it.
        regex: matches a sentence from its beginning, with groups ``subject`` and ``value`` (and ``topic``).
        triggers: words of which a sentence needs one for the pattern to match; looked at first, for speed.
        value: the value itself, where the pattern is one for it.
        names: only a name can be the value.
        numbers: only a number can be.
        dated: the value is a date or time.
        possessive: the subject is an owner.
        fleeting: it is so for hours rather than for years.
        excludes: subjects of which there may be several, so that two values mean two of them.
    """

    predicate: str
    regex: re.Pattern[str]
    triggers: frozenset[str]
    value: str | None = None
    names: bool = False
    numbers: bool = False
    dated: bool = False
    possessive: bool = False
    fleeting: bool = False
    excludes: bool = False

    def excluded(self, subject: str) -> bool:
        """Whether two of these subjects may be meant."""
        return self.excludes and _SEVERAL.search(subject) is not None


def _said(predicate: str, triggers: str, verb: str, value: str = _VALUE, **options: object) -> Pattern:
    regex = re.compile(rf"{_SUBJECT}\s+{_NOW}(?:{verb})\s+{value}$", re.IGNORECASE)
    return Pattern(predicate, regex, frozenset(triggers.split()), **options)  # type: ignore[arg-type]


def _owned(predicate: str, triggers: str, topic: str, value: str = _VALUE, **options: object) -> Pattern:
    regex = re.compile(rf"{_OWNER}{topic}{_IS}{value}$", re.IGNORECASE)
    return Pattern(predicate, regex, frozenset(triggers.split()), possessive=True, **options)  # type: ignore[arg-type]


def _state(predicate: str, value: str, words: str) -> Pattern:
    regex = re.compile(
        rf"{_SUBJECT}\s+(?:(?:now|currently|still|has|have|is|are|am|been|become|became|got|getting)\s+)+(?:{words})(?:\s+(?:now|again|today))?$",
        re.IGNORECASE,
    )
    return Pattern(predicate, regex, frozenset(re.findall(r"[a-z]+", words)), value=value)


_NUMBER_WORD = (
    "zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen|eighteen"
    "|nineteen|(?:twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)(?:-(?:one|two|three|four|five|six|seven|eight|nine))?"
)
_PLACE = (
    r"(?P<value>the\s+(?!(?:choir|orchestra|team|band|club|army|navy|group|class|play|film|mood|process|middle|way|loop"
    r"|lead|dark|running|habit|end|moment|doctor|dentist|market|top|bottom|beginning|movies|wedding|concert|meeting)\b)"
    r"\w+)"
)
_EVENTS = """meeting appointment deadline exam wedding party flight train interview lesson class call dinner lunch
concert conference trip event game match course stand-?up presentation ceremony surgery operation check-?up release
launch review rehearsal workshop seminar lecture reservation booking checkout pickup delivery""".split()
_EVENT = (
    r"(?P<subject>(?:(?:the|my|his|her|their|our|a)\s+)?(?:[\w'’.&#-]+\s+){0,6}?(?:"
    + "|".join(_EVENTS)
    + r")(?:\s+(?:with|of|for|to|at|in)\s+[\w'’. -]+?)?)"
)
_WHEN = (
    r"\s+(?:is|was|has been|will be|starts|begins|takes place|will take place)(?:\s+now)?(?:\s+(?:scheduled|set|moved"
    r"|due|planned|rescheduled|postponed|brought forward|pushed(?: back)?|changed|now))*"
    r"\s*(?:at|on|for|to|until|in)?\s+"
)
_OF = (
    r"the\s+(?P<topic>price|cost|deadline|budget|status|capital|owner|version|rent|password|size|colou?r)"
    r"\s+(?:of|for)\s+"
)
_SCHOOL = r"(?P<value>.*(?:university|college|school|institute|academy|\bMIT|\bETH).*)"
_JOB_AT = r"(?:(?:got|started|has|took|accepted) )?(?:a |his |her |their )?(?:new )?job (?:at|with)"
_WORKS_AT = rf"works? (?:at|for)|working (?:at|for)|employed (?:at|by)|{_JOB_AT}|started (?:working )?(?:at|for)"
_WORKS_AS = (
    r"works? as|working as|employed as|started (?:working )?as|promoted to"
    r"|(?:got|started|has|took) (?:a )?(?:new )?job as"
)
_WITH = r"married(?: to)?|engaged to|dating|in a relationship with|together with|going out with|seeing"
_AT_THE = rf"{_SUBJECT}\s+(?:is|am|'s)\s+(?:now |currently |still |back )*(?:in|at)\s+{_PLACE}(?:\s+now)?$"
_MOVES = r"(?:went|moved|travell?ed|journeyed|walked|ran|headed|returned|got)(?: back)? to"
_TALL = r"(?P<value>[\d.,' ]+\s*(?:cm|m|metres?|meters?|feet|ft|inches))\s+tall"
_COUNTED = (
    rf"(?:only |about |around |exactly |now )*(?P<value>\d[\d,.]*|{_NUMBER_WORD})\s+(?P<topic>[a-z]+(?: [a-z]+)?)"
)
_OLD = rf"(?P<value>\d{{1,3}}|{_NUMBER_WORD})(?:[\s-]years?[\s-]old)?"


def _plain(predicate: str, triggers: str, regex: str, **options: object) -> Pattern:
    return Pattern(predicate, re.compile(regex, re.IGNORECASE), frozenset(triggers.split()), **options)  # type: ignore[arg-type]


PATTERNS: tuple[Pattern, ...] = (
    _said(
        "home",
        "live lives reside resides living residing based settled moved relocated emigrated",
        r"lives? in|resides? in|living in|residing in|based in|settled in|(?:moved|relocated|emigrated)(?: back)? to",
    ),
    _owned("home", "home house flat apartment", r"(?:home|house|flat|apartment)", r"in\s+(?P<value>.+)"),
    _said(
        "place", "went moved travelled traveled journeyed walked ran headed returned got", _MOVES, _PLACE, fleeting=True
    ),
    _plain("place", "in at", _AT_THE),
    _said("employer", "work works working employed job started", _WORKS_AT),
    _said("role", "work works working employed job started promoted", _WORKS_AS),
    _said("role", "work works", r"works? (?:at|for)\s+[\w'’. &-]+? as"),
    _said("age", "is am turned", r"(?:is|turned|am)", _OLD, numbers=True),
    _said("partner", "married engaged dating relationship together going seeing", rf"(?:is |am |got )?(?:{_WITH})"),
    _state("relationship", "single", "single"),
    _state(
        "relationship",
        "taken",
        r"married|engaged|dating|in a relationship"
        r"|(?:married to|engaged to|dating|together with|in a relationship with)\s+.+",
    ),
    _state("relationship", "divorced", "divorced|separated|widowed"),
    _said("name", "named called renamed", r"(?:named|called|renamed(?: to)?)", excludes=True),
    _owned("favourite", "favourite favorite", r"(?:all-time )?favou?rite\s+(?P<topic>[\w' -]+?)"),
    _owned("attr", _HEAD_WORDS, _ATTRIBUTES),
    _plain("attr", _HEAD_WORDS, rf"{_OF}(?P<subject>.+?){_IS}{_VALUE}$"),
    _plain(
        "favourite",
        "favourite favorite",
        rf"(?P<value>[\w' -]+?)\s+is\s+{_OWNER}(?:all-time )?favou?rite\s+(?P<topic>[\w -]+)$",
        possessive=True,
    ),
    _said(
        "drives", "drive drives driving", r"drives?|driving", r"(?P<value>(?:a|an|the|his|her|their)\s+(?!\w+ to\b).+)"
    ),
    _said(
        "studies at", "studies studying enrolled attend attends", r"(?:studies|studying|enrolled) at|attends?", _SCHOOL
    ),
    _said("major", "majors majoring", r"(?:majors|majoring) in"),
    _said("count", "has have own owns got", r"has|have|owns?|got", _COUNTED, numbers=True),
    _said("weight", "weigh weighs", r"weighs?", numbers=True),
    _said("height", "tall", r"is", _TALL, numbers=True),
    _said("price", "cost costs", r"costs?", numbers=True),
    _plain("when", " ".join(_EVENTS).replace("-?", ""), rf"{_EVENT}{_WHEN}{_VALUE}$", dated=True),
    _state("diet", "vegetarian", "(?:a )?vegetarian"),
    _state("diet", "vegan", "(?:a )?vegan"),
    _state("diet", "pescatarian", "(?:a )?pescatarian"),
    _state("work", "unemployed", "unemployed|out of work|jobless"),
    _state("work", "retired", "retired"),
    _state("work", "employed", "employed|self-employed"),
    _state("health", "ill", "ill|sick|unwell"),
    _state("health", "well", "well|healthy|fine"),
    _state("progress", "open", "open"),
    _state("progress", "closed", "closed|shut"),
    _state("progress", "pending", "pending|on hold|blocked"),
    _state("progress", "running", "in progress|under way|underway|ongoing"),
    _state("progress", "done", "done|finished|completed?|resolved"),
    _state("access", "available", "available"),
    _state("access", "unavailable", "unavailable|sold out|out of stock"),
)
