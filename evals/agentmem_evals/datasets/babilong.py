"""bAbI's stories hidden in books, as BABILong does it (Kuratov et al. 2024, arXiv 2406.10149; booydar/babilong).

The statements of a story stand, in their order, at random places between the sentences of a book, and all together
have a given number of tokens. This is BABILong's construction (``NoiseInjectionDataset``) and not its published
samples: the book text is the reader's own choice, tokens are the library's estimate, and the last sentence is left
out rather than cut.

A body is a conversation and no corpus, because the order of the statements decides the answer. Narrator and wording of
ids tell nothing of what is hidden. Evidence are the supporting statements. A session is a page of 100 sentences.
Bodies are windows into one endless repetition of the book text and share its turns, so even 10 million tokens are
loaded once.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from itertools import groupby
from pathlib import Path

from agentmem.text.budget import estimate_tokens
from agentmem_evals.datasets.babi import CATEGORY_NAMES, FILE_NAMES, Asked, read_task, task_files
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.narrative import BEGINNING, NARRATOR
from agentmem_evals.datasets.haystack import EXCERPTS, Haystack, read_haystack
from agentmem_evals.errors import DataNotFound, UnknownName
from agentmem_evals.types import Conversation, Dataset, Level, Question, Session, Turn

__all__ = ["FILE_NAMES", "LENGTHS", "PER_TASK", "find_haystack", "load_babilong"]

LENGTHS: Mapping[str, int] = {
    "babilong-0k": 0,
    "babilong-16k": 16_000,
    "babilong-128k": 128_000,
    "babilong-1m": 1_000_000,
    "babilong-10m": 10_000_000,
}
"""Tokens of a body, by the name of the data set. At 0 there are the statements alone."""
PER_TASK: Mapping[str, int] = {
    "babilong-0k": 100,
    "babilong-16k": 100,
    "babilong-128k": 20,
    "babilong-1m": 5,
    "babilong-10m": 1,
}
"""Questions drawn from each task: each has a body of its own, and long ones cost."""
PAGE = 100

_ROOM = 1000
"""Numbers for the statements between two sentences of the book; no story of bAbI has as many statements."""
_BESIDE = ("haystack", "sort")


def load_babilong(
    name: str, path: Path, *, haystack: Path | None = None, seed: int = 0, per_task: int | None = None
) -> Dataset:
    """Hide the stories of one task's file, or of a folder of bAbI, in book text; the same every time.

    ``haystack`` is a file or folder of book text; without it ``haystack/`` or ``sort/`` beside bAbI's folder is taken.

    Raises:
        UnknownName: the name is none of :data:`LENGTHS`.
        DataNotFound: there are no stories, or there is no book text.
        DataFormatError: a file is not a task of bAbI.
    """
    if name not in LENGTHS:
        raise UnknownName(f"There is no length {name!r}. Known are: {', '.join(LENGTHS)}.")
    straw = read_haystack(haystack or find_haystack(path))
    book = _Book(straw)
    paths = task_files(path)
    contents = [one.read_bytes() for one in paths]
    hidden = [
        _hide(asked, book, LENGTHS[name], random.Random(f"{seed} {asked.question.id}"), name)  # noqa: S311 - no secret
        for one, content in zip(paths, contents, strict=True)
        for asked in _drawn(list(read_task(one.name, content)), per_task or PER_TASK[name], f"{seed} {one.name}")
    ]
    return Dataset(
        name=name,
        file_name=", ".join([*(one.name for one in paths), straw.file_name]),
        sha256=digest_of([*contents, straw.sha256.encode(), f"{LENGTHS[name]} {seed} {per_task}".encode()]),
        level=Level.TURN,
        category_names=CATEGORY_NAMES,
        bodies=tuple(body for body, _ in hidden),
        questions=tuple(question for _, question in hidden),
    )


def find_haystack(path: Path) -> Path:
    """The book text that belongs to bAbI's folder, or to a file in it: ``haystack/`` or ``sort/`` beside the folder.

    Raises:
        DataNotFound: there is none.
    """
    root = (path.parent if path.is_file() else path).resolve().parent
    for folder in (root / one for one in _BESIDE):
        if any(folder.glob("*.txt")) or any(folder.glob(EXCERPTS)):
            return folder
    raise DataNotFound(
        f"There is no book text to hide stories in. Put a folder haystack/ with *.txt, or Book-SORT's sort/ with "
        f"{EXCERPTS}, beside the folder of bAbI."
    )


@dataclass(frozen=True, slots=True)
class _Placed:
    """A turn and the page it stands on."""

    number: int
    turn: Turn


class _Book:
    """The book text repeated without end, as turns that are made once; sentence ``i`` is number ``_ROOM * (i + 1)``."""

    def __init__(self, straw: Haystack) -> None:
        self._straw = straw
        self._turns: dict[int, Turn] = {}

    def __len__(self) -> int:
        return len(self._straw.sentences)

    def turn(self, index: int) -> Turn:
        if index not in self._turns:
            number = _ROOM * (index + 1)
            self._turns[index] = _turn(number, page(index), self._straw.sentences[index % len(self)])
        return self._turns[index]

    def window(self, start: int, tokens: int) -> range:
        """As many sentences from ``start`` on as have at most so many tokens together."""
        index = start
        while (tokens := tokens - self._straw.tokens[index % len(self)]) >= 0:
            index += 1
        return range(start, index)


def page(index: int) -> str:
    """The session of a sentence of the book."""
    return f"page_{index // PAGE + 1}"


def _turn(number: int, session: str, text: str) -> Turn:
    """Numbers rise through a body and a second passes with each sentence of the book."""
    return Turn(str(number), session, NARRATOR, text, BEGINNING + timedelta(milliseconds=number))


def _drawn(asked: Sequence[Asked], limit: int, seed: str) -> Sequence[Asked]:
    if len(asked) <= limit:
        return asked
    drawn = random.Random(seed).sample(range(len(asked)), limit)  # noqa: S311 - a sample, no secret
    return [asked[position] for position in sorted(drawn)]


def _hide(asked: Asked, book: _Book, tokens: int, chance: random.Random, name: str) -> tuple[Conversation, Question]:
    left = tokens - sum(estimate_tokens(turn.text) for turn in asked.told)
    straw = book.window(chance.randrange(len(book)), left)
    gaps = sorted(chance.choices(range(straw.start, straw.stop + 1), k=len(asked.told)))
    places: dict[str, str] = {}
    facts: list[_Placed] = []
    for order, (gap, told) in enumerate(zip(gaps, asked.told, strict=True), start=1):
        number = _ROOM * gap + order
        # Behind the last sentence a statement stands on that sentence's page.
        last = max(straw.start, straw.stop - 1)
        facts.append(_Placed(number, _turn(number, page(min(gap, last)), told.text)))
        places[told.id] = str(number)
    body = f"{name}_{asked.question.id}"
    question = replace(
        asked.question,
        id=body,
        body=body,
        evidence=tuple(places[one] for one in asked.question.evidence),
    )
    return Conversation(body, tuple(_sessions(_merged(straw, book, facts)))), question


def _merged(straw: range, book: _Book, facts: Sequence[_Placed]) -> Iterator[Turn]:
    waiting = iter(facts)
    fact = next(waiting, None)
    for index in straw:
        while fact is not None and fact.number < _ROOM * (index + 1):
            yield fact.turn
            fact = next(waiting, None)
        yield book.turn(index)
    while fact is not None:
        yield fact.turn
        fact = next(waiting, None)


def _sessions(turns: Iterator[Turn]) -> Iterator[Session]:
    for id, group in groupby(turns, key=lambda turn: turn.session):
        members = tuple(group)
        yield Session(id, members[0].at, "", members)
