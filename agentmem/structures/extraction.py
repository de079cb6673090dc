"""Facts, triples, entities and a summary out of a finished session or a document: one model call for all of them.

An LLM is paid by the session, not by the turn: one schema-typed reply holds everything (prompt ``extract``). Without
an LLM the same four are found by rules. Every fact and triple names the lines it comes from. What a model writes is
checked (:mod:`agentmem.structures.verify`): a fact or triple that its lines do not support is quarantined (it is kept,
and not found), and no entity is made of such a triple; a summary loses the sentences that the text does not support,
and where none is left, the summary by rules takes its place. Facts follow Mem0, LongMemEval's key expansion and
Structural Memory (self-contained sentences with key elements); triples follow HippoRAG's open information extraction.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

from agentmem.errors import BudgetExhausted, LLMError
from agentmem.kinds import ENTITY, FACT, SUMMARY, TRIPLE
from agentmem.llm import LLM, Completion, Prompt
from agentmem.operations import Add
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import Extraction
from agentmem.structures.derived import derived
from agentmem.structures.findings import Findings, by_rules, from_reply
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.verify import standing, told_besides, unsupported, unsupported_triples
from agentmem.text.phrases import normalise
from agentmem.types import EpisodeKind, Memory, State, Usage

PROMPT = "extract"
MAX_TOKENS = 6_000
"""A longer session or document is read in several calls."""
_AT_ONCE = 16
"""Units whose prompts are asked together."""
ALL = (FACT, TRIPLE, ENTITY, SUMMARY)


@dataclass(frozen=True, slots=True)
class ExtractionStructure:
    """See the module's docstring.

    Attributes:
        of_sessions: the kinds to keep of conversations; entities come with triples.
        of_documents: the kinds to keep of documents.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    of_sessions: tuple[str, ...] = ALL
    of_documents: tuple[str, ...] = ALL

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return tuple(dict.fromkeys((*self.of_sessions, *self.of_documents)))

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        sessions, documents = ",".join(self.of_sessions), ",".join(self.of_documents)
        return f"extract:{sessions}" if sessions == documents else f"extract:{sessions};{documents}"

    def _kept(self, unit: Unit) -> tuple[str, ...]:
        kind = unit.episodes[0].kind
        if kind == EpisodeKind.CORRECTION and not any(chunk.speaker or chunk.role for chunk in unit.chunks):
            kind = EpisodeKind.DOCUMENT
        return self.of_documents if kind == EpisodeKind.DOCUMENT else self.of_sessions

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """One proposal for each unit."""
        for first in range(0, len(units), _AT_ONCE):
            batch = units[first : first + _AT_ONCE]
            replies = _ask(models.llm, [windows(unit, models) for unit in batch]) if models.llm else None
            spent: BudgetExhausted | None = None
            for number, unit in enumerate(batch):
                read = None if replies is None else replies[number]
                if read is not None and isinstance(read.error, BudgetExhausted):
                    spent = read.error  # others of the batch may have been answered before, and are paid for
                else:
                    yield self._proposal(unit, read, view, models)
            if spent is not None:
                raise spent

    def _proposal(self, unit: Unit, read: _Read | None, view: View, models: Models) -> Proposal:
        if read is None:
            memories = list(self._memories(unit, by_rules(unit, self._kept(unit)), view, models, ruled=True))
            return Proposal(tuple(Add(memory) for memory in memories), (unit,))
        if read.error is not None:
            return Proposal((), (unit,), usage=read.usage, failure=read.error)
        memories = [
            memory
            for window, reply in read.replies
            for memory in self._memories(window, from_reply(window, reply), view, models, ruled=False)
        ]
        return Proposal(tuple(Add(memory) for memory in memories), (unit,), read.prompts, read.usage)

    def _memories(self, unit: Unit, found: Findings, view: View, models: Models, *, ruled: bool) -> Iterator[Memory]:
        for memory in self._all(unit, found, models, ruled=ruled):
            known, mark = _known(view, memory.kind), _mark(memory)
            own = mark if memory.state == State.ACTIVE else (memory.state, mark)  # doubt hides nothing found elsewhere
            if mark not in known and own not in known:
                known.add(own)
                yield memory

    def _all(self, unit: Unit, found: Findings, models: Models, *, ruled: bool) -> Iterator[Memory]:
        kept = self._kept(unit)
        if FACT in kept:
            yield from _facts(unit, found, models, ruled=ruled)
        if TRIPLE in kept:
            yield from _triples(unit, found, models, ruled=ruled)
        if SUMMARY in kept and found.summary:
            summary = found.summary if ruled else _standing(unit, found.summary, models)
            yield derived(SUMMARY, summary, unit, range(len(unit.chunks)))


@dataclass(frozen=True, slots=True)
class _Read:
    """What the model made of one unit, window by window; or why it could not."""

    replies: tuple[tuple[Unit, Extraction], ...] = ()
    prompts: tuple[Mapping[str, Any], ...] = ()
    usage: Usage = field(default_factory=Usage)
    error: LLMError | None = None


