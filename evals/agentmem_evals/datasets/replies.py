"""What a language model once extracted from a data set's sessions and passages, in the form in which it was published.

Everything here is a pure function from parsed files to :class:`Extracted`, by session or passage; :func:`as_reply`
turns that into the reply that the library's prompt ``extract`` asks for.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from agentmem_evals.datasets.evidence import resolve_evidence
from agentmem_evals.datasets.passages import passage_key
from agentmem_evals.types import Conversation, Corpus

_SESSION = re.compile(r"(session_\d+)_observation")


@dataclass(frozen=True, slots=True)
class Fact:
    """One extracted sentence. ``items`` are the turns it comes from; none when only the session is known."""

    text: str
    about: str | None = None
    items: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Extracted:
    """What was extracted from one session or passage. A triple is subject, predicate, object."""

    entities: tuple[str, ...] = ()
    triples: tuple[tuple[str, str, str], ...] = ()
    facts: tuple[Fact, ...] = ()
    summary: str = ""


def from_openie(entries: Iterable[Mapping[str, Any]], corpus: Corpus) -> dict[str, Extracted]:
    """HippoRAG's saved open information extraction, by passage id.

    Entries find their passage by title and text, white space aside; entries of other corpora are passed over. A list
    that is no triple (gpt-3.5 wrote some of four and more parts) is dropped, as HippoRAG does.

    Raises:
        KeyError, TypeError: an entry is in another format.
    """
    passages = {passage_key(passage.title, passage.text): passage.id for passage in corpus.passages}
    found: dict[str, Extracted] = {}
    for entry in entries:
        passage = passages.get(passage_key(entry["title"], entry["text"]))
        if passage is not None:
            triples = ([str(part).strip() for part in triple] for triple in entry["extracted_triples"])
            found[passage] = Extracted(
                entities=tuple(str(entity).strip() for entity in entry["extracted_entities"]),
                triples=tuple((s, p, o) for s, p, o in (t for t in triples if len(t) == 3) if s and p and o),
            )
    return found


def from_observations(sample: Mapping[str, Any], conversation: Conversation) -> dict[str, Extracted]:
    """LoCoMo's own observations (gpt-3.5-turbo) and session summaries, by session id.

    An observation names its turn, or a list of turns; what names no turn of the conversation counts for the session.

    Raises:
        KeyError, TypeError, ValueError: the sample is in another format.
    """
    known = conversation.session_of()
    observed = {match[1]: value for key, value in sample["observation"].items() if (match := _SESSION.fullmatch(key))}
    found: dict[str, Extracted] = {}
    for session in conversation.sessions:
        facts = [
            Fact(str(text).strip(), speaker, _turns(where, known))
            for speaker, observations in observed.get(session.id, {}).items()
            for text, where in observations
        ]
        summary = str(sample["session_summary"].get(f"{session.id}_summary") or "").strip()
        if facts or summary:
            found[session.id] = Extracted(facts=tuple(fact for fact in facts if fact.text), summary=summary)
    return found


def from_fact_lines(lines: Iterable[Mapping[str, Any]]) -> dict[str, dict[str, Extracted]]:
    """Facts that name their session only, by conversation and session; a fact that is told twice counts once.

    A line has ``sample_id``, ``session``, and the fact as ``text`` or ``memory``; ``owner``, where it is there, is
    whom the fact is about (and nobody, if it is told of several).

    Raises:
        KeyError: a line is in another format.
    """
    found: dict[str, dict[str, dict[str, Fact]]] = {}
    for line in lines:
        text = str(line["text"] if "text" in line else line["memory"]).strip()
        if text:
            facts = found.setdefault(str(line["sample_id"]), {}).setdefault(str(line["session"]), {})
            about = line.get("owner")
            facts[text] = Fact(text, about if facts.get(text, Fact(text, about)).about == about else None)
    return {
        conversation: {session: Extracted(facts=tuple(facts.values())) for session, facts in sessions.items()}
        for conversation, sessions in found.items()
    }


def as_reply(extracted: Extracted, lines: Mapping[str, Sequence[int]]) -> dict[str, Any]:
    """The reply to the prompt ``extract``; ``lines`` are the numbers of the lines that each item fills there."""
    whole = sorted(number for numbers in lines.values() for number in numbers)
    source = whole if len(whole) == 1 else []  # an empty source is the whole text
    return {
        "entities": list(extracted.entities),
        "triples": [
            {"subject": subject, "predicate": predicate, "object": object_, "source": source}
            for subject, predicate, object_ in extracted.triples
        ],
        "facts": [
            {
                "text": fact.text,
                "speaker": fact.about,
                "subject": fact.about,
                "time": None,
                "keys": [],
                "source": sorted(number for item in fact.items for number in lines.get(item, ())),
            }
            for fact in extracted.facts
        ],
        "summary": extracted.summary,
    }


def part_of(extracted: Extracted, items: Iterable[str], *, first: bool) -> Extracted:
    """What was extracted from some of the items, for a text that is read in parts.

    What names no item goes to the first part: to be said once.
    """
    mine = set(items)
    facts = tuple(fact for fact in extracted.facts if (mine.intersection(fact.items) if fact.items else first))
    return replace(extracted, facts=facts) if first else Extracted(facts=facts)


def _turns(where: Any, known: Mapping[str, str]) -> tuple[str, ...]:
    turns, _ = resolve_evidence([where] if isinstance(where, str) else [str(one) for one in where], known)
    return turns
