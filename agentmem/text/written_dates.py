"""Times written out for a reader: what "last week" meant, as "the week of 1 May 2023"."""

from __future__ import annotations

from datetime import datetime, timedelta

from agentmem.text.calendar import MONTHS, Grain
from agentmem.text.moments import Anchor, TimeExpression

_WIDEST = {Grain.DAY: 1, Grain.WEEKEND: 2, Grain.WEEK: 7, Grain.MONTH: 31, Grain.SEASON: 92, Grain.YEAR: 366}
"""Days; what is wider ("a few years ago") has no one date."""
_SLACK = timedelta(hours=3)
"""Days on which clocks change are longer."""


def written(told: TimeExpression, at: datetime) -> str | None:
    """The date that an expression counted from ``at`` means; ``None`` where it is told already, or too vague.

    It is as exact as the expression: a day, "the week of" its Monday, "the weekend of" its Saturday, a month, a year;
    "about" stands before rough ones, "since" before a period that lasts until ``at``.
    """
    if told.anchor != Anchor.SAID:
        return None
    since, until = told.since.astimezone(at.tzinfo), told.until.astimezone(at.tzinfo)
    if told.grain == Grain.MOMENT:
        return None if told.approximate else _day(since)
    if told.approximate and told.grain != Grain.SEASON and since <= at < until:
        return None if since.date() == at.date() else f"since {_since(since, told.grain)}"
    if told.grain not in _WIDEST or until - since > timedelta(days=_WIDEST[told.grain]) + _SLACK:
        return None
    about = "about " if told.approximate else ""
    middle = since + (until - since) / 2
    match told.grain:
        case Grain.DAY:
            return about + _day(since)
        case Grain.WEEKEND:
            return f"the weekend of {_day(since)}"
        case Grain.WEEK:
            return f"about {_day(middle)}" if told.approximate else f"the week of {_day(since)}"
        case Grain.MONTH:
            return about + _month(middle)
        case Grain.SEASON:
            last = until - _SLACK
            return str(since.year) if since.year == last.year else f"{since.year} to {last.year}"
    return about + str(middle.year)


def _since(moment: datetime, grain: Grain) -> str:
    return _day(moment) if grain in (Grain.DAY, Grain.WEEK) else _month(moment)


def _day(moment: datetime) -> str:
    return f"{moment.day} {_month(moment)}"


def _month(moment: datetime) -> str:
    return f"{MONTHS[moment.month - 1].capitalize()} {moment.year}"
