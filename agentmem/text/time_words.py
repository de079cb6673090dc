"""The words and shapes in which English tells time, as one pattern over a text in lower case.

Each alternative is a named group; inside it, groups are named after it (``ago_count`` in ``ago``). What a match means
is read in :mod:`agentmem.text.moments`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from agentmem.text.calendar import MONTHS, SEASONS, WEEKDAYS

MONTH_NUMBERS = (
    {name: number for number, name in enumerate(MONTHS, 1)}
    | {name[:3]: number for number, name in enumerate(MONTHS, 1) if name != "may"}
    | {"sept": 9}
)
WEEKDAY_NUMBERS = {name: number for number, name in enumerate(WEEKDAYS)}
_SMALL = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve")
_OTHER = {"a": 1, "an": 1, "fifteen": 15, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50}
NUMBERS: Mapping[str, int] = {word: number for number, word in enumerate(_SMALL, 1)} | _OTHER
VAGUE = {"couple": (2, 3), "few": (2, 5), "several": (3, 7)}
"""How many each may mean, at least and at most."""
WORDS_TOO = frozenset({"may", "march", "mar", "april", "june", "august"})
"""Months that are also other words or names."""
DECADES = {"fifties": 1950, "sixties": 1960, "seventies": 1970, "eighties": 1980, "nineties": 1990}


def _any(words: Iterable[str]) -> str:
    return "|".join(sorted(words, key=len, reverse=True))


COUNT = (
    rf"(?:(?:an?\s+)?(?:couple(?:\s+of)?|few)|several|half\s+an?|{_any(NUMBERS)}"
    r"|(?<![\d.,])\d{1,4}(?:\.\d)?)"
)
_ABOUT = (
    r"(?:(?:just\s+)?(?:about|around|roughly|approximately|almost|nearly|over|under|maybe)|more\s+than|less\s+than"
    r"|at\s+least|like)\s+"
)
UNIT = r"(?:minute|hour|day|night|week|weekend|fortnight|month|year|decade)"
_WEEKDAY = rf"(?:{_any(WEEKDAYS)})"
_SHORT_WEEKDAY = r"(?:mon|tues?|wed|thurs?|fri|sat|sun)\b"
_MONTH = rf"(?:{_any(MONTH_NUMBERS)})\b"
_SEASON = rf"(?:{_any(SEASONS)})\b"
_PART = r"(?:\s+(?:morning|afternoon|evening|night)\b(?!s))?"
_YEAR = r"(?:1[5-9]|20|21)\d\d(?![\w%]|[.,]\d)"
_DAY = r"\d{1,2}(?:\s?(?:st|nd|rd|th)\b)?"
_CLOCK = r"(?:\d{1,2}(?::\d\d)?\s?(?:am|pm|a\.m\.?|p\.m\.?)(?!\w)|\d{1,2}:\d\d(?![\d:])|noon\b|midnight\b)"
_NOUNS = (
    r"(?:people|words|miles|km|met(?:er|re)s|steps|dollars|euros|pounds|points|pieces|copies|square|feet|calories|years"
    r"|employees|users|volts|books|pages|followers|hours|minutes|days)\b"
)


def _in(name: str, shape: str) -> str:
    """An alternative: ``(<part>...)`` in its shape stands for a group named ``name_part``."""
    return "(?P<" + name + ">" + re.sub(r"\(<([a-z]+)>", rf"(?P<{name}_\1>", shape) + ")"


_ALTERNATIVES = (
    _in("twice", r"the\s+day\s+(<which>before\s+yesterday|after\s+tomorrow)\b"),
    _in(
        "near",
        rf"(?:(<day>yesterday|tomorrow|today){_PART}|tonight|this\s+(?:morning|afternoon|evening)|(<eve>last\s+night))\b",
    ),
    _in(
        "ago",
        rf"(<about>{_ABOUT})?(<count>{COUNT})\s+(<unit>{UNIT}|{_WEEKDAY})s?(<half>\s+and\s+a\s+half)?"
        rf"(?:\s+(<ago>ago|back(?!\s+(?:to|in|into|at|on|with|from|and)\b))\b|\s+from\s+(?:now|today)\b)",
    ),
    _in("within", rf"in\s+(<about>{_ABOUT})?(<count>{COUNT})\s+(<unit>{UNIT})s?(?:['’]s?)?(?:\s+time)?\b(?!\s+of\b)"),
    _in("rolling", rf"(?:the\s+)?(<which>last|past|next|coming)\s+(<count>{COUNT})\s+(<unit>{UNIT})s?\b(?!\s+of\b)"),
    _in("lately", r"the\s+(?:last|past)\s+(<unit>week|month|year|decade)\b(?!\s+(?:of|before)\b)"),
    _in("beyond", r"the\s+(<unit>week|weekend|month|year)\s+(<which>before\s+last|after\s+next)\b"),
    _in(
        "which",
        r"(<which>this\s+past|the\s+past|this\s+coming|last|past|next|coming|this)\s+"
        rf"(?:(<unit>week|weekend|month|year|decade)|(<season>{_SEASON})|(<month>{_MONTH})"
        rf"|(<weekday>{_WEEKDAY}|{_SHORT_WEEKDAY}){_PART})\b(?!\s+of\b)",
    ),
    _in("over", r"over\s+the\s+weekend\b"),
    _in(
        "iso",
        r"(<year>\d{4})[-/](<month>\d\d)(?:[-/](<day>\d\d)(?:[t ](<clock>\d\d:\d\d)(?::\d\d(?:\.\d+)?)?"
        r"(<zone>z|[+-]\d\d:?\d\d)?)?)?(?![\w-]|[/:.]\d)",
    ),
    _in("figures", r"(<one>\d{1,2})(?:(<dot>\.)|/)(<two>\d{1,2})[./](<year>\d{4})(?![\w/-]|\.\d)"),
    _in(
        "dmy",
        rf"(?:{_WEEKDAY},?\s+)?(?:the\s+)?(<day>{_DAY})(?:\s?[-–]\s?(<last>{_DAY}))?\s+(?:of\s+)?(<month>{_MONTH})"
        rf"(?:\.?,?\s+(<year>\d{{4}})(?!\w))?",
    ),
    _in(
        "mdy",
        rf"(?:{_WEEKDAY},?\s+)?(<month>{_MONTH})\.?\s+(?:the\s+)?(<day>{_DAY})(?!\d|[:.,]\d|\s?(?:am|pm|%)\b)"
        rf"(?:\s?[-–]\s?(<last>{_DAY})(?!\d))?(?:,?\s+(<year>\d{{4}})(?!\w))?",
    ),
    _in("my", rf"(?:(?:early|mid|late)[\s-]+)?(<month>{_MONTH})\.?(?:\s+of)?,?\s+(<year>\d{{4}})(?!\w)"),
    _in("month", rf"(?:(?:early|mid|late)[\s-]+)?(<name>{_MONTH})(?!['’]s\b)"),
    _in("season", rf"(?:(?:early|mid|late)[\s-]+)?(?:the\s+)?(<name>{_SEASON})(?:\s+of)?,?\s+(<year>{_YEAR})"),
    _in("decade", rf"(?:the\s+(?:(?:early|mid|late)[\s-]+)?(?:['’]?(<short>\d0)['’]?s|(<word>{_any(DECADES)})))\b"),
    _in("decades", r"(?:the\s+)?(?:(?:early|mid|late)[\s-]+)?(<year>(?:1[5-9]|20)\d0)['’]?s\b"),
    _in("year", rf"(<number>{_YEAR})(?!\s+{_NOUNS})"),
    _in(
        "ordinal", r"the\s+(<day>\d{1,2})(?:st|nd|rd|th)\b(?=\s*(?:[.,;:!?)]|$|(?:and|at|to|for|with|but|i|we|they)\b))"
    ),
    _in("weekday", rf"(<name>{_WEEKDAY}){_PART}(?!\w|['’]s\b|\s+(?:morning|afternoon|evening|night)s\b)"),
    _in("clock", rf"(?:at\s+)?{_CLOCK}"),
)
PATTERN = re.compile(rf"(?<![\w$€£#])(?:{'|'.join(_ALTERNATIVES)})")
"""Everything that may tell a time; looked for in lower case."""

WORDS = re.compile(r"[a-z]+|\d")
HINTS = frozenset(
    {"yesterday", "tomorrow", "today", "tonight", "night", "morning", "afternoon", "evening", "ago", "back", "now"}
    | {
        unit + s
        for unit in ("minute", "hour", "day", "week", "weekend", "fortnight", "month", "year")
        for s in ("", "s")
    }
    | set(MONTH_NUMBERS)
    | set(WEEKDAY_NUMBERS)
    | set(SEASONS)
    | set(DECADES)
    | set("0123456789")
    | {
        "decade",
        "decades",
        "noon",
        "midnight",
        "mon",
        "tue",
        "tues",
        "wed",
        "thu",
        "thur",
        "thurs",
        "fri",
        "sat",
        "sun",
    }
)
"""A text without any of these tells no time; most texts are spared the long pattern so."""
