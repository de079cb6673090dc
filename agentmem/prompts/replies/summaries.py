"""Summaries of texts, of days and of people."""

from __future__ import annotations

from agentmem.prompts.replies.reply import Reply, Text


class Summary(Reply):
    """The reply to ``merge_summary`` and ``summarise``."""

    text: Text


class RollingSummary(Reply):
    """The reply to ``rolling_summary``."""

    reasoning: str
    text: Text


class DayTold(Reply):
    """The reply to ``day``: what happened, and what it tells about the people; the latter may be empty."""

    summary: Text
    portrait: str


class ProfileLine(Reply):
    """What is true of somebody; ``facts`` numbers the facts that say so; ``group`` is any text, as in PairVerdict."""

    group: str
    text: Text
    facts: list[int]


class ProfileLines(Reply):
    """The reply to ``profile``."""

    lines: list[ProfileLine]
