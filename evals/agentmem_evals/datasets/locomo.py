"""LoCoMo (snap-research/LoCoMo, CC BY-NC 4.0) in its official format, ``locomo10.json``.

Traps this loader knows: dates exist for more sessions than there are; evidence strings are dirty
(:mod:`agentmem_evals.datasets.evidence`); adversarial questions mostly lack ``answer``; an answer may be a number;
what a shared picture shows stands beside the text, and evidence can be in it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.evidence import resolve_evidence
from agentmem_evals.errors import DataFormatError
from agentmem_evals.types import Conversation, Dataset, Level, Question, Session, Turn

NAME = "locomo"
FILE_NAMES = ("locomo_dev.json", "locomo10.json")
CATEGORY_NAMES: Mapping[str, str] = {
    "1": "multi-hop",
    "2": "temporal",
    "3": "open-domain",
    "4": "single-hop",
    "5": "adversarial",
}
CAPTION_TEMPLATE = "[shares an image: {caption}]"
"""How a picture's caption joins the words of the turn that shares it."""

_SESSION_KEY = re.compile(r"session_(\d+)")
_DATE = re.compile(r"(\d{1,2}):(\d{2})\s*([ap]m)\s+on\s+(\d{1,2})\s+([A-Za-z]+),?\s+(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def load_locomo(path: Path, *, captions: bool = True) -> Dataset:
    """Read a LoCoMo file; with ``captions``, what shared pictures show is part of the turns' texts.

    Raises:
        DataFormatError: the file is not JSON, or not LoCoMo.
    """
    content = path.read_bytes()
    try:
        samples = json.loads(content)
        if not isinstance(samples, list):
            raise TypeError("not a list")
        conversations = tuple(_conversation(sample, captions) for sample in samples)
        questions = tuple(
            question
            for sample, conversation in zip(samples, conversations, strict=True)
            for question in _questions(sample, conversation)
        )
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} is not in LoCoMo's official format ({type(error).__name__}: {error}). "
            "Expected is a JSON list of samples with 'sample_id', 'conversation' and 'qa', as in locomo10.json."
        ) from error
    digest = hashlib.sha256(content).hexdigest()
    return Dataset(NAME, path.name, digest, Level.TURN, CATEGORY_NAMES, conversations, questions)


def parse_session_date(text: str) -> datetime:
    """``"1:56 pm on 8 May, 2023"`` as a datetime; the data names no time zone, UTC is assumed.

    Raises:
        ValueError: the text has another form. (Not ``strptime``: that depends on the locale's month names.)
    """
    match = _DATE.fullmatch(text.strip())
    if match is None or match[5][:3].lower() not in _MONTHS:
        raise ValueError(f"not a session date: {text!r}")
    hour = int(match[1]) % 12 + (12 if match[3].lower() == "pm" else 0)
    month = _MONTHS.index(match[5][:3].lower()) + 1
    return datetime(int(match[6]), month, int(match[4]), hour, int(match[2]), tzinfo=UTC)


def turn_text(raw: Mapping[str, Any], captions: bool) -> str:
    """The words of a turn, with the caption of its picture after them if it shares one and ``captions`` is on."""
    text = str(raw.get("text") or "").strip()
    caption = str(raw.get("blip_caption") or "").strip()
    if captions and caption:
        return f"{text} {CAPTION_TEMPLATE.format(caption=caption)}".strip()
    return text


def _conversation(sample: Mapping[str, Any], captions: bool) -> Conversation:
    raw = sample["conversation"]
    matches = (_SESSION_KEY.fullmatch(key) for key in raw)
    numbers = sorted(int(match[1]) for match in matches if match)
    sessions = (_session(raw, number, captions) for number in numbers if raw[f"session_{number}"])
    return Conversation(str(sample["sample_id"]), tuple(sessions))


def _session(raw: Mapping[str, Any], number: int, captions: bool) -> Session:
    name = f"session_{number}"
    date_text = str(raw[f"{name}_date_time"])
    at = parse_session_date(date_text)
    turns = tuple(
        # The data dates sessions only; a second per position keeps the order without inventing more than that.
        Turn(turn["dia_id"], name, turn["speaker"], turn_text(turn, captions), at + timedelta(seconds=position))
        for position, turn in enumerate(raw[name])
    )
    return Session(name, at, date_text, turns)


def _questions(sample: Mapping[str, Any], conversation: Conversation) -> list[Question]:
    known = conversation.session_of()
    questions = []
    for number, qa in enumerate(sample["qa"]):
        evidence, unresolved = resolve_evidence(qa.get("evidence") or (), known)
        answer = qa.get("answer")
        questions.append(
            Question(
                id=f"{NAME}_{conversation.id}_qa{number}",
                body=conversation.id,
                text=str(qa["question"]),
                answer=None if answer is None else str(answer),
                category=str(qa["category"]),
                evidence=evidence,
                unresolved=unresolved,
            )
        )
    return questions
