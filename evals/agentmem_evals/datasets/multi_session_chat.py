"""Chats in several sessions with a memory between them: CareCall-memory, and Multi-Session Chat (MSC).

*CareCall-memory* (Bae et al., EMNLP Findings 2022; naver-ai/carecall-memory, for research only, no redistribution) is a
JSON list of episodes, lists of sessions ``{guid, dialogue: [{role, text}], memory, summary}``: what was remembered
before the session, and what of it is to be remembered. The English file is machine-translated.

*MSC* (Xu et al., ACL 2022; ParlAI, ``tasks/msc``) has a JSON object a line in ``msc_dialogue/session_<n>/<half>.txt``:
the session ``dialog``, ``previous_dialogs`` with the time until the next one, and ``personas`` of both speakers.

**Neither asks questions**: both are for what a memory keeps and what it costs. To ask for the persona sentences would
be a task of one's own, and no official one. A line of MSC with ``self_instruct``, as MemGPT's MSC-Self-Instruct has
(Packer et al. 2023, "deep memory retrieval"), brings one question and its answer, without evidence.

No date is published. CareCall's sessions are placed a week apart (one to two weeks lay between them); MSC's as far
apart as the data says.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.formats.json_lines import read_lines
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Conversation, Dataset, Level, Question, Session, Turn

CARECALL, MSC = "carecall", "msc"
CARECALL_FILES = ("carecall-memory_en_auto_translated.json", "carecall-memory*.json")
MSC_FILES = ("session_5/test.txt", "msc_self_instruct.jsonl")
DEEP_RETRIEVAL = "deep-memory-retrieval"

_BEGINNING = datetime(2022, 1, 3, 10, tzinfo=UTC)
_CARECALL_GAP = timedelta(weeks=1)
_UNITS = {"hour": 1, "day": 24, "week": 24 * 7, "month": 24 * 30, "year": 24 * 365}
_SPEAKERS = ("Speaker 1", "Speaker 2")
_CARECALL_EXPECTED = "a JSON list of episodes, lists of sessions with 'guid', 'dialogue', 'memory' and 'summary'"
_MSC_EXPECTED = (
    "Expected is an object with 'dialog' and 'previous_dialogs', lists of {\"text\"}, and in each previous one "
    "'time_num' and 'time_unit'."
)


@dataclass(frozen=True, slots=True)
class SessionMemory:
    """What the data says a memory holds: ``before`` a session, and what is ``new`` in it. ``subject``: whose it is."""

    body: str
    session: str
    subject: str
    before: tuple[str, ...]
    new: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Chat:
    body: Conversation
    memories: tuple[SessionMemory, ...]
    questions: tuple[Question, ...] = ()


def load_carecall(path: Path) -> Dataset:
    """Read CareCall-memory. An episode is a body, named by its guid without the session's number.

    Raises:
        DataFormatError: the file is not in the format.
    """
    return _dataset(CARECALL, path, _carecall(path.read_bytes(), path.name))


def load_msc(path: Path) -> Dataset:
    """Read a file of MSC's dialogues; the file of session 5 holds all five. A line is a body.

    Raises:
        DataFormatError: the file is not in the format.
    """
    return _dataset(MSC, path, _msc(path.read_bytes(), path.name))


def session_memories(name: str, path: Path) -> tuple[SessionMemory, ...]:
    """The memory that the data publishes with each session; of MSC, with the last one: its persona sentences.

    Raises:
        DataFormatError: the file is not in the format.
    """
    chats = (_carecall if name == CARECALL else _msc)(path.read_bytes(), path.name)
    return tuple(memory for chat in chats for memory in chat.memories)


def _dataset(name: str, path: Path, chats: Iterator[_Chat]) -> Dataset:
    read: dict[str, _Chat] = {}
    for chat in chats:
        if chat.body.id in read:
            raise DataFormatError(f"{path.name} has the conversation {chat.body.id} twice.")
        read[chat.body.id] = chat
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    questions = tuple(question for chat in read.values() for question in chat.questions)
    bodies = tuple(chat.body for chat in read.values())
    names = {DEEP_RETRIEVAL: "deep memory retrieval"} if questions else {}
    return Dataset(name, path.name, digest, Level.TURN, names, bodies, questions)


def _carecall(content: bytes, name: str) -> Iterator[_Chat]:
    try:
        yield from [_episode(episode) for episode in _list(json.loads(content))]
    except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
        raise DataFormatError(
            f"{name} is not CareCall-memory ({type(error).__name__}: {error}). Expected is {_CARECALL_EXPECTED}."
        ) from error


def _episode(raw: Any) -> _Chat:
    id = str(_list(raw)[0]["guid"]).rpartition("-")[0]
    sessions: list[Session] = []
    memories: list[SessionMemory] = []
    for number, one in enumerate(raw):
        name = str(one["guid"]).rpartition("-")[2]
        said = [(str(turn["role"]), str(turn["text"])) for turn in _list(one["dialogue"])]
        sessions.append(_session(name, _BEGINNING + number * _CARECALL_GAP, said))
        memories.append(SessionMemory(id, name, "user", _texts(one["memory"]), _texts(one["summary"])))
    return _Chat(Conversation(id, tuple(sessions)), tuple(memories))


def _msc(content: bytes, name: str) -> Iterator[_Chat]:
    for number, chat in enumerate(
        (chat for _, chat in read_lines(content, name, lambda raw: raw, _MSC_EXPECTED)), start=1
    ):
        try:
            yield _line(chat, number)
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise DataFormatError(
                f"Record {number} of {name} is not a line of MSC ({type(error).__name__}: {error}). {_MSC_EXPECTED}"
            ) from error


def _line(raw: Mapping[str, Any], number: int) -> _Chat:
    id = str((raw.get("metadata") or {}).get("initial_data_id") or f"{MSC}_{number}")
    sessions: list[Session] = []
    at = _BEGINNING
    for earlier in _list(raw["previous_dialogs"]):
        if earlier["dialog"]:
            sessions.append(_session(f"session_{len(sessions) + 1}", at, _said(earlier["dialog"])))
        at += _gap(earlier)
    if raw["dialog"]:
        sessions.append(_session(f"session_{len(sessions) + 1}", at, _said(raw["dialog"])))
    personas = zip(_SPEAKERS, raw.get("personas") or (), strict=False)
    last = sessions[-1].id if sessions else ""
    memories = tuple(SessionMemory(id, last, speaker, _texts(one), ()) for speaker, one in personas)
    asked = raw.get("self_instruct")
    questions = () if not asked else (_asked(id, asked, at + timedelta(hours=1)),)
    return _Chat(Conversation(id, tuple(sessions)), memories, questions)


def _asked(body: str, raw: Mapping[str, Any], at: datetime) -> Question:
    """In MSC-Self-Instruct speaker B asks and A, whose memory is looked at, answers."""
    return Question(f"{MSC}_{body}", body, str(raw["B"]), str(raw["A"]), DEEP_RETRIEVAL, (), asked_at=at)


def _said(dialog: Any) -> list[tuple[str, str]]:
    """Who says what: the data names the speakers of some sessions only, and they take turns."""
    return [
        (str(turn.get("id") or _SPEAKERS[place % 2]), str(turn["text"])) for place, turn in enumerate(_list(dialog))
    ]


def _gap(raw: Mapping[str, Any]) -> timedelta:
    """The time between a session and the next one."""
    unit = str(raw["time_unit"]).strip().lower().removesuffix("s")
    if unit not in _UNITS:
        raise ValueError(f"no unit of time: {raw['time_unit']!r}")
    return timedelta(hours=int(raw["time_num"]) * _UNITS[unit])


def _session(id: str, at: datetime, said: Sequence[tuple[str, str]]) -> Session:
    turns = tuple(
        Turn(f"{id}:{place}", id, speaker, text, at + timedelta(seconds=place))
        for place, (speaker, text) in enumerate(said, start=1)
    )
    return Session(id, at, "", turns)


def _texts(raw: Any) -> tuple[str, ...]:
    return tuple(str(one) for one in _list(raw))


def _list(raw: Any) -> list[Any]:
    if not isinstance(raw, list):
        raise TypeError(f"{type(raw).__name__} where a list is expected")
    return raw
