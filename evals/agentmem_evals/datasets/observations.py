"""LoCoMo as the paper's second database: its observations are what is told and found, instead of its turns.

An observation is a sentence that gpt-3.5-turbo wrote about one speaker in one session, with the turn, or turns, that
it comes from (LoCoMo, arXiv 2402.17753, section 4.1). Gold are the observations of a question's evidence turns. An
observation's id begins with its turns, so that the paper's own recall, the share of evidence *turns* among those that
the found observations come from, can be computed from what a run stored: :func:`turns_of`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.evidence import resolve_evidence
from agentmem_evals.datasets.locomo import conversation_of, load_locomo, official_format, read_samples
from agentmem_evals.types import Conversation, Dataset, Level, Question, Session, Turn

NAME = "locomo-observations"
_SEPARATOR, _AND = "|", "+"


def load_observations(path: Path, *, errata: Path | None = None, seed: int = 0) -> Dataset:
    """Read a LoCoMo file with each session's observations in place of its turns.

    A turn of the result is an observation: its speaker is whom it is about, its time that of the session. Evidence
    turns about which there is no observation are ``unresolved``.

    Raises:
        DataNotFound: there is no such file of errata.
        DataFormatError: the file is not LoCoMo, or has no observations; or the errata belong to another release.
    """
    told = load_locomo(path, errata=errata, seed=seed)
    samples, _ = read_samples(path)
    with official_format(path):
        bodies = tuple(_observed(sample) for sample in samples)
    by_turn = {body.id: _by_turn(body) for body in bodies}
    return replace(
        told,
        name=NAME,
        level=Level.OBSERVATION,
        bodies=bodies,
        questions=tuple(_asked_of(question, by_turn[question.body]) for question in told.questions),
    )


def turns_of(observation: str) -> tuple[str, ...]:
    """The turns that an observation comes from, by its id; none where the data names none that exists."""
    turns = observation.partition(_SEPARATOR)[0]
    return tuple(turns.split(_AND)) if turns else ()


def _observed(sample: Mapping[str, Any]) -> Conversation:
    conversation = conversation_of(sample, captions=False)
    known = conversation.session_of()
    sessions = (_session(session, sample["observation"], known) for session in conversation.sessions)
    return replace(conversation, sessions=tuple(session for session in sessions if session.turns))


def _session(session: Session, raw: Mapping[str, Any], known: Mapping[str, str]) -> Session:
    observations = [
        (speaker, str(text).strip(), where)
        for speaker, entries in (raw.get(f"{session.id}_observation") or {}).items()
        for text, where in entries
    ]
    turns = tuple(
        Turn(_id(session.id, number, where, known), session.id, speaker, text, session.at + timedelta(seconds=number))
        for number, (speaker, text, where) in enumerate(observations)
        if text
    )
    return replace(session, turns=turns)


def _id(session: str, number: int, where: Any, known: Mapping[str, str]) -> str:
    turns, _ = resolve_evidence([where] if isinstance(where, str) else [str(one) for one in where], known)
    return f"{_AND.join(turns)}{_SEPARATOR}{session}{_SEPARATOR}{number}"


def _by_turn(body: Conversation) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for observation in body.turns:
        for turn in turns_of(observation.id):
            found.setdefault(turn, []).append(observation.id)
    return found


def _asked_of(question: Question, by_turn: Mapping[str, list[str]]) -> Question:
    found = dict.fromkeys(observation for turn in question.evidence for observation in by_turn.get(turn, ()))
    unobserved = tuple(turn for turn in question.evidence if turn not in by_turn)
    return replace(question, evidence=tuple(found), unresolved=question.unresolved + unobserved)
