"""One's own conversations or passages, with questions, as lines of JSON. The format is described in ``DATASETS.md``.

Each line is a turn (it has ``conversation``), a passage (it has ``corpus``) or a question (it has ``about``). What
is wrong is refused and named with its file and line, evidence that names nothing included: unlike in published data
sets, whoever wrote the file can mend it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.formats.json_lines import read_lines
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Body, Conversation, Corpus, Dataset, Passage, Question, Session, Turn

NAME = "jsonl"
FILE_NAMES = ("dataset.jsonl", "*.jsonl")

_TURN, _PASSAGE, _QUESTION = "conversation", "corpus", "about"
_NEEDED: Mapping[str, frozenset[str]] = {
    _TURN: frozenset({_TURN, "id", "speaker", "text", "at"}),
    _PASSAGE: frozenset({_PASSAGE, "id", "text"}),
    _QUESTION: frozenset({_QUESTION, "id", "text"}),
}
_ALLOWED: Mapping[str, frozenset[str]] = {
    _TURN: frozenset({"session", "date"}),
    _PASSAGE: frozenset({"title"}),
    _QUESTION: frozenset({"answer", "category", "evidence", "aliases", "parts", "options", "asked_at", "unanswerable"}),
}
_LISTS = ("evidence", "aliases", "parts", "options")
_EXPECTED = (
    "A line is a turn with 'conversation', 'id', 'speaker', 'text' and 'at', a passage with 'corpus', 'id' and 'text', "
    "or a question with 'about', 'id' and 'text'; see evals/DATASETS.md"
)


@dataclass(frozen=True, slots=True)
class _ToldTurn:
    body: str
    turn: Turn
    date_text: str


@dataclass(frozen=True, slots=True)
class _ToldPassage:
    body: str
    passage: Passage


_Told = _ToldTurn | _ToldPassage | Question


def load_jsonl(path: Path, *, name: str | None = None) -> Dataset:
    """Read a data set of one's own; without ``name`` it is called after the file.

    Raises:
        DataFormatError: a line is not in the format, an id comes twice, times go back, or a question is about, or has
            evidence in, what the file does not hold; the message names file and line.
    """
    content = path.read_bytes()
    lines = list(read_lines(content, path.name, _told, _EXPECTED))
    told = [(number, one) for number, one in lines if not isinstance(one, Question)]
    questions = [(number, one) for number, one in lines if isinstance(one, Question)]
    conversations = _conversations([(n, one) for n, one in told if isinstance(one, _ToldTurn)], path.name)
    corpora = _corpora([(n, one) for n, one in told if isinstance(one, _ToldPassage)], path.name)
    if bool(conversations) == bool(corpora):
        what = "both conversations and passages: write two files" if corpora else "no turn and no passage"
        raise DataFormatError(f"{path.name} holds {what}. {_EXPECTED}.")
    bodies: tuple[Body, ...] = conversations or corpora
    _check(questions, bodies, path.name)
    categories = dict.fromkeys(question.category for _, question in questions)
    return Dataset(
        name=name or path.stem,
        file_name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        level=bodies[0].level,
        category_names={one: one for one in categories},
        bodies=bodies,
        questions=tuple(question for _, question in questions),
    )


def _told(raw: Mapping[str, Any]) -> _Told:
    kinds = [kind for kind in _NEEDED if kind in raw]
    if len(kinds) != 1:
        raise ValueError(f"it has {' and '.join(map(repr, kinds)) or 'none'} of {', '.join(map(repr, _NEEDED))}")
    kind = kinds[0]
    if missing := sorted(_NEEDED[kind].difference(raw)):
        raise KeyError(missing[0])
    if unknown := sorted(set(raw).difference(_NEEDED[kind], _ALLOWED[kind])):
        raise ValueError(f"{unknown[0]!r} is no field of a line with {kind!r}")
    if kind == _TURN:
        turn = Turn(
            _text(raw, "id"), _text(raw, "session", "1"), _text(raw, "speaker"), _text(raw, "text"), _time(raw, "at")
        )
        return _ToldTurn(_text(raw, _TURN), turn, _text(raw, "date", ""))
    if kind == _PASSAGE:
        return _ToldPassage(
            _text(raw, _PASSAGE), Passage(_text(raw, "id"), _text(raw, "title", ""), _text(raw, "text"))
        )
    return _question(raw)


def _question(raw: Mapping[str, Any]) -> Question:
    evidence, aliases, parts, options = (_texts(raw, name) for name in _LISTS)
    answer = None if raw.get("answer") is None else _text(raw, "answer")
    if options and answer is not None and answer not in options:
        raise ValueError(f"'answer' {answer!r} is none of the 'options'")
    unanswerable = raw.get("unanswerable", False)
    if not isinstance(unanswerable, bool):
        raise TypeError("'unanswerable' is neither true nor false")
    return Question(
        id=_text(raw, "id"),
        body=_text(raw, _QUESTION),
        text=_text(raw, "text"),
        answer=answer,
        category=_text(raw, "category", "all"),
        evidence=tuple(dict.fromkeys(evidence)),
        aliases=aliases,
        parts=parts,
        options=options,
        asked_at=_time(raw, "asked_at") if raw.get("asked_at") is not None else None,
        unanswerable=unanswerable,
    )


def _conversations(told: Iterable[tuple[int, _ToldTurn]], file: str) -> tuple[Conversation, ...]:
    sessions: dict[str, dict[str, list[_ToldTurn]]] = {}
    seen: set[tuple[str, str]] = set()
    latest: dict[str, tuple[datetime, str]] = {}
    for number, one in told:
        where = f"Line {number} of {file}"
        _once((one.body, one.turn.id), seen, where)
        at, session = latest.get(one.body, (one.turn.at, one.turn.session))
        if one.turn.at < at:
            raise DataFormatError(f"{where}: its time is before the turn above it. Write turns in order of time.")
        groups = sessions.setdefault(one.body, {})
        if one.turn.session in groups and one.turn.session != session:
            raise DataFormatError(
                f"{where}: session {one.turn.session!r} was left already. Write sessions in one piece."
            )
        groups.setdefault(one.turn.session, []).append(one)
        latest[one.body] = (one.turn.at, one.turn.session)
    return tuple(
        Conversation(
            body,
            tuple(
                Session(id, group[0].turn.at, group[0].date_text, tuple(one.turn for one in group))
                for id, group in groups.items()
            ),
        )
        for body, groups in sessions.items()
    )


def _corpora(told: Iterable[tuple[int, _ToldPassage]], file: str) -> tuple[Corpus, ...]:
    passages: dict[str, list[Passage]] = {}
    seen: set[tuple[str, str]] = set()
    for number, one in told:
        _once((one.body, one.passage.id), seen, f"Line {number} of {file}")
        passages.setdefault(one.body, []).append(one.passage)
    return tuple(Corpus(body, tuple(group)) for body, group in passages.items())


def _check(questions: Iterable[tuple[int, Question]], bodies: Iterable[Body], file: str) -> None:
    items = {body.id: {item.id for item in body.items} for body in bodies}
    seen: set[tuple[str, str]] = set()
    for number, question in questions:
        where = f"Line {number} of {file}"
        _once(("", question.id), seen, where)
        if question.body not in items:
            raise DataFormatError(f"{where}: the question is about {question.body!r}, which has no line in the file.")
        if missing := [one for one in question.evidence if one not in items[question.body]]:
            raise DataFormatError(f"{where}: the evidence {missing[0]!r} is no id in {question.body!r}.")


def _once(key: tuple[str, str], seen: set[tuple[str, str]], where: str) -> None:
    if key in seen:
        raise DataFormatError(f"{where}: the id {key[1]!r} comes twice. Ids differ within what they belong to.")
    seen.add(key)


def _text(raw: Mapping[str, Any], name: str, default: str | None = None) -> str:
    value = raw.get(name, default)
    if not isinstance(value, str) or (name not in {"title", "date"} and not value.strip()):
        raise TypeError(f"{name!r} is no text with words in it: {value!r}")
    return value


def _texts(raw: Mapping[str, Any], name: str) -> tuple[str, ...]:
    values = raw.get(name, [])
    if not isinstance(values, list) or not all(isinstance(one, str) and one.strip() for one in values):
        raise TypeError(f"{name!r} is no list of texts: {values!r}")
    return tuple(values)


def _time(raw: Mapping[str, Any], name: str) -> datetime:
    """ISO 8601; without a time zone it is UTC, and a day alone is its beginning."""
    try:
        at = datetime.fromisoformat(_text(raw, name))
    except ValueError as error:
        raise ValueError(f"{name!r} is no time like 2024-05-08T13:56:00Z: {raw[name]!r}") from error
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
