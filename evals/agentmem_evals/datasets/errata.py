"""Corrected gold for LoCoMo: answers and evidence that an audit found to be wrong (dial481/locomo-audit, CC BY-NC 4.0).

A correction names its question as ``locomo_<conversation>_qa<n>``: the conversation by its place in ``locomo10.json``,
counted from 0, and the question by its place in that conversation. A file with some of the conversations keeps these
numbers. Each correction repeats the question and the gold that it replaces, so that a file of errata that belongs to
another release is noticed, not applied to the wrong questions.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.evidence import resolve_evidence
from agentmem_evals.errors import DataFormatError, DataNotFound
from agentmem_evals.types import Conversation, Question

OFFICIAL_ORDER = tuple(f"conv-{number}" for number in (26, 30, 41, 42, 43, 44, 47, 48, 49, 50))
"""The conversations of ``locomo10.json``, in its order."""

_QUESTION_ID = re.compile(r"locomo_(\d+)_qa(\d+)")


@dataclass(frozen=True, slots=True)
class Correction:
    """What is wrong with a question, and what it should be.

    ``question`` and ``gold`` are as the data set has them. ``evidence`` and ``answer`` are ``None`` where the audit
    gives none: then the data set's stay. ``kind`` is the audit's word, such as ``WRONG_CITATION``.
    """

    conversation: int
    number: int
    question: str
    gold: str | None
    evidence: tuple[str, ...] | None
    answer: str | None
    kind: str


@dataclass(frozen=True, slots=True)
class Errata:
    """A file of corrections. ``sha256`` is over its bytes."""

    file_name: str
    sha256: str
    corrections: tuple[Correction, ...]


def read_errata(path: Path) -> Errata:
    """Read a file of corrections: a JSON list of objects with ``question_id``, ``question`` and ``correct_…``.

    Raises:
        DataNotFound: there is no such file.
        DataFormatError: it is in another format.
    """
    try:
        content = path.read_bytes()
    except OSError as error:
        raise DataNotFound(f"There is no file of errata {path}. Give --errata a file of corrections.") from error
    try:
        raw = json.loads(content)
        if not isinstance(raw, list):
            raise TypeError("not a list")
        corrections = tuple(_correction(entry) for entry in raw)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} is no file of errata ({type(error).__name__}: {error}). Expected is a JSON list of objects "
            "with 'question_id' (locomo_<conversation>_qa<n>), 'question', 'correct_evidence' and 'correct_answer'."
        ) from error
    return Errata(path.name, hashlib.sha256(content).hexdigest(), corrections)


def corrected(
    questions: Mapping[str, Sequence[Question]], conversations: Sequence[Conversation], errata: Errata
) -> dict[str, list[Question]]:
    """The questions of each conversation, by its id and in the file's order, with the corrections applied.

    Corrections of conversations that are not there are passed over.

    Raises:
        DataFormatError: a correction speaks of another question, or of another answer, than the data set has there.
    """
    result = {conversation: list(known) for conversation, known in questions.items()}
    turns = {conversation.id: conversation.session_of() for conversation in conversations}
    order = _order([conversation.id for conversation in conversations])
    for correction in errata.corrections:
        conversation = order.get(correction.conversation)
        if conversation is not None:
            _apply(correction, result[conversation], turns[conversation], errata.file_name)
    return result


def _order(ids: Sequence[str]) -> Mapping[int, str]:
    """The ids by the numbers that errata use: their places in ``locomo10.json``; of other data, those in the file."""
    official = {place: id for place, id in enumerate(OFFICIAL_ORDER) if id in ids}
    return official or dict(enumerate(ids))


def _apply(correction: Correction, questions: list[Question], known: Mapping[str, str], file_name: str) -> None:
    question = questions[correction.number] if correction.number < len(questions) else None
    if (
        question is None
        or question.text.strip() != correction.question.strip()
        or (correction.gold is not None and question.answer != correction.gold)
    ):
        there = "no such question" if question is None else f"{question.text!r} with the answer {question.answer!r}"
        raise DataFormatError(
            f"{file_name} corrects {correction.question!r} with the answer {correction.gold!r} as question "
            f"{correction.number} of conversation {correction.conversation}, but the data has {there} there. "
            "The errata belong to another release of the data: give the file that belongs to this one."
        )
    if correction.evidence is not None:
        evidence, unresolved = resolve_evidence(correction.evidence, known)
        question = replace(question, evidence=evidence, unresolved=unresolved)
    if correction.answer is not None:
        question = replace(question, answer=correction.answer)
    questions[correction.number] = question


def _correction(entry: Mapping[str, Any]) -> Correction:
    match = _QUESTION_ID.fullmatch(entry["question_id"])
    if match is None:
        raise ValueError(f"not a question's id: {entry['question_id']!r}")
    evidence = entry.get("correct_evidence")
    if evidence is not None and not isinstance(evidence, list):
        raise TypeError("'correct_evidence' is not a list")
    return Correction(
        conversation=int(match[1]),
        number=int(match[2]),
        question=str(entry["question"]),
        gold=_text(entry.get("golden_answer")),
        evidence=None if evidence is None else tuple(str(piece) for piece in evidence),
        answer=_text(entry.get("correct_answer")),
        kind=str(entry.get("error_type", "")),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)
