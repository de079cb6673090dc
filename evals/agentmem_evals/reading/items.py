"""What a reader is shown of an item, and how: one JSON object a line, numbered in the order in which it is shown.

Numbers stand for ids on purpose. In LongMemEval the id of a session says whether it holds the answer
(``answer_4be1b6b4_2``), so a reader that saw ids would be told.
"""

from __future__ import annotations

import json
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass

from agentmem_evals.errors import UnknownName
from agentmem_evals.types import Body, Conversation, Corpus


@dataclass(frozen=True, slots=True)
class ShownItem:
    """One item as readers see it.

    ``place`` is where it stands in its body, counted from 0: the order of time in conversations. ``date`` is worded
    as in the data set. ``None`` where the data says nothing.
    """

    id: str
    place: int
    text: str
    date: str | None = None
    speaker: str | None = None
    title: str | None = None


def shown_items(body: Body) -> dict[str, ShownItem]:
    """Every item of a body by its id, in the order of the body."""
    return {item.id: item for item in _items(body)}


def pick(ids: Iterable[str], shown: Mapping[str, ShownItem]) -> tuple[ShownItem, ...]:
    """The items of these ids, in the order of the ids, each once.

    Raises:
        UnknownName: an id names no item.
    """
    wanted = tuple(dict.fromkeys(ids))
    check_named(wanted, shown)
    return tuple(shown[id] for id in wanted)


def check_named(ids: Iterable[str], known: Container[str], what: str = "items") -> None:
    """Refuse ids of nothing: what a system found is not known then, which is not finding nothing.

    Raises:
        UnknownName: an id is not among the known ones.
    """
    if unknown := [id for id in ids if id not in known]:
        raise UnknownName(f"The body has no {what} {unknown[:5]}. A system must name {what} by the ids it was given.")


def line(number: int, item: ShownItem) -> str:
    """The item under its number, as a JSON object without what is not known of it."""
    said = {"number": number, "date": item.date, "speaker": item.speaker, "title": item.title, "text": item.text}
    return json.dumps({name: value for name, value in said.items() if value is not None}, ensure_ascii=False)


def _items(body: Body) -> Iterator[ShownItem]:
    if isinstance(body, Corpus):
        for place, passage in enumerate(body.passages):
            yield ShownItem(passage.id, place, passage.text, title=passage.title or None)
    else:
        yield from _turns(body)


def _turns(conversation: Conversation) -> Iterator[ShownItem]:
    place = 0
    for session in conversation.sessions:
        for turn in session.turns:
            yield ShownItem(turn.id, place, turn.text, session.date_text or None, turn.speaker or None)
            place += 1
