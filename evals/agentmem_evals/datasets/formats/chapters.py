"""A book in chapters, and questions about its events, as the Episodic Memories Benchmark publishes them.

``book.json`` is one JSON string, each chapter behind a line ``Chapter <n>`` and a blank one; the questions' table
``df_qa`` has for each question what it asks for and the chapters and items of its answer. Source: Huet et al.,
ICLR 2025, arXiv 2501.13121; ahstat/episodic-memory-benchmark (MIT), ``src/generation/qa_generation.py``,
``src/generation/printing.py`` (``split_chapters_func``).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from agentmem_evals.types import Corpus, Passage, Question

ALL, LATEST, CHRONOLOGICAL = "all", "latest", "chronological"
GETS = (ALL, LATEST, CHRONOLOGICAL)
BINS = ("0", "1", "2", "3-5", "6+")
"""Numbers of events that match a question's cues, as the benchmark groups them."""
CATEGORY_NAMES: Mapping[str, str] = {
    f"{get}:{bin}": f"{get}, {bin} {'event' if bin == '1' else 'events'}" for get in GETS for bin in BINS
}
FULL_EVENT = "Full event details"
JOIN = "; "
"""Between the items of an answer: dates have commas in them."""

_CHAPTER = re.compile(r"^Chapter (\d+)\n\n", re.MULTILINE)
_FULL_CHAPTER = re.compile(r"Full chapter (\d+)")


def bin_of(events: int) -> str:
    """The group of a question with so many matching events."""
    if events < 3:
        return str(events)
    return "3-5" if events < 6 else "6+"


def fewest_events(category: str) -> int:
    """How many events the questions of a category have at least: what the benchmark's groups are told apart by."""
    return int(category.partition(":")[2].rstrip("+").partition("-")[0])


def chapters(id: str, book: str) -> Corpus:
    """The book as a corpus: a chapter is a passage, its number the id.

    Raises:
        ValueError: there is no chapter, or one number comes twice.
    """
    parts = _CHAPTER.split(book)
    numbers, texts = parts[1::2], parts[2::2]
    if not numbers or len(set(numbers)) < len(numbers):
        raise ValueError("the book has no chapters, or two of one number")
    return Corpus(
        id, tuple(Passage(one, f"Chapter {one}", text.strip()) for one, text in zip(numbers, texts, strict=True))
    )


def question_of(id: str, raw: Mapping[str, Any], book: Corpus) -> Question:
    """A row of ``df_qa`` as a question about the book.

    ``parts`` are the items of the answer, in order for chronological ones; of a whole event it is the chapter's text.
    A question that nothing answers is ``unanswerable``: the right answer is that there is no such item.

    Raises:
        KeyError, TypeError, ValueError: the row is not one of ``df_qa``.
    """
    texts = {passage.id: passage.text for passage in book.passages}
    get = raw["get"]
    if get not in GETS:
        raise ValueError(f"'get' is {get!r} and none of {', '.join(GETS)}")
    named = [str(int(one)) for one in _listed(raw["correct_answer_chapters"])]
    parts = tuple(_item(str(one), texts) for one in _listed(raw["correct_answer"]))
    return Question(
        id=id,
        body=book.id,
        text=str(raw["question"]),
        answer=JOIN.join(parts) if parts else None,
        category=f"{get}:{bin_of(int(raw['n_chapters_correct_answer']))}",
        evidence=tuple(one for one in named if one in texts),
        unresolved=tuple(one for one in named if one not in texts),
        parts=parts,
        unanswerable=not parts,
    )


def _listed(value: Any) -> Sequence[Any]:
    if isinstance(value, str) or not hasattr(value, "__iter__"):
        raise TypeError(f"{value!r} is not a list")
    return list(value)


def _item(item: str, texts: Mapping[str, str]) -> str:
    whole = _FULL_CHAPTER.fullmatch(item)
    return texts.get(whole[1], item) if whole else item
