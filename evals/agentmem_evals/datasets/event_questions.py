"""LoCoMo's event summaries as what a run asks: for each session and speaker, what happened in this speaker's life."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from agentmem_evals.datasets.events import ConversationEvents, load_events
from agentmem_evals.datasets.locomo import NAME
from agentmem_evals.datasets.selection import Selection, select
from agentmem_evals.errors import EvalError
from agentmem_evals.types import Body, Dataset, Question, Session


@dataclass(frozen=True, slots=True)
class EventQuestion(Question):
    """What a session tells of a speaker. ``text`` is what a memory is asked; it never says what is right.

    ``parts`` are the events that people wrote down, none in many sessions, and ``evidence`` all turns of the session:
    the data does not say which of them tell of an event. ``place`` is where the session stands in its conversation,
    counted from 0, and ``date_text`` its date as the turns' dates are worded. ``category`` is the speaker.
    """

    session: str = ""
    place: int = 0
    date_text: str = ""

    @property
    def speaker(self) -> str:
        """Whom it is about."""
        return self.category


def select_events(
    dataset: Dataset, path: Path, conversations: Sequence[str] | None = None, limit: int | None = None
) -> Selection:
    """The questions of a run: by conversation, then session, then speaker, at most ``limit``, the first ones.

    ``path`` is the file of the data set, which holds the events as well.

    Sessions that tell nothing of a speaker are asked about as well: what is invented there is wrong.

    Raises:
        EvalError: the data set is not LoCoMo, which alone has event summaries.
        UnknownName: a conversation that the data set does not hold.
        DataFormatError: the file has no event summaries.
    """
    if dataset.name != NAME:
        raise EvalError(f"The data set {dataset.name!r} has no event summaries: use --dataset {NAME}.")
    events = load_events(path)
    questions = tuple(question for body in dataset.bodies for question in _questions(body, events.of(body.id)))
    return select(replace(dataset, questions=questions), conversations, limit, measurable=lambda _question: True)


def _questions(body: Body, events: ConversationEvents) -> Iterator[EventQuestion]:
    places: Mapping[str, tuple[int, Session]] = {one.id: (place, one) for place, one in enumerate(body.sessions)}
    for one in events.sessions:
        place, session = places[one.session]
        yield EventQuestion(
            id=f"{NAME}_{body.id}_{session.id}_{one.speaker}",
            body=body.id,
            text=f"What events in {one.speaker}'s life were told of at {session.date_text}?",
            answer=None,
            category=one.speaker,
            evidence=tuple(turn.id for turn in session.turns),
            parts=one.events,
            session=session.id,
            place=place,
            date_text=session.date_text,
        )