def _ask(llm: LLM, units: Sequence[Sequence[Unit]]) -> list[_Read]:
    """Ask about all windows of all units at once."""
    prompts = [[prompt_of(window) for window in unit] for unit in units]
    answers = iter(llm.complete_many([prompt for unit in prompts for prompt in unit], Extraction))
    found = []
    for unit, asked in zip(units, prompts, strict=True):
        mine: list[Completion[Extraction] | LLMError] = [next(answers) for _ in unit]
        usage, errors, replies = Usage(), [], []
        for window, answer in zip(unit, mine, strict=True):
            if isinstance(answer, LLMError):
                errors.append(answer)
            else:
                usage += answer.usage
                replies.append((window, answer.value))
        causes = [{"prompt": prompt.id, "version": prompt.version, "digest": prompt.digest} for prompt in asked[:1]]
        found.append(_Read(tuple(replies), tuple(causes), usage, errors[0] if errors else None))
    return found


def prompt_of(unit: Unit) -> Prompt:
    """The question put to the model about a unit (or a window of one)."""
    first = unit.episodes[0]
    return render(PROMPT, text=numbered(unit), date=f"{first.at:%A, %d %B %Y, %H:%M}", title=first.title or "")


def numbered(unit: Unit) -> str:
    """The unit as the model reads it: one line for each chunk, ``[0] Caroline: Hey Mel!``.

    Line breaks within a chunk become spaces, so that no text can pass for another line.
    """
    texts = [" ".join(chunk.text.split()) for chunk in unit.chunks]
    return "\n".join(
        f"[{number}] {chunk.speaker}: {text}" if chunk.speaker else f"[{number}] {text}"
        for number, (chunk, text) in enumerate(zip(unit.chunks, texts, strict=True))
    )


def windows(unit: Unit, models: Models) -> list[Unit]:
    """The unit in parts of at most :data:`MAX_TOKENS`, cut between chunks."""
    parts: list[list[Memory]] = [[]]
    room = MAX_TOKENS
    for chunk in unit.chunks:
        tokens = models.count_tokens(chunk.text) + 8
        if tokens > room and parts[-1]:
            parts.append([])
            room = MAX_TOKENS
        parts[-1].append(chunk)
        room -= tokens
    return [replace(unit, chunks=tuple(part)) for part in parts if part]


def _facts(unit: Unit, found: Findings, models: Models, *, ruled: bool) -> Iterator[Memory]:
    doubtful = set() if ruled else unsupported(unit, found.facts, models)
    seen: set[str] = set()
    for number in _doubtful_last(len(found.facts), doubtful):
        fact = found.facts[number]
        key = normalise(fact.text)
        if key in seen:
            continue
        seen.add(key)
        metadata = {"subject": fact.subject, "time": fact.time, "keys": list(fact.keys)}
        memory = derived(
            FACT, fact.text, unit, fact.lines, speaker=fact.speaker, span=fact.span, metadata=metadata, world=fact.world
        )
        yield replace(memory, state=State.QUARANTINED) if number in doubtful else memory


def _doubtful_last(count: int, doubtful: set[int]) -> list[int]:
    """The numbers in order, so that of two alike the one that is supported is kept."""
    return sorted(range(count), key=lambda number: number in doubtful)


def _mark(memory: Memory) -> Hashable:
    """By what a memory is the same as another: an entity by its name, anything else also by whence and when."""
    text = normalise(memory.text)
    return text if memory.kind == ENTITY else (text, memory.speaker, memory.session, memory.at)


def _known(view: View, kind: str) -> set[Hashable]:
    """What is there already, perhaps through another recipe that keeps some of the same kinds."""
    known: dict[str, set[Hashable]] = view.kept.setdefault("known", {})
    if kind not in known:
        known[kind] = {_mark(memory) for memory in view.memories(kind)}
    return known[kind]


def _triples(unit: Unit, found: Findings, models: Models, *, ruled: bool) -> Iterator[Memory]:
    """Triples, each once, and what they relate. One that its lines do not support stands without its entities."""
    doubtful = set() if ruled else unsupported_triples(unit, found.triples, models)
    seen: set[tuple[str, ...]] = set()
    for number in _doubtful_last(len(found.triples), doubtful):
        triple = found.triples[number]
        parts = (triple.subject, triple.predicate, triple.object)
        key = tuple(normalise(part) for part in parts)
        if key in seen or not key[0] or not key[2]:
            continue
        seen.add(key)
        memory = derived(
            TRIPLE,
            " ".join(parts),
            unit,
            triple.lines,
            span=triple.span,
            metadata=dict(zip(("subject", "predicate", "object"), parts, strict=True)),
        )
        if number in doubtful:
            yield replace(memory, state=State.QUARANTINED)
            continue
        yield memory
        for name in (triple.subject, triple.object):
            yield derived(ENTITY, name, unit, triple.lines[:1], span=triple.span)


def _standing(unit: Unit, summary: str, models: Models) -> str:
    """A model's summary without what the unit does not support; the summary by rules where nothing is left."""
    first = unit.chunks[0].at
    known = [*told_besides(unit.chunks), f"{first:%H %M} {int(f'{first:%I}')}"]  # the prompt tells the time
    if unit.episodes[0].title:
        known.append(unit.episodes[0].title)
    lines = [f"{chunk.speaker}: {chunk.text}" if chunk.speaker else chunk.text for chunk in unit.chunks]
    return standing(summary, lines, known, models.embed) or by_rules(unit, (SUMMARY,)).summary
