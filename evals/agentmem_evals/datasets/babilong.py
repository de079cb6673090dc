"""bAbI's stories hidden in books, as BABILong does it (Kuratov et al. 2024, arXiv 2406.10149; booydar/babilong).

The statements of a story stand, in their order, at random places between the sentences of a book, and all together
have a given number of tokens. This is BABILong's construction (``NoiseInjectionDataset``) and not its published
samples: the book text is the reader's own choice, tokens are the library's estimate, and the last sentence is left
out rather than cut.

A body is a conversation and no corpus, because the order of the statements decides the answer. Narrator and wording of
ids tell nothing of what is hidden. Evidence are the supporting statements. A session is a page of 25 sentences.

All bodies are the same stretch of the book, each with one story in it, and differ in the pages on which statements
stand: a system may keep the other pages from one body to the next (:class:`agentmem_evals.types.Hidden`). Where the
book is too short it begins again, its sentences dealt anew, so that no page comes twice.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from agentmem.text.budget import estimate_tokens
from agentmem_evals.datasets.babi import (
    CATEGORY_NAMES,
    FILE_NAMES,
    Asked,
    chosen_tasks,
    load_babi_questions,
    read_task,
    task_files,
)
from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.narrative import BEGINNING, NARRATOR
from agentmem_evals.datasets.haystack import EXCERPTS, Haystack, read_haystack
from agentmem_evals.datasets.options import LoadOptions
from agentmem_evals.errors import DataNotFound, EvalError, UnknownName
from agentmem_evals.types import Conversation, Dataset, Hidden, Level, Question, Session, Turn

__all__ = ["FILE_NAMES", "LENGTHS", "PER_TASK", "find_haystack", "load_babilong", "load_hidden_babi"]

_PREFIX = "babilong-"
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
    "babilong-128k": 50,
    "babilong-1m": 20,
    "babilong-10m": 5,
}
"""Questions drawn from each task: each has a body of its own, and long ones cost."""
PAGE = 25
"""Sentences of the book on a page, which is about what a page of a book has."""

_ROOM = 1000
"""Numbers for the statements between two sentences of the book; no story of bAbI has as many statements."""
_BESIDE = ("haystack", "sort")


def load_babilong(
    name: str,
    path: Path,
    *,
    haystack: Path | None = None,
    seed: int = 0,
    per_task: int | None = None,
    tasks: Sequence[str] = (),
) -> Dataset:
    """Hide the stories of one task's file, or of a folder of bAbI, in book text; the same every time.

    ``haystack`` is a file or folder of book text; without it ``haystack/`` or ``sort/`` beside bAbI's folder is taken.
    ``tasks`` are those to be asked, such as ``qa1``; none: all.

    Raises:
        UnknownName: the name is none of :data:`LENGTHS`, or there is no such task.
        DataNotFound: there are no stories, or there is no book text.
        DataFormatError: a file is not a task of bAbI.
    """
    if name not in LENGTHS:
        raise UnknownName(f"There is no length {name!r}. Known are: {', '.join(LENGTHS)}.")
    straw = read_haystack(haystack or find_haystack(path))
    book = _Book(straw, seed)
    paths = chosen_tasks(task_files(path), tasks)
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


def load_hidden_babi(path: Path, options: LoadOptions) -> Dataset:
    """Read bAbI as it is or, with ``options.haystack``, hidden in book text to that length (``0k``, ``16k``, ...).

    Raises:
        UnknownName: there is no such length, or no such task.
        EvalError: book text is given, but no length.
    """
    if options.haystack is None:
        if options.haystack_text is not None:
            raise EvalError("Book text is there to hide stories in: say to what length, for example --haystack 128k.")
        return load_babi_questions(path, options.tasks)
    name = f"{_PREFIX}{options.haystack.lower()}"
    if name not in LENGTHS:
        known = ", ".join(one.removeprefix(_PREFIX) for one in LENGTHS)
        raise UnknownName(f"There is no haystack of {options.haystack!r}. Known are: {known}.")
    return load_babilong(name, path, haystack=options.haystack_text, tasks=options.tasks)


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


class _Book:
    """The book text without end, as turns and pages that are made once; sentence ``i`` is number ``_ROOM * (i + 1)``.

    Each time around, the sentences are dealt in another order. ``start`` is where bodies begin.
    """

    def __init__(self, straw: Haystack, seed: int) -> None:
        self._straw = straw
        self._seed = seed
        self._rounds: dict[int, Sequence[int]] = {0: range(len(straw.sentences))}
        self._turns: dict[int, Turn] = {}
        self._pages: dict[int, Session] = {}
        self.start = random.Random(f"{seed}").randrange(len(straw.sentences))  # noqa: S311 - no secret

    def turn(self, index: int) -> Turn:
        if index not in self._turns:
            text = self._straw.sentences[self._dealt(index)]
            self._turns[index] = _turn(_ROOM * (index + 1), index // PAGE, text)
        return self._turns[index]

    def page(self, page: int) -> Session:
        """A whole page of the book, nothing hidden on it."""
        if page not in self._pages:
            turns = tuple(self.turn(index) for index in range(page * PAGE, (page + 1) * PAGE))
            self._pages[page] = _session(page, turns)
        return self._pages[page]

    def window(self, tokens: int) -> range:
        """As many sentences from the start on as have at most so many tokens together."""
        index = self.start
        while (tokens := tokens - self._straw.tokens[self._dealt(index)]) >= 0:
            index += 1
        return range(self.start, index)

    def _dealt(self, index: int) -> int:
        around, place = divmod(index, len(self._straw.sentences))
        if around not in self._rounds:
            chance = random.Random(f"{self._seed} {around}")  # noqa: S311 - no secret
            self._rounds[around] = chance.sample(range(len(self._straw.sentences)), len(self._straw.sentences))
        return self._rounds[around][place]


def _turn(number: int, page: int, text: str) -> Turn:
    """Numbers rise through a body and a second passes with each sentence of the book."""
    return Turn(str(number), _page_name(page), NARRATOR, text, BEGINNING + timedelta(milliseconds=number))


def _page_name(page: int) -> str:
    return f"page_{page + 1}"


def _session(page: int, turns: tuple[Turn, ...]) -> Session:
    return Session(_page_name(page), turns[0].at, "", turns)


def _drawn(asked: Sequence[Asked], limit: int, seed: str) -> Sequence[Asked]:
    if len(asked) <= limit:
        return asked
    drawn = random.Random(seed).sample(range(len(asked)), limit)  # noqa: S311 - a sample, no secret
    return [asked[position] for position in sorted(drawn)]


def _hide(asked: Asked, book: _Book, tokens: int, chance: random.Random, name: str) -> tuple[Conversation, Question]:
    straw = book.window(tokens - sum(estimate_tokens(turn.text) for turn in asked.told))
    gaps = sorted(chance.choices(range(straw.start, straw.stop + 1), k=len(asked.told)))
    places: dict[str, str] = {}
    hidden: dict[int, list[Turn]] = {}
    last = max(straw.start, straw.stop - 1)
    for order, (gap, told) in enumerate(zip(gaps, asked.told, strict=True), start=1):
        number = _ROOM * gap + order
        page = min(gap, last) // PAGE  # behind the last sentence a statement stands on that sentence's page
        hidden.setdefault(page, []).append(_turn(number, page, told.text))
        places[told.id] = str(number)
    body = f"{name}_{asked.question.id}"
    question = replace(
        asked.question,
        id=body,
        body=body,
        evidence=tuple(places[one] for one in asked.question.evidence),
    )
    sessions = tuple(_sessions(straw, book, hidden))
    return Hidden(body, sessions, name) if straw else Conversation(body, sessions), question


def _sessions(straw: range, book: _Book, hidden: Mapping[int, Sequence[Turn]]) -> Iterator[Session]:
    """The pages of a window with what is hidden on them."""
    for page in range(straw.start // PAGE, max(straw.stop - 1, straw.start) // PAGE + 1):
        indices = range(max(page * PAGE, straw.start), min((page + 1) * PAGE, straw.stop))
        if page not in hidden and len(indices) == PAGE:
            yield book.page(page)
        elif page in hidden or indices:
            turns = [*(book.turn(index) for index in indices), *hidden.get(page, ())]
            yield _session(page, tuple(sorted(turns, key=lambda turn: int(turn.id))))
