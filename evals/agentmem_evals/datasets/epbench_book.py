"""A small episodic book of the project's own, in the Episodic Memories Benchmark's schema, the same for every seed.

Made as the benchmark makes its books (Huet et al., ICLR 2025, arXiv 2501.13121, section 3): each chapter tells one
event with its date, place, main person and content; values recur, some far more often than others (a geometric
distribution over each list), so that a cue fits no, one or many events; chapters do not follow the calendar. But the
text is put together from the project's own sentences instead of being written by a language model: plainer than the
published books, and every fact of an event is in its chapter word by word.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TypeVar

from agentmem_evals.datasets.epbench import FILE_NAMES, QUESTION_FILES, dataset_of
from agentmem_evals.datasets.epbench_questions import Row, rows_about
from agentmem_evals.datasets.epbench_words import (
    ARRIVALS,
    COMPANIONS,
    COMPANY,
    CONTENTS,
    ENDINGS,
    HAPPENINGS,
    PEOPLE,
    PLACES,
    UNUSED,
)
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.event import Event, worded
from agentmem_evals.errors import DataNotFound
from agentmem_evals.types import Dataset

NAME = "epbench-book"
CHAPTERS = 40
PER_GROUP = 2
"""Questions with one wording and one number of matching events. The benchmark takes 5."""
SKEW = 0.1
"""The parameter of the geometric distribution, as in the benchmark's default."""

_NAMED = re.compile(r"(\d{1,4})(?::(\d{1,9}))?")

T = TypeVar("T")

_FIRST_DAY = date(2031, 1, 1)
_DAYS = 60
"""Days that events can fall on: few enough that some share one."""


@dataclass(frozen=True, slots=True)
class Book:
    """The text in chapters, the events they tell in the same order, and the rows of questions."""

    text: str
    events: tuple[Event, ...]
    rows: tuple[Row, ...]


def generate_book(chapters: int = CHAPTERS, seed: int = 0, per_group: int = PER_GROUP) -> Book:
    """Make a book and its questions.

    Raises:
        ValueError: fewer than one chapter, or more than can be told apart.
    """
    if not 1 <= chapters <= 400:
        raise ValueError(f"A book has 1 to 400 chapters, not {chapters}.")
    chance = random.Random(f"{NAME} {seed}")  # noqa: S311 - a story, no secret
    events = _events(chapters, chance)
    text = "\n\n".join(f"Chapter {event.chapter}\n\n{_told(event, chance)}" for event in events)
    return Book(text, events, rows_about(events, per_group, chance))


def load_generated_book(chapters: int = CHAPTERS, seed: int = 0, per_group: int = PER_GROUP) -> Dataset:
    """The book and its questions as a data set, without files. ``sha256`` is of what :func:`write_book` would write."""
    contents = _contents(generate_book(chapters, seed, per_group))
    text, rows = (json.loads(content) for content in contents)
    return dataset_of(NAME, f"{chapters} chapters, seed {seed}", digest_of(contents), text, rows)


def load_book_of(path: Path) -> Dataset:
    """The book that ``CHAPTERS`` or ``CHAPTERS:SEED`` names in the place of a file; the usual one for no path.

    Raises:
        DataNotFound: it is no such name, or such a book cannot be made.
    """
    if path == Path():
        return load_generated_book()
    named = _NAMED.fullmatch(str(path))
    try:
        if named is not None:
            return load_generated_book(int(named[1]), int(named[2] or 0))
        raise ValueError("not CHAPTERS or CHAPTERS:SEED")
    except ValueError as error:
        raise DataNotFound(
            f"There is no book {str(path)!r} ({error}). {NAME!r} is generated: leave --data out, or pass for example "
            "--data 200 or --data 200:7, numbers of chapters and of the seed."
        ) from error


def write_book(folder: Path, chapters: int = CHAPTERS, seed: int = 0, per_group: int = PER_GROUP) -> None:
    """Write ``book.json`` and ``df_qa.json``, which :func:`agentmem_evals.datasets.epbench.load_epbench` reads."""
    folder.mkdir(parents=True, exist_ok=True)
    contents = _contents(generate_book(chapters, seed, per_group))
    for name, content in zip((FILE_NAMES[0], QUESTION_FILES[0]), contents, strict=True):
        (folder / name).write_bytes(content)


def _contents(book: Book) -> tuple[bytes, bytes]:
    rows = [row.published() for row in book.rows]
    return json.dumps(book.text, indent=2).encode(), json.dumps(rows, indent=2).encode()


def _events(chapters: int, chance: random.Random) -> tuple[Event, ...]:
    """Different events. Nobody has two on one day: their order would be anyone's guess."""
    events: list[Event] = []
    busy: set[tuple[date, str]] = set()
    while len(events) < chapters:
        day = _FIRST_DAY + timedelta(days=_skewed(range(_DAYS), chance, SKEW / 2))
        person = _skewed(PEOPLE[:-UNUSED], chance)
        place, (content, _) = _skewed(PLACES[:-UNUSED], chance), _skewed(CONTENTS[:-UNUSED], chance)
        companions = tuple(chance.sample(COMPANIONS, chance.choice((0, 1, 1, 2))))
        if (day, person) in busy:
            day, person = _free(busy, chance)
        busy.add((day, person))
        events.append(Event(len(events) + 1, day, worded(day), place, person, content, companions))
    return tuple(events)


def _free(busy: set[tuple[date, str]], chance: random.Random) -> tuple[date, str]:
    days = (_FIRST_DAY + timedelta(days=number) for number in range(_DAYS))
    return chance.choice([(day, who) for day in days for who in PEOPLE[:-UNUSED] if (day, who) not in busy])


def _skewed(values: Sequence[T], chance: random.Random, skew: float = SKEW) -> T:
    weights = [(1 - skew) ** place for place in range(len(values))]
    return chance.choices(values, weights)[0]


def _told(event: Event, chance: random.Random) -> str:
    detail = dict(CONTENTS)[event.content]
    words = {"t": event.time, "s": event.place, "e": event.person, "c": event.content}
    first = chance.choice(ARRIVALS).format(**words)
    second = chance.choice(HAPPENINGS).format(**words)
    company = [chance.choice(COMPANY).format(o=companion) for companion in event.companions]
    return f"{first} {second}\n\n{detail}. {' '.join([*company, chance.choice(ENDINGS)])}"
