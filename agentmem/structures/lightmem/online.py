"""LightMem while the agent is awake: sessions become facts with few calls, and facts are inserted as they are.

Fang et al., "LightMem" (arXiv 2510.18866, sections 3.1 and 3.2). Turns are compressed, cut into topics, gathered, and
one call extracts the facts of all that were gathered (``lightmem_facts``). They are stored at once, with their topic
and weekday, and nothing is decided about them (the *soft update*); that is for
:class:`agentmem.structures.lightmem.sleep.LightMemSleep`. Where the paper's code gives a fact its session's time and
half a second for each message, a fact here has the time of its turns.

Only finished sessions come here, so no buffer outlives a consolidation. What is proposed of a session is proposed
whole, when the last call about it was answered. Without a language model the statements of each topic are its facts.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import ClassVar

import numpy as np

from agentmem.errors import BudgetExhausted, InvalidInput, LLMError
from agentmem.kinds import FACT
from agentmem.llm import LLM, Completion, Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.extraction import ToldFacts
from agentmem.protocols import FloatArray
from agentmem.structures.findings import by_rules as found_by_rules
from agentmem.structures.lightmem.compression import MOST_TOKENS, RATE, Rarity, compressed
from agentmem.structures.lightmem.progress import Work, mark
from agentmem.structures.lightmem.short_term import THRESHOLD, Segment, gathered
from agentmem.structures.lightmem.topics import BUFFER_TOKENS, segments
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.told_facts import memories_of, told
from agentmem.text.words import terms
from agentmem.types import Memory

PROMPT = "lightmem_facts"
_AT_ONCE = 16
"""Calls that are made together."""


@dataclass(frozen=True, slots=True)
class LightMem:
    """The structure. See the module's docstring.

    Attributes:
        rate: the share of words that is kept of each turn.
        sensory: how many tokens are cut into topics at once.
        short_term: how many tokens of topics are gathered for one call.

    Raises:
        InvalidInput: ``rate`` is not in (0, 1], or another one is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = ()
    kinds: ClassVar[tuple[str, ...]] = (FACT,)

    rate: float = RATE
    sensory: int = BUFFER_TOKENS
    short_term: int = THRESHOLD

    def __post_init__(self) -> None:
        if not 0 < self.rate <= 1 or self.sensory < 1 or self.short_term < 1:
            raise InvalidInput("LightMem keeps a share of words in (0, 1], and its buffers hold at least 1 token.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        usual = (self.rate, self.sensory, self.short_term) == (RATE, BUFFER_TOKENS, THRESHOLD)
        return "lightmem" if usual else f"lightmem:{self.rate:g},{self.sensory},{self.short_term}"

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """One proposal for each unit, in order of time. A call that failed fails all units that it read a part of.

        Raises:
            BudgetExhausted: the budget is spent; what was yielded before stands.
        """
        known = {mark(memory) for memory in view.memories(FACT)}
        work = Work(units)
        stream = work.of(self._segments(place, unit, view, models) for place, unit in enumerate(units))
        if models.llm is None:
            for segment in stream:
                work.take([segment], _ruled(units[segment.unit], segment))
                yield from work.finished(known)
            return
        gatherings = gathered(stream, self.short_term)
        while batch := list(islice(gatherings, _AT_ONCE)):
            spent = _asked(batch, work, models, models.llm)
            yield from work.finished(known)
            if spent is not None:
                raise spent

    def _segments(self, place: int, unit: Unit, view: View, models: Models) -> list[Segment]:
        """The topics of a unit: turns with the replies to them, compressed."""
        rarity = Rarity.of(chunk.text for chunk in unit.chunks)
        texts = [
            compressed(chunk.text, rarity, chunk.at, models.count_tokens, rate=self.rate, most_tokens=MOST_TOKENS)
            for chunk in unit.chunks
        ]
        tokens = [models.count_tokens(text) for text in texts]
        turns = list(_turns(unit.chunks))
        counted = [sum(tokens[line] for line in turn if not _replies(unit.chunks[line])) for turn in turns]
        found = segments(counted, _vectors(unit.chunks, turns, view, models), self.sensory)
        lines = [tuple(line for turn in segment for line in turns[turn]) for segment in found]
        return [
            Segment(place, own, tuple(texts[line] for line in own), sum(tokens[line] for line in own)) for own in lines
        ]


def prompt_of(units: Sequence[Unit], read: Sequence[Segment]) -> Prompt:
    """The question about gathered segments: their lines, numbered from 0 through all, under the date of each topic.

    A text has no line breaks after compression, so none can pass for another line.
    """
    shown: list[str] = []
    number = 0
    for topic, segment in enumerate(read, start=1):
        chunks = [units[segment.unit].chunks[line] for line in segment.lines]
        title = f", {' '.join(chunks[0].title.split())}" if chunks[0].title else ""
        shown.append(f"Topic {topic}, {chunks[0].at:%A, %d %B %Y, %H:%M}{title}:")
        for chunk, text in zip(chunks, segment.texts, strict=True):
            speaker = chunk.speaker or chunk.role
            shown.append(f"[{number}] {speaker}: {text}" if speaker else f"[{number}] {text}")
            number += 1
    return render(PROMPT, text="\n".join(shown))


def _asked(batch: Sequence[Sequence[Segment]], work: Work, models: Models, llm: LLM) -> BudgetExhausted | None:
    """Ask about several gatherings at once; returns the error where the budget did not last for all."""
    prompts = [prompt_of(work.units, read) for read in batch]
    answers: list[Completion[ToldFacts] | LLMError] = llm.complete_many(prompts, ToldFacts)
    spent: BudgetExhausted | None = None
    for read, prompt, answer in zip(batch, prompts, answers, strict=True):
        if isinstance(answer, BudgetExhausted):
            spent = answer  # its units stay open; others of the batch may have been answered, and are paid for
        elif isinstance(answer, LLMError):
            work.fail(read, answer)
        else:
            work.pay(read[0].unit, prompt, answer.usage)
            _take_reply(read, answer.value, work, models)
    return spent


def _take_reply(read: Sequence[Segment], reply: ToldFacts, work: Work, models: Models) -> None:
    """Facts as memories of the session that they were said in; one that names lines of several is of the last."""
    chunks = tuple(work.units[segment.unit].chunks[line] for segment in read for line in segment.lines)
    owners = [segment for segment in read for _line in segment.lines]
    first = work.units[read[0].unit]
    facts = told(replace(first, chunks=chunks), reply.facts)
    for segment in read:
        unit = work.units[segment.unit]
        own = [fact for fact in facts if owners[max(fact.lines)] is segment]
        memories = memories_of(replace(unit, chunks=chunks), own, models) if own else []
        work.take([segment], [_of_topic(memory, unit, segment) for memory in memories])


def _ruled(unit: Unit, segment: Segment) -> list[Memory]:
    """The statements of a topic."""
    part = replace(unit, chunks=tuple(unit.chunks[line] for line in segment.lines))
    return [_of_topic(memory, unit, segment) for memory in memories_of(part, found_by_rules(part, (FACT,)).facts)]


def _of_topic(memory: Memory, unit: Unit, segment: Segment) -> Memory:
    """With its weekday, and its topic, which is called after the memory that it begins with."""
    topic = unit.chunks[segment.lines[0]].id
    return replace(memory, metadata={**memory.metadata, "weekday": f"{memory.at:%A}", "topic": topic})


def _turns(chunks: Sequence[Memory]) -> Iterator[tuple[int, ...]]:
    """The numbers of chunks, each with those of the replies that follow it."""
    turn: list[int] = []
    for line, chunk in enumerate(chunks):
        if turn and not _replies(chunk):
            yield tuple(turn)
            turn = []
        turn.append(line)
    if turn:
        yield tuple(turn)


def _replies(chunk: Memory) -> bool:
    """Whether an assistant or a tool said it: the sensory buffer counts what users say."""
    return chunk.role not in (None, "user")


def _vectors(chunks: Sequence[Memory], turns: Sequence[Sequence[int]], view: View, models: Models) -> FloatArray:
    """A vector for each turn, the mean of its chunks'; of word counts where there is no embedding model."""
    found = view.vectors(chunks)
    if models.embed is None or not found.shape[1]:
        found = _word_counts(chunks)
    elif missing := [line for line in range(len(chunks)) if not found[line].any()]:
        found = found.copy()
        found[missing] = models.embed([chunks[line].text for line in missing])
    return np.stack([found[list(turn)].mean(axis=0) for turn in turns]).astype(np.float32)


def _word_counts(chunks: Sequence[Memory]) -> FloatArray:
    words = [terms(chunk.text) for chunk in chunks]
    columns = {word: column for column, word in enumerate(dict.fromkeys(word for line in words for word in line))}
    counts = np.zeros((len(chunks), max(1, len(columns))), dtype=np.float32)
    for row, line in enumerate(words):
        for word in line:
            counts[row, columns[word]] += 1.0
    return counts
