"""LoCoMo (snap-research/LoCoMo, CC BY-NC 4.0) in its official format, ``locomo10.json``.

Traps this loader knows: dates exist for more sessions than there are; evidence strings are dirty
(:mod:`agentmem_evals.datasets.evidence`); adversarial questions mostly lack ``answer``; an answer may be a number;
what a shared picture shows stands beside the text, and evidence can be in it; gold is wrong in places
(:mod:`agentmem_evals.datasets.errata`).

Adversarial questions are put as a choice of two, as the paper's authors do (``task_eval/gpt_utils.py``): what a reader
that mixes things up would say (``adversarial_answer``), and that the conversation does not tell. The order of the two
is drawn once for each question, so that it is the same in every run.
"""

from __future__ import annotations

import hashlib
import json
import random
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.errata import corrected, read_errata
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
ADVERSARIAL = "5"
NOT_MENTIONED = "Not mentioned in the conversation"
"""The right answer to an adversarial question, worded as one of its two options."""
CAPTION_TEMPLATE = "[shares an image: {caption}]"
"""How a picture's caption joins the words of the turn that shares it."""

_SESSION_KEY = re.compile(r"session_(\d+)")
_DATE = re.compile(r"(\d{1,2}):(\d{2})\s*([ap]m)\s+on\s+(\d{1,2})\s+([A-Za-z]+),?\s+(\d{4})", re.IGNORECASE)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")


def load_locomo(path: Path, *, captions: bool = True, errata: Path | None = None, seed: int = 0) -> Dataset:
    """Read a LoCoMo file; with ``captions``, what shared pictures show is part of the turns' texts.

    With ``errata``, gold answers and evidence are those of that file. ``seed`` decides the order of the two options of
    adversarial questions.

    Raises:
        DataNotFound: there is no such file of errata.
        DataFormatError: the file is not JSON, or not LoCoMo; or the errata belong to another release.
    """
    samples, digest = read_samples(path)
    with official_format(path):
        conversations = tuple(conversation_of(sample, captions=captions) for sample in samples)
        questions = {
            conversation.id: _questions(sample, conversation, seed)
            for sample, conversation in zip(samples, conversations, strict=True)
        }
        if len(questions) < len(conversations):
            raise ValueError("two samples have the same 'sample_id'")
    file_name = path.name
    if errata is not None:
        corrections = read_errata(errata)
        questions = corrected(questions, conversations, corrections)
        file_name = f"{file_name}, {corrections.file_name}"
        digest = hashlib.sha256(bytes.fromhex(digest) + bytes.fromhex(corrections.sha256)).hexdigest()
    return Dataset(
        name=NAME,
        file_name=file_name,
        sha256=digest,
        level=Level.TURN,
        category_names=CATEGORY_NAMES,
        bodies=conversations,
        questions=tuple(question for of_one in questions.values() for question in of_one),
    )


def read_samples(path: Path) -> tuple[list[Any], str]:
    """The samples of a LoCoMo file as they are, and the SHA-256 of its bytes.

    Raises:
        DataFormatError: the file is no JSON list.
    """
    content = path.read_bytes()
    with official_format(path):
        samples = json.loads(content)
        if not isinstance(samples, list):
            raise TypeError("not a list")
    return samples, hashlib.sha256(content).hexdigest()


@contextmanager
def official_format(path: Path) -> Iterator[None]:
    """Turns what reading another format raises into a :class:`DataFormatError` that says what is expected."""
    try:
        yield
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} is not in LoCoMo's official format ({type(error).__name__}: {error}). "
            "Expected is a JSON list of samples with 'sample_id', 'conversation' and 'qa', as in locomo10.json."
        ) from error


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


def conversation_of(sample: Mapping[str, Any], *, captions: bool) -> Conversation:
    """One sample's sessions in order of their numbers; dates of sessions that are not there are passed over.

    Raises:
        ValueError, KeyError, TypeError: the sample is in another format.
    """
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


def _questions(sample: Mapping[str, Any], conversation: Conversation, seed: int) -> list[Question]:
    known = conversation.session_of()
    return [
        _question(qa, f"{NAME}_{conversation.id}_qa{n}", conversation, known, seed) for n, qa in enumerate(sample["qa"])
    ]


def _question(
    qa: Mapping[str, Any], id: str, conversation: Conversation, known: Mapping[str, str], seed: int
) -> Question:
    evidence, unresolved = resolve_evidence(qa.get("evidence") or (), known)
    answer = None if qa.get("answer") is None else str(qa["answer"])
    question = Question(
        id=id,
        body=conversation.id,
        text=str(qa["question"]),
        answer=answer,
        category=str(qa["category"]),
        evidence=evidence,
        unresolved=unresolved,
    )
    if question.category != ADVERSARIAL:
        return question
    return replace(
        question,
        answer=NOT_MENTIONED,
        aliases=() if answer is None else (answer,),
        options=_options(qa.get("adversarial_answer"), id, seed),
        unanswerable=True,
    )


def _options(distractor: Any, id: str, seed: int) -> tuple[str, ...]:
    """The two options in an order that depends on the seed and the question alone; none without a distractor."""
    if distractor is None:
        return ()
    options = [str(distractor), NOT_MENTIONED]
    random.Random(f"{seed} {id}").shuffle(options)  # noqa: S311 - an order, no secret
    return tuple(options)
