"""Files of a language model's earlier output: saved open information extraction, observations, facts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.replies import Extracted, from_fact_lines, from_observations, from_openie
from agentmem_evals.errors import DataFormatError, DataNotFound, EvalError
from agentmem_evals.types import Body, Conversation, Corpus, Dataset, Level

OPENIE, OBSERVATIONS, FACTS = "openie", "observations", "facts"


Parts = Mapping[str, Mapping[str, Extracted]]


@dataclass(frozen=True, slots=True)
class Recorded:
    """What was extracted from the bodies of a data set: by body, and by session or passage.

    ``kind`` is how it was asked for; ``file_name`` and ``sha256`` tell which file it is, without a folder.
    """

    kind: str
    file_name: str
    sha256: str
    extracted: Parts

    def describe(self) -> dict[str, Any]:
        """For the manifest; ``replies`` counts the sessions or passages with output."""
        replies = sum(len(parts) for parts in self.extracted.values())
        return {"kind": self.kind, "file": self.file_name, "sha256": self.sha256, "replies": replies}

    def about(self, body: Body) -> dict[str, Extracted]:
        """What was extracted from each session, or each passage, of a body.

        A session without output in a conversation that has some is a session in which nothing was found. A passage
        without output was never asked about.

        Raises:
            EvalError: the file has nothing about this body, or not about all passages.
        """
        known = self.extracted.get(body.id, {})
        if isinstance(body, Conversation):
            if not known:
                there = ", ".join(sorted(self.extracted)) or "nothing"
                raise EvalError(
                    f"{self.file_name} has no facts about {body.id}, only about {there}. Choose with --conversations."
                )
            return {session.id: known.get(session.id, Extracted()) for session in body.sessions}
        missing = [passage.title for passage in body.passages if passage.id not in known]
        if missing:
            raise EvalError(
                f"{self.file_name} has no entry for {len(missing)} of {len(body.passages)} passages; the first is "
                f"{missing[0]!r}. It was made from another corpus: give the file that belongs to this one."
            )
        return {passage.id: known[passage.id] for passage in body.passages}


def read_recorded(dataset: Dataset, data: Path, openie: Path | None, facts: str | None) -> Recorded | None:
    """What ``--openie`` and ``--facts`` name; ``None`` if neither is given.

    Args:
        dataset: what the output belongs to.
        data: the data set's file; it holds the observations.
        openie: a file of saved open information extraction; for passages.
        facts: ``"observations"``, or the name of a file with one fact a line; for conversations.

    Raises:
        EvalError: the data set is of the other kind.
        DataNotFound: there is no such file.
        DataFormatError: the file is in another format.
    """
    if openie is not None and dataset.level is not Level.PASSAGE:
        instead = "use --facts" if dataset.level is Level.TURN else "leave it out"
        raise EvalError(f"--openie is for corpora of passages; {dataset.name} has {dataset.level}s: {instead}.")
    if facts is not None and dataset.level is not Level.TURN:
        instead = "use --openie" if dataset.level is Level.PASSAGE else "leave it out"
        raise EvalError(f"--facts is for conversations; {dataset.name} has {dataset.level}s: {instead}.")
    if openie is not None:
        return _read(OPENIE, openie, lambda content: _openie(content, dataset), _OPENIE_FORMAT)
    if facts == OBSERVATIONS:
        return _read(OBSERVATIONS, data, lambda content: _observations(content, dataset), _OBSERVATIONS_FORMAT)
    if facts is not None:
        return _read(FACTS, Path(facts), _facts, _FACTS_FORMAT)
    return None


_OPENIE_FORMAT = (
    "a JSON list of objects with 'title', 'text', 'extracted_entities' and 'extracted_triples', as HippoRAG saves it"
)
_OBSERVATIONS_FORMAT = "LoCoMo's JSON list of samples, each with 'observation' and 'session_summary'"
_FACTS_FORMAT = "one JSON object a line, each with 'sample_id', 'session', and the fact as 'text' or 'memory'"


def _read(kind: str, path: Path, parse: Callable[[bytes], Parts], expected: str) -> Recorded:
    try:
        content = path.read_bytes()
    except FileNotFoundError as error:
        raise DataNotFound(f"There is no file {path}. --{_OPTIONS[kind]}") from error
    try:
        extracted: Parts = parse(content)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise DataFormatError(
            f"{path.name} cannot be replayed ({type(error).__name__}: {error}). Expected is {expected}."
        ) from error
    return Recorded(kind, path.name, hashlib.sha256(content).hexdigest(), extracted)


_OPTIONS = {
    OPENIE: "openie takes a file of saved open information extraction.",
    OBSERVATIONS: "facts observations reads the data set's own.",
    FACTS: "facts takes 'observations', or a file with one fact a line.",
}


def _openie(content: bytes, dataset: Dataset) -> Parts:
    raw = json.loads(content)
    entries: Iterable[Any] = raw["docs"] if isinstance(raw, dict) else raw
    return {body.id: from_openie(entries, body) for body in dataset.bodies if isinstance(body, Corpus)}


def _observations(content: bytes, dataset: Dataset) -> Parts:
    pairs = zip(json.loads(content), dataset.bodies, strict=True)
    return {body.id: from_observations(sample, body) for sample, body in pairs if isinstance(body, Conversation)}


def _facts(content: bytes) -> Parts:
    return from_fact_lines(json.loads(line) for line in content.decode("utf-8").split("\n") if line.strip())
