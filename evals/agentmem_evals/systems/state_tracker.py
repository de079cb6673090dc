"""System ``state-tracker:SYSTEM``: bAbI's questions answered without a language model, from what a system finds.

What was found is put in order of time and read by bAbI's own small grammar
(:mod:`agentmem_evals.datasets.babi_statements`). That is knowledge of the data set, so its numbers tell whether what
was found suffices, and nothing about other texts. It tracks where people and things are, and who has what: tasks 1, 2,
3, 6, 7, 8, 9, 11, 12 and 13, and 10 but for what is "either" here or there. Questions of other tasks are not answered,
and count as wrong.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from agentmem_evals.datasets.babi_statements import Told, Verb, read_stories
from agentmem_evals.errors import DataFormatError
from agentmem_evals.systems.around import Around
from agentmem_evals.systems.protocol import System
from agentmem_evals.types import Body

NAME = "state-tracker"
DEPTH = 30
"""How many items are asked for, as many as a reader is usually given; a system that gives all gives all."""
UNKNOWN = ""
_WORDS = ("none", "one", "two", "three", "four", "five", "six")
_WHERE = re.compile(r"Where is (?:the )?(?P<who>\w+)\?")
_BEFORE = re.compile(r"Where was (?:the )?(?P<who>\w+) before the (?P<place>\w+)\?")
_IS_IN = re.compile(r"Is (?P<who>\w+) in the (?P<place>\w+)\?")
_CARRYING = re.compile(r"What is (?P<who>\w+) carrying\?")
_HOW_MANY = re.compile(r"How many objects is (?P<who>\w+) carrying\?")


class StateTrackerSystem(Around):
    """See the module's docstring."""

    def __init__(self, inner: System) -> None:
        super().__init__(NAME, inner)
        self._places: dict[str, int] = {}
        self._texts: dict[str, str] = {}

    def ingest(self, body: Body) -> None:
        """Tell the system, and keep the items in their order."""
        super().ingest(body)
        self._places = {item.id: place for place, item in enumerate(body.items)}
        self._texts = {item.id: item.text for item in body.items}

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """The answer in bAbI's words; empty where the rules cannot tell."""
        found = self.inner.retrieve(question, DEPTH, asked_at=asked_at).items
        return answer_from(question, [self._texts[one] for one in sorted(found, key=self._places.__getitem__)])


def answer_from(question: str, statements: Sequence[str]) -> str:
    """What follows from statements in order of time; empty where nothing does. Others than bAbI's are skipped."""
    story = _read(statements)
    if match := _BEFORE.fullmatch(question):
        return _before(_places(story, match["who"]), match["place"])
    if match := _WHERE.fullmatch(question):
        return next(reversed(_places(story, match["who"])), UNKNOWN)
    if match := _IS_IN.fullmatch(question):
        return _is_in(story, match["who"], match["place"])
    if match := _CARRYING.fullmatch(question):
        return ",".join(_carried(story, match["who"])) or "nothing"
    if match := _HOW_MANY.fullmatch(question):
        return _WORDS[len(_carried(story, match["who"]))]
    return UNKNOWN


def _read(statements: Sequence[str]) -> list[Told]:
    """Those that bAbI's grammar knows; a pronoun means the people of the statement before, which must be there."""
    story: list[Told] = []
    for text in statements:
        before = [] if not story else [f"1 {story[-1].text}"]
        numbered = "\n".join([*before, f"{len(before) + 1} {text}"])
        try:
            story.append(next(iter(read_stories(numbered, "found")))[-1])
        except DataFormatError:
            continue
    return story


def _places(story: Sequence[Told], who: str) -> list[str]:
    """Where a person or thing was, place after place; a thing is where whoever has it is, and stays where it is put."""
    people: dict[str, str] = {}
    holder = ""
    found: list[str] = []
    for told in story:
        if told.handles:
            if told.what == who:
                holder = "" if told.verb is Verb.DROPPED else told.people[-1]
                _move(found, people.get(told.people[0], UNKNOWN))
        elif told.verb in (Verb.WENT, Verb.IS):
            people.update(dict.fromkeys(told.people, told.what))
            if who in told.people or holder in told.people:
                _move(found, told.what)
    return found


def _move(places: list[str], place: str) -> None:
    if place and (not places or places[-1] != place):
        places.append(place)


def _before(places: Sequence[str], place: str) -> str:
    last = max((number for number, one in enumerate(places) if one == place), default=0)
    return places[last - 1] if last > 0 else UNKNOWN


def _is_in(story: Sequence[Told], who: str, place: str) -> str:
    for told in reversed(story):
        if who in told.people and not told.handles:
            there = told.what == place
            if told.verb in (Verb.WENT, Verb.IS):
                return "yes" if there else "no"
            return "no" if there else UNKNOWN
    return UNKNOWN


def _carried(story: Sequence[Told], who: str) -> list[str]:
    things: list[str] = []
    for told in story:
        if not told.handles:
            continue
        taker = "" if told.verb is Verb.DROPPED else told.people[-1]
        if told.what in things and taker != who:
            things.remove(told.what)
        if taker == who and told.what not in things:
            things.append(told.what)
    return things
