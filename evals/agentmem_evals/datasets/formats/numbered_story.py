"""bAbI's file format: numbered lines, a story beginning with each line 1, and questions between the statements.

A question's line goes on after the question mark with the answer and the numbers of the statements that support it,
between tabs, or between ``|`` as one published copy of task 1 has it. Source: tasks_1-20_v1-2 (Weston et al. 2015,
arXiv 1502.05698), README.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from agentmem_evals.errors import DataFormatError

_ANSWERED = re.compile(r"(?P<question>.*\?)\s*[\t|]\s*(?P<answer>[^\t|]+?)\s*[\t|]\s*(?P<supporting>[\d ]*)")


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One line of a story. ``answer`` is ``None`` for statements; ``supporting`` are numbers of earlier lines."""

    number: int
    text: str
    answer: str | None = None
    supporting: tuple[int, ...] = ()


def read_numbered_stories(text: str, name: str) -> Iterator[tuple[StoryLine, ...]]:
    """The stories of a task's file, questions included, words as they are.

    Raises:
        DataFormatError: a line has no number, the numbers of a story do not rise, or a question lacks its answer.
    """
    story: list[StoryLine] = []
    for place, raw in enumerate(text.splitlines(), start=1):
        if not raw.strip():
            continue
        line = _line(raw.strip(), f"Line {place} of {name}")
        if line.number == 1 and story:
            yield tuple(story)
            story = []
        if line.number <= (story[-1].number if story else 0):
            raise DataFormatError(f"Line {place} of {name} does not continue its story: its number is {line.number}.")
        story.append(line)
    if story:
        yield tuple(story)


def _line(raw: str, where: str) -> StoryLine:
    number, _, sentence = raw.partition(" ")
    if not number.isdecimal() or not sentence.strip():
        raise DataFormatError(f"{where} is not one of bAbI's: {raw!r} is not a number with a sentence after it.")
    if "?" not in sentence:
        return StoryLine(int(number), sentence.strip())
    match = _ANSWERED.fullmatch(sentence)
    if match is None:
        raise DataFormatError(f"{where} is not one of bAbI's: after the question, {raw!r} lacks answer and support.")
    supporting = tuple(int(one) for one in match["supporting"].split())
    return StoryLine(int(number), match["question"].strip(), match["answer"], supporting)
