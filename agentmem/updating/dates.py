"""The dates and times of day that a text names, part by part, so that two texts can be compared by them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

_MONTHS = (
    *("january", "february", "march", "april", "may", "june"),
    *("july", "august", "september", "october", "november", "december"),
)
_NUMBER_OF = {name[:3]: number for number, name in enumerate(_MONTHS, 1)}
_MONTH = (
    "(?:January|February|March|April|May|June|July|August|September|October|November|December|Jan|Feb|Mar|Apr|Jun|Jul"
    r"|Aug|Sept?|Oct|Nov|Dec)\b\.?"
)
_DAY = r"(?P<{0}>\d{{1,2}})(?:st|nd|rd|th)?"
_YEAR = r"(?:19|20)\d\d"
_DATE = re.compile(
    r"\b(?P<iso_y>\d{4})-(?P<iso_m>\d\d)-(?P<iso_d>\d\d)\b"
    rf"|\b{_DAY.format('d1')}\s+(?:of\s+)?(?P<m1>{_MONTH})(?:,?\s+(?P<y1>{_YEAR})\b)?"
    rf"|\b(?P<m2>{_MONTH})\s+{_DAY.format('d2')}\b(?!:)(?:,?\s+(?P<y2>{_YEAR})\b)?"
    rf"|\b(?P<m3>{_MONTH}),?\s+(?P<y3>{_YEAR})\b"
    rf"|\b(?P<y4>{_YEAR})\b(?![.,:]\d|\s+(?!was\b|is\b|were\b|and\b|or\b|to\b|in\b|on\b|at\b|with\b|when\b|by\b|as\b|because\b)[a-z])"
    r"|\b(?P<m4>January|February|April|June|July|August|September|October|November|December)\b"
    r"|(?:(?<=in )|(?<=since )|(?<=until )|(?<=last )|(?<=next )|(?<=of ))(?P<m5>May|March)\b"
    r"|\b(?P<weekday>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)s?\b"
    r"|\b(?P<h1>\d{1,2}):(?P<min>\d\d)\b(?:\s*(?P<half1>[ap]\.?m\b\.?))?"
    r"|\b(?P<h2>\d{1,2})\s*(?P<half2>[ap]\.?m\b\.?)"
    r"|\b(?P<noon>noon|midday|midnight)\b"
    r"|\b(?P<season>(?<=in )(?:the )?(?:spring|summer|autumn|winter))\b"
    r"|\b(?P<relative>yesterday|today|tonight|tomorrow|(?:last|next|this)\s+(?:night|week(?:end)?|month|year|morning"
    r"|evening|afternoon)|(?:the\s+)?(?:day|night)\s+before\s+last)\b",
    re.IGNORECASE,
)
_MAYBE = re.compile(
    r"\d|day|night|noon|week|month|year|morning|evening|spring|summer|autumn|winter|tomorrow|january|february|march|april|may"
    r"|june|july|august|september|october|november|december",
    re.IGNORECASE,
)
"""What a text with a date in it must have: looked for first, for speed."""
_LEFT_OVER = re.compile(
    r"\(\s*\)|\b(?:on|in|at|since|until|by|around|about|from|the|of|next|last|this)\s*(?=\x00)", re.IGNORECASE
)
_RELATIVE = "relative"


@dataclass(frozen=True, slots=True)
class Dates:
    """What is named of each part of a date: numbers from 1 for months and days, minutes since midnight for times."""

    years: frozenset[int] = frozenset()
    months: frozenset[int] = frozenset()
    days: frozenset[int] = frozenset()
    weekdays: frozenset[str] = frozenset()
    clock: frozenset[int] = frozenset()
    others: frozenset[str] = frozenset()

    def __bool__(self) -> bool:
        return any(self.parts())

    @property
    def calendar(self) -> bool:
        """Whether it names a day, month or year, rather than a weekday or a time of day."""
        return bool(self.years or self.months or self.days)

    def parts(self) -> tuple[frozenset[int] | frozenset[str], ...]:
        """All parts, in a fixed order; relative expressions ("yesterday"), which name no date, last."""
        return (self.years, self.months, self.days, self.weekdays, self.clock, self.others)


@lru_cache(maxsize=40_000)
def dates(text: str) -> tuple[Dates, str]:
    """The dates in a text, and the text without them (and without brackets and prepositions that held only a date)."""
    if _MAYBE.search(text) is None:
        return Dates(), text
    found: dict[str, set[int | str]] = {name: set() for name in Dates.__slots__}
    for match in _DATE.finditer(text):
        for part, value in _parts(match):
            found[part].add(value)
    if not any(found.values()):
        return Dates(), text
    marked = _DATE.sub("\x00", text)
    while (shorter := _LEFT_OVER.sub("", marked)) != marked:
        marked = shorter
    rest = re.sub(r"\(\s*\)", "", marked.replace("\x00", " "))
    return Dates(**{name: frozenset(values) for name, values in found.items()}), " ".join(rest.split())  # type: ignore[arg-type]


def differ(first: Dates, second: Dates) -> bool:
    """Whether some part is named on both sides, and neither side's includes the other's.

    "in May 2023" does not differ from "on 7 May 2023", which only says more.
    """
    pairs = zip(first.parts(), second.parts(), strict=True)
    return any(one and other and not (one <= other or other <= one) for one, other in pairs)


def _parts(match: re.Match[str]) -> Iterator[tuple[str, int | str]]:
    for name, value in match.groupdict().items():
        if value is None or name in ("min", "half1", "half2"):
            continue
        if name in ("iso_y", "y1", "y2", "y3", "y4"):
            yield "years", int(value)
        elif name == "iso_m":
            yield "months", int(value)
        elif name[0] == "m":
            yield "months", _NUMBER_OF[value[:3].lower()]
        elif name in ("iso_d", "d1", "d2"):
            yield "days", int(value)
        elif name == "weekday":
            yield "weekdays", value[:3].lower()
        elif name in ("h1", "h2"):
            half = (match["half1"] or match["half2"] or "").lower()
            hour = int(value) % 12 + 12 * half.startswith("p") if half else int(value)
            yield "clock", hour * 60 + int(match["min"] or 0)
        elif name == "noon":
            yield "clock", 0 if value.lower() == "midnight" else 720
        else:
            yield "others", " ".join(value.lower().split())
