"""LongMemEval (arXiv 2410.10813, xiaowu0162/LongMemEval, MIT) in its official schema: oracle, S and M.

Each question has a history of its own, its *haystack*: a body of its own here. Both sides of the dialogue are told;
evidence are the turns with ``has_answer``. Turn ids are those of the official retrieval code
(``src/retrieval/run_retrieval.py``): the session's id and the turn's place in it, counted from 1 over both sides.

Two protocols of retrieval are in use. The official one indexes what the *user* says and asks the 419 questions with
evidence there: read with ``user_side_only``. With both sides told, 470 questions have evidence. Both leave out the 30
questions whose id ends in ``_abs``: they ask for what the history does not tell, and what their haystacks mark is
about something else. They have no evidence here and are ``unanswerable``.

M is a file of 2.7 GB: it is read a record at a time, and a haystack when it is used.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any, BinaryIO

from agentmem_evals.datasets.json_records import Place, split_records
from agentmem_evals.datasets.lazy_conversation import LazyConversation
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Dataset, Level, Question, Session, Turn

ORACLE, S, M = "longmemeval-oracle", "longmemeval-s", "longmemeval-m"
S_ORIGINAL, M_ORIGINAL = f"{S}-original", f"{M}-original"
FOLDER = "longmemeval"
FILE_NAMES: Mapping[str, tuple[str, ...]] = {
    ORACLE: ("longmemeval_oracle.json", "longmemeval_oracle"),
    S: ("longmemeval_s_cleaned.json",),
    M: ("longmemeval_m_cleaned.json",),
    S_ORIGINAL: ("longmemeval_s.json", "longmemeval_s"),
    M_ORIGINAL: ("longmemeval_m.json", "longmemeval_m"),
}
"""The cleaned release (2025) took sessions out of S and M that answer a question by accident; it replaces the original
one of the paper. Numbers on the two are not comparable, so they have names of their own."""
KS = (1, 3, 5, 10, 30, 50)
"""The depths of the official retrieval evaluation."""
CATEGORY_NAMES: Mapping[str, str] = {
    name: name
    for name in (
        "single-session-user",
        "single-session-assistant",
        "single-session-preference",
        "multi-session",
        "temporal-reasoning",
        "knowledge-update",
    )
}
USER = "user"
ABSTENTION = "_abs"

_DATE = re.compile(r"(\d{4})/(\d{1,2})/(\d{1,2})\s*(?:\(\w+\)\s*)?(\d{1,2}):(\d{2})")
_DAMAGE = (ValueError, KeyError, TypeError, AttributeError)


def load_longmemeval(path: Path, *, name: str, user_side_only: bool = False) -> Dataset:
    """Read a file of LongMemEval; with ``user_side_only``, what the assistant says is neither told nor evidence.

    The bodies are read from the file when their sessions are asked for, and only the last one is kept.

    Raises:
        DataFormatError: the file is not in the official schema.
    """
    questions: list[Question] = []
    places: dict[str, Place] = {}
    try:
        with path.open("rb") as file:
            hashed = _Hashed(file)
            for place, content in split_records(hashed):
                record = json.loads(content)
                question = _question(record, haystack(record, user_side_only=user_side_only), user_side_only)
                if question.id in places:
                    raise ValueError(f"two records are called {question.id}")
                places[question.id] = place
                questions.append(question)
            digest = hashed.hexdigest()
    except _DAMAGE as error:
        raise _other_format(path, error) from error

    @lru_cache(maxsize=1)
    def sessions(id: str) -> tuple[Session, ...]:
        return haystack(_record_at(path, places[id], id), user_side_only=user_side_only)

    return Dataset(
        name=name,
        file_name=path.name,
        sha256=digest,
        level=Level.TURN,
        category_names=CATEGORY_NAMES,
        bodies=tuple(LazyConversation(id, partial(sessions, id)) for id in places),
        questions=tuple(questions),
    )


def haystack(record: Mapping[str, Any], *, user_side_only: bool) -> tuple[Session, ...]:
    """The sessions of a record in order of time (oracle's files are in no order); empty ones are left out.

    A session that a haystack holds twice gets ``#2``, ... after its id.

    Raises:
        ValueError, KeyError, TypeError: the record is in another format.
    """
    seen: dict[str, int] = {}
    sessions = []
    for raw_id, date_text, raw in zip(
        record["haystack_session_ids"], record["haystack_dates"], record["haystack_sessions"], strict=True
    ):
        seen[raw_id] = seen.get(raw_id, 0) + 1
        id = raw_id if seen[raw_id] == 1 else f"{raw_id}#{seen[raw_id]}"
        at = parse_date(date_text)
        turns = tuple(
            # The data dates sessions only; a second per position keeps the order without inventing more than that.
            Turn(f"{id}_{place + 1}", id, str(turn["role"]), str(turn["content"]), at + timedelta(seconds=place))
            for place, turn in enumerate(raw)
            if turn["role"] == USER or not user_side_only
        )
        if turns:
            sessions.append(Session(id, at, date_text, turns))
    return tuple(sorted(sessions, key=lambda session: session.at))


def parse_date(text: str) -> datetime:
    """``"2023/05/30 (Tue) 23:40"`` as a datetime; the data names no time zone, UTC is assumed.

    Raises:
        ValueError: the text has another form.
    """
    match = _DATE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"not a date: {text!r}")
    year, month, day, hour, minute = (int(part) for part in match.groups())
    return datetime(year, month, day, hour, minute, tzinfo=UTC)


def is_abstention(question_id: str) -> bool:
    """Whether a question asks for what its history does not tell: the official mark is the end of its id."""
    return question_id.endswith(ABSTENTION)


def _question(record: Mapping[str, Any], sessions: tuple[Session, ...], user_side_only: bool) -> Question:
    id = str(record["question_id"])
    unanswerable = is_abstention(id)
    there = {session.id for session in sessions}
    return Question(
        id=id,
        body=id,
        text=str(record["question"]),
        answer=str(record["answer"]),
        category=str(record["question_type"]),
        evidence=() if unanswerable else _evidence(record, user_side_only),
        unresolved=() if unanswerable else tuple(id for id in record["answer_session_ids"] if id not in there),
        asked_at=parse_date(record["question_date"]),
        unanswerable=unanswerable,
    )


def _evidence(record: Mapping[str, Any], user_side_only: bool) -> tuple[str, ...]:
    """The turns with ``has_answer``, in the order of the file. A second copy of a session is no evidence again."""
    found: dict[str, None] = {}
    for session, turns in zip(record["haystack_session_ids"], record["haystack_sessions"], strict=True):
        for place, turn in enumerate(turns):
            if turn.get("has_answer") and (turn["role"] == USER or not user_side_only):
                found[f"{session}_{place + 1}"] = None
    return tuple(found)


def _record_at(path: Path, place: Place, id: str) -> dict[str, Any]:
    """The record at a place of the file.

    Raises:
        DataNotFound: the file is gone.
        DataFormatError: it is another file by now.
    """
    try:
        with path.open("rb") as file:
            file.seek(place.offset)
            record: dict[str, Any] = json.loads(file.read(place.length))
        if record["question_id"] != id:
            raise ValueError(f"{id} is no longer where it was")
    except FileNotFoundError as error:
        raise DataNotFound(f"{path.name} is gone while it was being used: put it back and start again.") from error
    except _DAMAGE as error:
        raise _other_format(path, error) from error
    return record


def _other_format(path: Path, error: Exception) -> DataFormatError:
    return DataFormatError(
        f"{path.name} is not in LongMemEval's official schema ({type(error).__name__}: {error}). Expected is a JSON "
        "list of records with 'question_id', 'question_type', 'question', 'answer', 'question_date', "
        "'haystack_session_ids', 'haystack_dates', 'haystack_sessions' and 'answer_session_ids'."
    )


class _Hashed:
    """A file whose SHA-256 is taken while it is read."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._digest = hashlib.sha256()

    def read(self, size: int, /) -> bytes:
        chunk = self._file.read(size)
        self._digest.update(chunk)
        return chunk

    def hexdigest(self) -> str:
        """The digest of what was read so far."""
        return self._digest.hexdigest()
