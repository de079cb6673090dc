"""bAbI's questions (Weston et al. 2015, arXiv 1502.05698; CC BY 3.0): 20 tasks of reasoning over small stories.

Questions stand in the middle of the stories, and what is told after one must not be known when it is asked. So a body
is not a story but what of it was told *before a question*: questions between the same two statements share a body,
and bodies of one story share their turns. It is what BABILong's official code does too (one sample a question). The
questions themselves are not told. A statement is a turn whose id is its line's number; a story takes place on a day of
its own, a minute a line.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from agentmem_evals.datasets.formats.digest import digest_of
from agentmem_evals.datasets.formats.narrative import BEGINNING, narrated, sentence_turns
from agentmem_evals.datasets.formats.numbered_story import StoryLine, read_numbered_stories
from agentmem_evals.errors import DataFormatError, DataNotFound, UnknownName
from agentmem_evals.types import Conversation, Dataset, Level, Question, Turn

NAME = "babi"
FILE_NAMES = ("qa*_test.txt", "qa*_train.txt")
CATEGORY_NAMES: Mapping[str, str] = {
    str(number): name
    for number, name in enumerate(
        """
        single-supporting-fact two-supporting-facts three-supporting-facts two-arg-relations three-arg-relations
        yes-no-questions counting lists-sets simple-negation indefinite-knowledge
        basic-coreference conjunction compound-coreference time-reasoning basic-deduction
        basic-induction positional-reasoning size-reasoning path-finding agents-motivations
        """.split(),
        start=1,
    )
}
"""The tasks by number, as the official files name them."""

_FILE = re.compile(r"qa(\d+)_.*\.txt")


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with what was told before it: ``told`` are the turns, ``body`` is the name of that part of a story."""

    body: str
    told: tuple[Turn, ...]
    question: Question


def load_babi_questions(path: Path, tasks: Sequence[str] = ()) -> Dataset:
    """Read one task's file, or all of a folder's tasks, or the ``tasks`` of a folder (:func:`chosen_tasks`).

    A folder that holds both halves is read for its test half, the one that results are reported on; otherwise the half
    that is there.

    Raises:
        DataNotFound: the folder holds no task.
        DataFormatError: a file is not a task of bAbI.
        UnknownName: there is no such task.
    """
    paths = chosen_tasks(task_files(path), tasks)
    contents = [one.read_bytes() for one in paths]
    bodies: dict[str, Conversation] = {}
    questions = []
    for one, content in zip(paths, contents, strict=True):
        for asked in read_task(one.name, content):
            if asked.body not in bodies:
                bodies[asked.body] = narrated(asked.body, asked.told)
            questions.append(asked.question)
    return Dataset(
        name=NAME,
        file_name=", ".join(one.name for one in paths),
        sha256=digest_of(contents),
        level=Level.TURN,
        category_names=CATEGORY_NAMES,
        bodies=tuple(bodies.values()),
        questions=tuple(questions),
    )


def task_files(path: Path) -> tuple[Path, ...]:
    """The file itself, or the tasks of a folder in order of their numbers.

    Raises:
        DataNotFound: the folder holds no task, or several files of one.
    """
    if path.is_file():
        return (path,)
    for pattern in FILE_NAMES:
        found = sorted(
            (one for one in path.glob(pattern) if _FILE.fullmatch(one.name)), key=lambda one: _task(one.name)
        )
        tasks = [_task(one.name) for one in found]
        if len(set(tasks)) < len(tasks):
            raise DataNotFound(f"{path} holds several files of one task of bAbI. Keep one of each, or pass one file.")
        if found:
            return tuple(found)
    raise DataNotFound(
        f"{path} holds no file qa<n>_*_test.txt or qa<n>_*_train.txt. Get the folder 'en' of bAbI's tasks_1-20_v1-2 "
        "(CC BY 3.0), then pass it, or one of its files."
    )


def chosen_tasks(paths: Sequence[Path], tasks: Sequence[str]) -> tuple[Path, ...]:
    """Those of the files that are of the ``tasks``, named ``qa1`` and so on; all of them without any.

    Raises:
        UnknownName: there is no file of a task.
    """
    known = {f"qa{_task(path.name)}": path for path in paths}
    if unknown := [task for task in tasks if task not in known]:
        raise UnknownName(f"There is no task {', '.join(unknown)} of bAbI here. There are: {', '.join(known)}.")
    return tuple(path for task, path in known.items() if not tasks or task in tasks)


def read_task(name: str, content: bytes) -> Iterator[Asked]:
    """The questions of one task's file, each with what was told before it.

    Raises:
        DataFormatError: the name has no task's number from 1 to 20, or the file is not in bAbI's format.
    """
    task = _task(name)
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        raise DataFormatError(f"{name} is not a task of bAbI: it is not UTF-8 ({error}).") from error
    for number, story in enumerate(read_numbered_stories(text, name), start=1):
        yield from _of_story(task, number, story)


def _of_story(task: int, number: int, story: Sequence[StoryLine]) -> Iterator[Asked]:
    begins = BEGINNING + timedelta(days=number - 1)
    turns = sentence_turns(((line.number, line.text) for line in story if line.answer is None), begins)
    told = 0
    for line in story:
        if line.answer is None:
            told += 1
            continue
        before = turns[:told]
        body = f"qa{task}_{number}_{before[-1].id if before else 0}"
        yield Asked(body, before, _question(task, number, line, body, before))


def _question(task: int, story: int, line: StoryLine, body: str, before: Sequence[Turn]) -> Question:
    assert line.answer is not None
    known = {turn.id for turn in before}
    supporting = dict.fromkeys(str(one) for one in line.supporting)
    return Question(
        id=f"{NAME}_qa{task}_{story}_{line.number}",
        body=body,
        text=line.text,
        answer=line.answer,
        category=str(task),
        evidence=tuple(one for one in supporting if one in known),
        unresolved=tuple(one for one in supporting if one not in known),
        parts=tuple(line.answer.split(",")) if "," in line.answer else (),
    )


def _task(name: str) -> int:
    match = _FILE.fullmatch(name)
    if match is None or match[1] not in CATEGORY_NAMES:
        raise DataFormatError(f"{name} is not named as a task of bAbI is: qa<1 to 20>_<what it is>_<half>.txt.")
    return int(match[1])
