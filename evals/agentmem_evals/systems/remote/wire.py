"""How what crosses between the processes is written as JSON, and read again as the same values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals.types import Body, Conversation, Corpus, Passage, Retrieved, Session, Turn

Json = dict[str, Any]

_CONVERSATION, _CORPUS = "conversation", "corpus"


def body_to_json(body: Body) -> Json:
    """A body whole."""
    if isinstance(body, Corpus):
        return {"kind": _CORPUS, "id": body.id, "passages": [asdict(passage) for passage in body.passages]}
    return {"kind": _CONVERSATION, "id": body.id, "sessions": [_session_to_json(session) for session in body.sessions]}


def body_from_json(raw: Mapping[str, Any]) -> Body:
    """The same body.

    Raises:
        LookupError, TypeError, ValueError: it is no body.
    """
    if raw["kind"] == _CORPUS:
        return Corpus(raw["id"], tuple(Passage(**passage) for passage in raw["passages"]))
    return Conversation(raw["id"], tuple(_session_from_json(session) for session in raw["sessions"]))


def retrieved_to_json(retrieved: Retrieved) -> Json:
    """What was found."""
    return {"items": retrieved.items, "sessions": retrieved.sessions, "why": [dict(one) for one in retrieved.why]}


def retrieved_from_json(raw: Mapping[str, Any]) -> Retrieved:
    """The same.

    Raises:
        LookupError, TypeError: it is nothing that was found.
    """
    sessions = raw["sessions"]
    return Retrieved(tuple(raw["items"]), None if sessions is None else tuple(sessions), tuple(raw["why"]))


def usage_from_json(raw: Mapping[str, Any]) -> Usage:
    """What models were asked for.

    Raises:
        TypeError: it is no usage.
    """
    return Usage(**raw)


def time_to_json(at: datetime | None) -> str | None:
    """A moment, with its zone."""
    return None if at is None else at.isoformat()


def time_from_json(raw: str | None) -> datetime | None:
    """The same moment."""
    return None if raw is None else datetime.fromisoformat(raw)


def _session_to_json(session: Session) -> Json:
    turns = [{**asdict(turn), "at": turn.at.isoformat()} for turn in session.turns]
    return {"id": session.id, "at": session.at.isoformat(), "date_text": session.date_text, "turns": turns}


def _session_from_json(raw: Mapping[str, Any]) -> Session:
    turns = tuple(Turn(**{**turn, "at": datetime.fromisoformat(turn["at"])}) for turn in raw["turns"])
    return Session(raw["id"], datetime.fromisoformat(raw["at"]), raw["date_text"], turns)
