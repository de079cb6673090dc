"""Between a system and a reader: what was found, as the reader is shown it, and what it could not read, as a record."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from agentmem_evals.errors import UnknownName
from agentmem_evals.reading.context_reader import ReadingFailure
from agentmem_evals.reading.items import ShownItem, pick
from agentmem_evals.runner.purse import usage_as_json
from agentmem_evals.runner.records import READ, Failure
from agentmem_evals.runner.retrieving import Asked


def found_items(
    asked: Asked, shown: Mapping[str, ShownItem], instead: Sequence[str] | None = None
) -> tuple[ShownItem, ...] | Exception:
    """The items that a system found, or those with the ids ``instead``; the system's error, or that of an unknown id.

    ``shown`` are all items of the body by id, as :func:`agentmem_evals.reading.items.shown_items` gives them.
    """
    if isinstance(asked.got, Exception):
        return asked.got
    try:
        return pick(asked.got.items if instead is None else instead, shown)
    except UnknownName as error:
        return error


def unread(asked: Asked, reading: ReadingFailure) -> Failure:
    """The record of a question that the reader failed at, with what it and finding cost all the same."""
    question = asked.question
    return Failure(
        question.id,
        question.body,
        question.category,
        READ,
        reading.error,
        reading.message,
        usage=usage_as_json(reading.usage),
        retrieve_usage=asked.usage,
    )
