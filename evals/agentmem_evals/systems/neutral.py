"""Between a run and a system: bodies are told under ids that say nothing, and what is found is named as the data is.

LongMemEval calls the sessions that hold an answer ``answer_…`` and the questions without one ``…_abs``: a system that
was told those ids would be told what is right. Ids are numbers in their place, by the order in which they are told.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from agentmem_evals.reading.items import check_named
from agentmem_evals.systems.around import Around
from agentmem_evals.systems.protocol import AnsweringSystem, System
from agentmem_evals.types import Body, Conversation, Corpus, Hidden, Retrieved, Session


def neutral(system: System) -> System:
    """The same system, which is told neutral ids; it answers by itself if the system does."""
    return AnsweringNeutral(system) if isinstance(system, AnsweringSystem) else Neutral(system)


class _Ids:
    """Numbers by the order in which ids first came, and the way back."""

    def __init__(self, prefix: str = "") -> None:
        self._prefix = prefix
        self._given: dict[str, str] = {}
        self._own: dict[str, str] = {}

    def of(self, own: str) -> str:
        """What stands for an id."""
        if own not in self._given:
            given = f"{self._prefix}{len(self._given)}"
            self._given[own], self._own[given] = given, own
        return self._given[own]

    def back(self, given: Sequence[str], what: str) -> tuple[str, ...]:
        """The ids that these stand for.

        Raises:
            UnknownName: one stands for none.
        """
        check_named(given, self._own, what)
        return tuple(self._own[id] for id in given)


class Neutral(Around):
    """Hands everything on. Of bodies with one background, what is the same in both keeps its ids."""

    def __init__(self, inner: System) -> None:
        super().__init__(None, inner)
        self.concurrent: bool = getattr(inner, "concurrent", False) is True
        self._bodies = _Ids("body-")
        self._background: str | None = None
        self._begin()

    def _begin(self) -> None:
        self._items, self._sessions = _Ids(), _Ids("session-")
        self._told: dict[str, tuple[Session, Session]] = {}

    def describe(self) -> Mapping[str, Any]:
        """The system's own."""
        return self.inner.describe()

    def ingest(self, body: Body) -> None:
        """Tell the system the body under other ids."""
        background = body.background if isinstance(body, Hidden) else None
        if background is None or background != self._background:
            self._begin()
        self._background = background
        self.inner.ingest(self._disguised(body))

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        """What the system finds, under the ids of the data.

        Raises:
            UnknownName: the system names what it was not told.
        """
        found = self.inner.retrieve(question, k, **_dated(asked_at))
        sessions = None if found.sessions is None else self._sessions.back(found.sessions, "sessions")
        return replace(found, items=self._items.back(found.items, "items"), sessions=sessions)

    def _disguised(self, body: Body) -> Body:
        id = self._bodies.of(body.id)
        if isinstance(body, Corpus):
            return replace(
                body, id=id, passages=tuple(replace(one, id=self._items.of(one.id)) for one in body.passages)
            )
        sessions = tuple(self._session(session) for session in body.sessions)
        # One that reads its sessions when they are asked for is told whole.
        return Hidden(id, sessions, body.background) if isinstance(body, Hidden) else Conversation(id, sessions)

    def _session(self, session: Session) -> Session:
        told = self._told.get(session.id)
        if told is None or told[0] != session:
            id = self._sessions.of(session.id)
            turns = tuple(
                replace(turn, id=self._items.of(turn.id), session=self._sessions.of(turn.session))
                for turn in session.turns
            )
            told = self._told[session.id] = session, replace(session, id=id, turns=turns)
        return told[1]


class AnsweringNeutral(Neutral):
    """One that also answers."""

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """The system's own."""
        assert isinstance(self.inner, AnsweringSystem)
        return self.inner.answer(question, **_dated(asked_at))


def _dated(asked_at: datetime | None) -> dict[str, datetime]:
    return {} if asked_at is None else {"asked_at": asked_at}
