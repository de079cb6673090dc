"""Evidence turns of LongMemEval in one pool: retrieval among them, without the haystacks.

A file of lines, each a question with the turns that answer it. All turns of all questions are told as one
conversation, and each question is asked of it. This is **not LongMemEval-S**: there are no distractors but the other
questions' evidence, so that numbers on it stand for nothing but themselves.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.longmemeval import CATEGORY_NAMES, is_abstention, parse_date
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Conversation, Dataset, Level, Question, Session, Turn

NAME = "longmemeval-pool"
FILE_NAMES = ("evidence_turns_dev.jsonl", "evidence_turns*.jsonl")
POOL = "pool"


def load_pool(path: Path) -> Dataset:
    """Read a file of evidence turns.

    A turn's id is ``<question>_<session>_<turn>``, counted from 1. What several questions have as evidence is told
    once. Questions that ask for what is not told (``_abs``) have no evidence.

    Raises:
        DataFormatError: the file is in another format.
    """
    content = path.read_bytes()
    try:
        records = [json.loads(line) for line in content.decode("utf-8").split("\n") if line.strip()]
        sessions, places = _pooled(records)
        questions = tuple(_question(record, places) for record in records)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} holds no evidence turns ({type(error).__name__}: {error}). Expected is one JSON object a "
            "line, each with 'question_id', 'question', 'question_date', 'answer' and 'evidence_sessions'."
        ) from error
    return Dataset(
        name=NAME,
        file_name=path.name,
        sha256=hashlib.sha256(content).hexdigest(),
        level=Level.TURN,
        category_names=CATEGORY_NAMES,
        bodies=(Conversation(POOL, sessions),),
        questions=questions,
    )


def _pooled(records: Iterable[Mapping[str, Any]]) -> tuple[tuple[Session, ...], dict[tuple[str, str], str]]:
    """The sessions in order of time, and the id of each turn by its role and text."""
    places: dict[tuple[str, str], str] = {}
    sessions = []
    for record in records:
        for number, raw in enumerate(record["evidence_sessions"], start=1):
            id, at = f"{record['question_id']}_{number}", parse_date(raw["date"])
            turns = []
            for place, turn in enumerate(raw["turns"], start=1):
                key = (str(turn["role"]), str(turn["content"]))
                if key not in places:
                    places[key] = f"{id}_{place}"
                    turns.append(Turn(places[key], id, *key, at + timedelta(seconds=place - 1)))
            if turns:
                sessions.append(Session(id, at, str(raw["date"]), tuple(turns)))
    return tuple(sorted(sessions, key=lambda session: session.at)), places


def _question(record: Mapping[str, Any], places: Mapping[tuple[str, str], str]) -> Question:
    turns = (turn for session in record["evidence_sessions"] for turn in session["turns"])
    evidence = dict.fromkeys(places[str(turn["role"]), str(turn["content"])] for turn in turns)
    unanswerable = is_abstention(record["question_id"])
    return Question(
        id=str(record["question_id"]),
        body=POOL,
        text=str(record["question"]),
        answer=str(record["answer"]),
        category=str(record["question_type"]),
        evidence=() if unanswerable else tuple(evidence),
        asked_at=parse_date(record["question_date"]),
        unanswerable=unanswerable,
    )
