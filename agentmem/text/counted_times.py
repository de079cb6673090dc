"""Times counted from the moment something was said: yesterday, two weeks ago, last summer, over the weekend.

Each function says what a match of one shape of :mod:`agentmem.text.time_words` means; ``None``: on a second look, it
tells no time. All of them raise ``ValueError`` or ``OverflowError`` for what lies outside the calendar.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta

from agentmem.text import calendar
from agentmem.text.calendar import DAY, WEEK, Grain, Span
from agentmem.text.said import Meaning, Said
from agentmem.text.tense import Tense
from agentmem.text.time_words import MONTH_NUMBERS, NUMBERS, VAGUE, WEEKDAY_NUMBERS, WORDS_TOO

_ABOUT_WEEKS = 3 * DAY
_ABOUT_MONTHS = 15 * DAY
_ABOUT_YEARS = 100 * DAY
"""How far "two weeks (months, years) ago" may be off, to either side."""
_EXPECTING = re.compile(r"\b(?:is|are|am|have|has|due)\b|['’](?:s|re|m)\b")


def _twice(said: Said, match: re.Match[str]) -> Meaning:
    days = -2 if match["twice_which"].startswith("before") else 2
    return Meaning(calendar.day(said.now + days * DAY), Grain.DAY)


def _near(said: Said, match: re.Match[str]) -> Meaning | None:
    named = match["near_day"]
    if named == "today" and said.low.startswith(("'s", "’s"), match.end()):
        return None  # "today's world"
    days = -1 if match["near_eve"] or named == "yesterday" else 1 if named == "tomorrow" else 0
    return Meaning(calendar.day(said.now + days * DAY), Grain.DAY)


def amount(count: str) -> tuple[float, float]:
    """How many a number, in figures or words, stands for: at least and at most."""
    words = count.split()
    if vague := [VAGUE[word] for word in words if word in VAGUE]:
        return vague[0]
    number = 0.5 if words[0] == "half" else NUMBERS.get(words[-1]) or float(words[-1])
    return number, number


def _ago(said: Said, match: re.Match[str]) -> Meaning:
    least, most = (number + (0.5 if match["ago_half"] else 0) for number in amount(match["ago_count"]))
    sign = -1 if match["ago_ago"] else 1
    found = away(said.now, match["ago_unit"], (sign * least, sign * most))
    return found._replace(approximate=found.approximate or bool(match["ago_about"]) or least != most)


def _within(said: Said, match: re.Match[str]) -> Meaning | None:
    unit, tense = match["within_unit"], said.tense(match.start())
    if not match[0].endswith("time") and tense != Tense.FUTURE:
        before = said.low[max(0, match.start() - 60) : match.start()]
        if tense != Tense.PRESENT or unit in ("minute", "hour") or not _EXPECTING.search(before):
            return None  # "I read it in two days"
    least, most = amount(match["within_count"])
    found = away(said.now, unit, (least, most))
    return found._replace(approximate=found.approximate or bool(match["within_about"]) or least != most)


def away(now: datetime, unit: str, counts: Iterable[float]) -> Meaning:
    """The time that lies so many units away, between the least and the most; negative numbers lie in the past.

    Raises:
        ValueError, OverflowError: it lies outside the calendar.
    """
    found = [_away(now, unit, count) for count in counts]
    span = min(one.span[0] for one in found), max(one.span[1] for one in found)
    return found[0]._replace(span=span)


def _away(now: datetime, unit: str, count: float) -> Meaning:
    sign = 1 if count > 0 else -1
    match unit:
        case "minute" | "hour":
            size = timedelta(**{f"{unit}s": 1})
            moment = now + count * size
            return Meaning((moment - size / 2, moment + size / 2), Grain.MOMENT, approximate=True)
        case "day" | "night":
            return Meaning(calendar.day(now + int(count) * DAY), Grain.DAY)
        case "week" | "fortnight":
            weeks = count * (2 if unit == "fortnight" else 1)
            return Meaning(_around(now + weeks * WEEK, _ABOUT_WEEKS), Grain.WEEK, approximate=True)
        case "weekend":
            return Meaning(calendar.weekend(now + count * WEEK), Grain.WEEKEND)
        case "month":
            return Meaning(_around(_months_away(now, count), _ABOUT_MONTHS), Grain.MONTH, approximate=True)
        case "year":
            return Meaning(_around(_months_away(now, 12 * count), _ABOUT_YEARS), Grain.YEAR, approximate=True)
        case "decade":
            return Meaning(_around(_months_away(now, 120 * count), 10 * _ABOUT_YEARS), Grain.YEAR, approximate=True)
    first = weekday_from(now, WEEKDAY_NUMBERS[unit], sign)
    return Meaning(calendar.day(first + (count - sign) * WEEK), Grain.DAY)


def _months_away(now: datetime, count: float) -> datetime:
    whole = int(count)
    return calendar.plus_months(now, whole) + (count - whole) * 30 * DAY


def _around(moment: datetime, slack: timedelta) -> Span:
    start, end = calendar.day(moment)
    return start - slack, end + slack


def weekday_from(now: datetime, number: int, sign: int) -> datetime:
    """The next such weekday, or the last; never today."""
    return now + sign * ((sign * (number - now.weekday())) % 7 or 7) * DAY


def back(now: datetime, unit: str, count: float) -> datetime:
    """The beginning of the last so many units.

    Raises:
        ValueError, OverflowError: it lies outside the calendar.
    """
    if unit in ("minute", "hour"):
        return now - timedelta(**{f"{unit}s": count})
    if unit in ("month", "year", "decade"):
        return calendar.midnight(_months_away(now, -count * {"month": 1, "year": 12, "decade": 120}[unit]))
    days = {"week": 7, "weekend": 7, "fortnight": 14}.get(unit, 1)
    return calendar.midnight(now - count * days * DAY)


_GRAINS = {
    "minute": Grain.MOMENT,
    "hour": Grain.MOMENT,
    "day": Grain.DAY,
    "night": Grain.DAY,
    "week": Grain.WEEK,
    "weekend": Grain.WEEK,
    "fortnight": Grain.WEEK,
    "month": Grain.MONTH,
    "year": Grain.YEAR,
    "decade": Grain.DECADE,
}


def _rolling(said: Said, match: re.Match[str]) -> Meaning | None:
    which, unit = match["rolling_which"], match["rolling_unit"]
    if said.word_before(match.start()) in ("my", "our", "his", "her", "their", "your"):
        return None
    _, most = amount(match["rolling_count"])
    today, tomorrow = calendar.day(said.now)
    if unit in ("minute", "hour"):
        today = tomorrow = said.now
    if which in ("last", "past"):
        return Meaning((back(said.now, unit, most), tomorrow), _GRAINS[unit], approximate=True)
    return Meaning((today, back(said.now, unit, -most) + (tomorrow - today)), _GRAINS[unit], approximate=True)


def _lately(said: Said, match: re.Match[str]) -> Meaning:
    return _until_now(said, match["lately_unit"])


def _until_now(said: Said, unit: str) -> Meaning:
    return Meaning((back(said.now, unit, 1), calendar.day(said.now)[1]), _GRAINS[unit], approximate=True)


def _beyond(said: Said, match: re.Match[str]) -> Meaning:
    return _unit_from_now(said.now, match["beyond_unit"], -2 if match["beyond_which"].startswith("before") else 2)


def _unit_from_now(now: datetime, unit: str, steps: int) -> Meaning:
    match unit:
        case "week":
            return Meaning(calendar.week(now + steps * WEEK), Grain.WEEK)
        case "weekend":
            return Meaning(calendar.weekend(now + steps * WEEK), Grain.WEEKEND)
        case "month":
            return Meaning(calendar.month(now.year, now.month + steps), Grain.MONTH)
        case "year":
            return Meaning(calendar.years(now.year + steps), Grain.YEAR)
    return Meaning(calendar.years(now.year // 10 * 10 + 10 * steps, 10), Grain.DECADE)


def _which(said: Said, match: re.Match[str]) -> Meaning | None:
    which = match["which_which"]
    past = which.endswith("past")
    step = -1 if past or which == "last" else 0 if which == "this" else 1
    if unit := match["which_unit"]:
        if past and unit != "weekend":
            return _until_now(said, unit)
        if step == 0 and unit == "weekend" and said.now.weekday() < 5 and said.tense(match.start()) == Tense.PAST:
            step = -1
        return _unit_from_now(said.now, unit, step)
    if name := match["which_season"]:
        return _season_from_now(said, name, step, match.start())
    if name := match["which_month"]:
        return _month_from_now(said, name, step, match.start("which_month"))
    name, start = match["which_weekday"], match.start("which_weekday")
    if name not in WEEKDAY_NUMBERS and not said.text[start].isupper():
        return None  # "last sun"
    number = next(number for full, number in WEEKDAY_NUMBERS.items() if full.startswith(name[:3]))
    if step == 0 and said.now.weekday() == number:
        return Meaning(calendar.day(said.now), Grain.DAY)
    if step == 0:
        step = -1 if said.is_past(match.start()) else 1
    return Meaning(calendar.day(weekday_from(said.now, number, step)), Grain.DAY)


def _season_from_now(said: Said, name: str, step: int, start: int) -> Meaning:
    spans = [calendar.season(said.now.year + year, name) for year in range(-2, 2) if said.now.year + year > 0]
    over = [span for span in spans if span[1] <= said.now]
    coming = [span for span in spans if span[0] > said.now]
    running = [span for span in spans if span[0] <= said.now < span[1]]
    if step == 0:
        chosen = running[0] if running else over[-1] if said.is_past(start) else coming[0]
    else:
        chosen = over[-1] if step < 0 else coming[0]
    return Meaning(chosen, Grain.SEASON, approximate=True)


def _month_from_now(said: Said, name: str, step: int, start: int) -> Meaning | None:
    if step >= 0 and name in WORDS_TOO and not said.text[start].isupper():
        return None  # "this may help"
    now, number = said.now, MONTH_NUMBERS[name]
    later = step > 0 and number <= now.month
    earlier = step < 0 and number >= now.month
    return Meaning(calendar.month(now.year + later - earlier, number), Grain.MONTH)


def _over(said: Said, match: re.Match[str]) -> Meaning | None:
    tense = said.tense(match.start())
    if tense == Tense.PRESENT:
        return None  # a habit, perhaps
    back_to = -1 if tense != Tense.FUTURE and said.now.weekday() < 6 else 0
    return Meaning(calendar.weekend(said.now + back_to * WEEK), Grain.WEEKEND)


Reader = Callable[[Said, "re.Match[str]"], Meaning | None]
READERS: Mapping[str, Reader] = {
    "twice": _twice,
    "near": _near,
    "ago": _ago,
    "within": _within,
    "rolling": _rolling,
    "lately": _lately,
    "beyond": _beyond,
    "which": _which,
    "over": _over,
}
"""By the name of the shape."""
