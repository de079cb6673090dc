"""Times told by the calendar, in full or in part: 7 May 2023, in May, since 2016, on Friday, the 90s, at 3pm.

Each function says what a match of one shape of :mod:`agentmem.text.time_words` means; ``None``: on a second look, it
tells no time. All of them raise ``ValueError`` or ``OverflowError`` for a day that there is not.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from agentmem.text import calendar
from agentmem.text.calendar import DAY, Grain, Span
from agentmem.text.counted_times import Reader, weekday_from
from agentmem.text.said import Anchor, Meaning, Said
from agentmem.text.time_words import DECADES, MONTH_NUMBERS, WEEKDAY_NUMBERS, WORDS_TOO

_BEFORE_PERIOD = frozenset(
    {"in", "since", "until", "till", "by", "during", "of", "early", "mid", "late", "through", "throughout", "around"}
)
_BEFORE_YEAR = _BEFORE_PERIOD | {"before", "after", "circa", "year", "back"}
_ANY_OF = frozenset({"every", "each", "most", "some", "any", "black", "good", "ash", "cyber", "fat"})
_TO = r"(?:to|until|till|through|thru|and|[-–—])"
_RANGE_AHEAD = re.compile(rf"\s*{_TO}\s*(?:\d{{4}}\b|now\b|today\b|the\s+present\b)")
_RANGE_BEHIND = re.compile(rf"(?:\b(?:from|between)\s+\d{{4}}\s*{_TO}|(?<!\d)\d{{4}}\s?[-–—])\s*$")
_TIME_OF_DAY = re.compile(r"(\d{1,2})(?::(\d\d))?\s?([ap])?")
_NEAREST_YEARS = 8
"""How far to look for a 29 February."""


def _iso(said: Said, match: re.Match[str]) -> Meaning | None:
    year, number = int(match["iso_year"]), int(match["iso_month"])
    if match["iso_day"] is None:
        if "/" in match[0] or not 1500 <= year < 2200:
            return None
        return Meaning(calendar.month(year, number), Grain.MONTH, Anchor.CALENDAR)
    moment = datetime(year, number, int(match["iso_day"]))  # noqa: DTZ001 - on the speaker's wall
    if match["iso_clock"] is None:
        return Meaning(calendar.day(moment), Grain.DAY, Anchor.CALENDAR)
    moment = datetime.fromisoformat(match[0].upper().replace(" ", "T"))
    if moment.tzinfo is not None:
        moment = moment.astimezone(said.at.tzinfo).replace(tzinfo=None)
    return Meaning((moment, moment + timedelta(minutes=1)), Grain.MOMENT, Anchor.CALENDAR)


def _figures(_said: Said, match: re.Match[str]) -> Meaning | None:
    """``25/12/2023`` or ``12/25/2023``, but not ``7/5/2023``; with dots the day comes first."""
    first, second = int(match["figures_one"]), int(match["figures_two"])
    if match["figures_dot"] is None and first <= 12 and second <= 12 and first != second:
        return None
    if match["figures_dot"] is None and second > 12:
        first, second = second, first
    moment = datetime(int(match["figures_year"]), second, first)  # noqa: DTZ001
    return Meaning(calendar.day(moment), Grain.DAY, Anchor.CALENDAR)


def _dated(said: Said, match: re.Match[str]) -> Meaning | None:
    shape = str(match.lastgroup)
    day, last, name, year = (match[f"{shape}_{part}"] for part in ("day", "last", "month", "year"))
    ordinal = not day[-1].isdigit()
    lower = not said.text[match.start(f"{shape}_month")].isupper()
    if lower and name in WORDS_TOO and year is None and not ordinal:
        return None  # "I may 5 times"
    first, final = _number(day), _number(last or day)
    if final < first:
        return None

    def span(of: int) -> Span:
        start = datetime(of, MONTH_NUMBERS[name], first)  # noqa: DTZ001
        return start, start.replace(day=final) + DAY

    if year is not None:
        return Meaning(span(int(year)), Grain.DAY, Anchor.CALENDAR)
    return _nearest(said, match.start(), _existing(span, said.now.year), Grain.DAY)


def _number(day: str) -> int:
    return int(day.rstrip("stndrh "))


def _existing(span: Callable[[int], Span], year: int) -> list[Span]:
    """The spans of the years around, where there is one: not every year has a 29 February."""
    spans = []
    for of in range(year - _NEAREST_YEARS, year + _NEAREST_YEARS + 1):
        try:
            spans.append(span(of))
        except (ValueError, OverflowError):
            continue
    return spans


def _nearest(said: Said, start: int, spans: list[Span], grain: Grain) -> Meaning | None:
    """The first that is not over, if the future is meant; else the last that has begun."""
    if said.ahead(start):
        chosen = next((span for span in spans if span[1] > said.now), None)
    else:
        chosen = next((span for span in reversed(spans) if span[0] <= said.now), None)
    return Meaning(chosen, grain, Anchor.NEAREST) if chosen else None


def _month_of_year(_said: Said, match: re.Match[str]) -> Meaning | None:
    year = int(match["my_year"])
    if not 1000 <= year < 3000:
        return None
    return Meaning(calendar.month(year, MONTH_NUMBERS[match["my_month"]]), Grain.MONTH, Anchor.CALENDAR)


def _month(said: Said, match: re.Match[str]) -> Meaning | None:
    name, before = match["month_name"], said.word_before(match.start())
    placed = before in _BEFORE_PERIOD or match.start("month_name") > match.start()
    opens_range = before in ("from", "between", "starting", "beginning") and name in calendar.MONTHS
    closes_range = before in ("to", "and", "through") and _month_before(said.low, match.start()) and name != "may"
    if before in _ANY_OF:
        return None
    if (name in WORDS_TOO or name not in calendar.MONTHS) and not (placed or opens_range or closes_range):
        return None

    def span(of: int) -> Span:
        return calendar.month(of, MONTH_NUMBERS[name])

    return _nearest(said, match.start(), _existing(span, said.now.year), Grain.MONTH)


def _month_before(low: str, start: int) -> bool:
    """Whether "from May to" stands before a place."""
    words = low[max(0, start - 30) : start].split()
    return len(words) > 2 and words[-2] in MONTH_NUMBERS and words[-3] in ("from", "between")


def _season(_said: Said, match: re.Match[str]) -> Meaning:
    span = calendar.season(int(match["season_year"]), match["season_name"])
    return Meaning(span, Grain.SEASON, Anchor.CALENDAR, approximate=True)


def _decade(_said: Said, match: re.Match[str]) -> Meaning:
    if word := match["decade_word"]:
        first = DECADES[word]
    else:
        first = int(match["decade_short"])
        first += 1900 if first >= 30 else 2000
    return Meaning(calendar.years(first, 10), Grain.DECADE, Anchor.CALENDAR)


def _decades(_said: Said, match: re.Match[str]) -> Meaning:
    first = int(match["decades_year"])
    century = first % 100 == 0 and first < 2000  # "the 1900s" may be all of them
    return Meaning(calendar.years(first, 100 if century else 10), Grain.DECADE, Anchor.CALENDAR, century)


def _year(said: Said, match: re.Match[str]) -> Meaning | None:
    if (
        said.word_before(match.start()) not in _BEFORE_YEAR
        and not _RANGE_AHEAD.match(said.low, match.end())
        and not _RANGE_BEHIND.search(said.low, max(0, match.start() - 30), match.start())
    ):
        return None  # "room 2023"
    return Meaning(calendar.years(int(match["year_number"])), Grain.YEAR, Anchor.CALENDAR)


def _ordinal(said: Said, match: re.Match[str]) -> Meaning | None:
    if said.word_before(match.start()) not in ("on", "by", "until", "till", "since", "from"):
        return None
    number, first = int(match["ordinal_day"]), said.now.replace(day=1)
    spans = []
    for step in range(-2, 3):
        start, end = calendar.month(first.year, first.month + step)
        if start + (number - 1) * DAY < end and number > 0:
            spans.append(calendar.day(start + (number - 1) * DAY))
    return _nearest(said, match.start(), spans, Grain.DAY)


def _plain_weekday(said: Said, match: re.Match[str]) -> Meaning | None:
    if said.word_before(match.start()) in _ANY_OF:
        return None
    sign = 1 if said.ahead(match.start()) else -1
    found = weekday_from(said.now, WEEKDAY_NUMBERS[match["weekday_name"]], sign)
    return Meaning(calendar.day(found), Grain.DAY, Anchor.NEAREST)


def _clock(said: Said, match: re.Match[str]) -> Meaning | None:
    """The time of day, on the day it was said; which day is meant has to stand beside it."""
    hour, minute = 12, 0
    if "midnight" in match[0]:
        hour = 0
    elif "noon" not in match[0]:
        figures = _TIME_OF_DAY.search(match[0])
        if figures is None:
            return None
        hour, minute = int(figures[1]), int(figures[2] or 0)
        if figures[3]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + (12 if figures[3] == "p" else 0)
    moment = said.now.replace(hour=hour, minute=minute, second=0, microsecond=0)
    return Meaning((moment, moment + timedelta(minutes=1)), Grain.MOMENT)


READERS: Mapping[str, Reader] = {
    "iso": _iso,
    "figures": _figures,
    "dmy": _dated,
    "mdy": _dated,
    "my": _month_of_year,
    "month": _month,
    "season": _season,
    "decade": _decade,
    "decades": _decades,
    "year": _year,
    "ordinal": _ordinal,
    "weekday": _plain_weekday,
    "clock": _clock,
}
"""By the name of the shape."""
