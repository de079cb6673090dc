"""The rolling summary: what is known after each session, made of what was known before and the session.

Wang et al., "Recursively Summarizing Enables Long-Term Dialogue Memory in Large Language Models" (Neurocomputing 2025,
arXiv 2308.15022), equation 1: ``M_i = LLM(M_{i-1}, S_i)``, at most 20 sentences. Each ``M_i`` is a memory, with edges
to its predecessor, which it retires, and to the chunks of its session. Documents are no sessions and are left out.

What a model writes is checked against both (:func:`agentmem.structures.verify.standing`): sentences that neither
supports are left out, so that nothing invented is carried on from summary to summary. Where none is left, and without a
language model, the most telling sentences of both are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import ClassVar

from agentmem.errors import BudgetExhausted, InvalidInput, LLMError, MalformedReply
from agentmem.kinds import CHUNK, ROLLING
from agentmem.operations import Add, Retire
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import RollingSummary as Reply
from agentmem.protocols import TokenCounter
from agentmem.structures.structure import Models, Proposal, Unit, View
from agentmem.structures.trees.nodes import link, new_node, told
from agentmem.structures.trees.texts import conversation_of, is_document
from agentmem.structures.trees.wording import NotWritten, Written, named, prompts_of, shortened
from agentmem.structures.verify import standing, told_besides
from agentmem.text.sentences import sentences
from agentmem.types import Memory, Usage

_WORDS_A_SENTENCE = 15
_LONGEST_SENTENCE = 400  # characters; bounds what a model writes


@dataclass(frozen=True, slots=True)
class RollingSummary:
    """The structure. One proposal for each unit, in order of time.

    Attributes:
        sentences: the longest summary.
        session_tokens: what a model is given of a session at once; a longer one is taken in part by part.

    Raises:
        InvalidInput: one of them is less than 1.
    """

    reads: ClassVar[tuple[str, ...]] = ()

    sentences: int = 20
    session_tokens: int = 8_000

    def __post_init__(self) -> None:
        if self.sentences < 1 or self.session_tokens < 1:
            raise InvalidInput("A rolling summary has at least 1 sentence, and reads at least 1 token at once.")

    @property
    def name(self) -> str:
        """See :class:`agentmem.structures.structure.Structure`."""
        return "rolling"

    @property
    def kinds(self) -> tuple[str, ...]:
        """See :class:`agentmem.structures.structure.Structure`."""
        return (ROLLING,)

    def propose(self, units: Sequence[Unit], view: View, models: Models) -> Iterator[Proposal]:
        """See :class:`agentmem.structures.structure.Structure`.

        Somebody who forgets a chunk destroys every summary it went into, and so the present one. Then all sessions
        before the first unit are summarised again; without any unit, all there are, in a proposal that completes none.
        A session that failed is left out by those after it, and taken in, with its date, when it is tried again.
        """
        current = max(view.memories(ROLLING), key=lambda memory: memory.at, default=None)
        before = _earlier(units, view) if current is None else []
        for unit in sorted(units, key=_first_moment):
            if is_document(unit) or not unit.chunks:
                yield Proposal((), (unit,))
                continue
            try:
                proposal, made = self._next(current, [*before, unit.chunks], (unit,), models)
            except NotWritten as failed:
                yield Proposal((), (unit,), usage=failed.usage, failure=failed.error)
                continue
            yield proposal
            current, before = made, []
        if before and all(is_document(unit) for unit in units):
            try:
                yield self._next(None, before, (), models)[0]
            except NotWritten as failed:
                yield Proposal((), (), usage=failed.usage, failure=failed.error)

    def _next(
        self, current: Memory | None, sessions: Sequence[Sequence[Memory]], units: tuple[Unit, ...], models: Models
    ) -> tuple[Proposal, Memory]:
        text = current.text if current is not None else ""
        parts: list[Written] = []
        for chunks in sessions:
            try:
                parts.append(self._read(text, chunks, models))
            except NotWritten as failed:
                raise NotWritten(failed.error, sum((part.usage for part in parts), failed.usage)) from failed
            [text] = parts[-1].texts
        below = [chunk for chunks in sessions for chunk in chunks]
        stands_on = below if current is None else [current, *below]
        made = replace(new_node(ROLLING, text, stands_on), session=sessions[-1][0].session, title=None)
        retired = () if current is None else (Retire(current.id, current.version),)
        operations = (Add(made), *(link(made.id, child.id) for child in stands_on), *retired)
        usage = sum((part.usage for part in parts), Usage())
        return Proposal(operations, units, prompts_of(*parts), usage), made

    def _read(self, summary: str, chunks: Sequence[Memory], models: Models) -> Written:
        """The summary after a session, the one text of what is returned."""
        lines = [told(chunk) for chunk in chunks]
        llm = models.llm
        if llm is None:
            return Written((self._bounded([*summary.splitlines(), *lines]),))
        date = chunks[0].at.strftime("%d %B %Y")
        usage, prompts = Usage(), []
        for part in _parts(lines, models.count_tokens, self.session_tokens):
            prompts.append(render("rolling_summary", summary=summary, session="\n".join(part), date=date))
            try:
                reply = llm.complete(prompts[-1], Reply)
            except BudgetExhausted:
                raise
            except LLMError as failed:
                raise NotWritten(failed, usage) from failed
            usage += reply.usage
            written = reply.value.text.strip()
            if not written:
                raise NotWritten(MalformedReply("The rolling summary came back empty. Consolidate again."), usage)
            shown = [*summary.splitlines(), *part]
            summary = standing(written, shown, [date, *told_besides(chunks)], models.embed) or self._bounded(shown)
            if _count(summary) > self.sentences or len(summary) > self.sentences * _LONGEST_SENTENCE:
                summary = self._bounded(summary.splitlines())
        return Written((summary,), usage, named(prompts))

    def _bounded(self, texts: Sequence[str]) -> str:
        """The most telling sentences, as many as wanted."""
        words = self.sentences * _WORDS_A_SENTENCE
        text = shortened(texts, words)
        while (count := _count(text)) > self.sentences:  # they are shorter than expected
            words = min(words, len(text.split())) * self.sentences // count
            if words < self.sentences:
                return "\n".join(text.splitlines()[-self.sentences :])
            text = shortened(text.splitlines(), words)
        return text


def _count(text: str) -> int:
    return sum(len(sentences(line)) for line in text.splitlines())


def _parts(lines: Sequence[str], count_tokens: TokenCounter, budget: int) -> Iterator[list[str]]:
    """Consecutive lines, as many as the budget allows at once."""
    part: list[str] = []
    spent = 0
    for line in lines:
        tokens = count_tokens(line)
        if part and spent + tokens > budget:
            yield part
            part, spent = [], 0
        part.append(line)
        spent += tokens
    yield part


def _earlier(units: Sequence[Unit], view: View) -> list[list[Memory]]:
    """The chunks of the sessions that began before these units (if they hold any), by session, in order of time."""
    start = min((_first_moment(unit) for unit in units if not is_document(unit)), default=None)
    now = {chunk.id for unit in units for chunk in unit.chunks}
    sessions: dict[str, list[Memory]] = {}
    for chunk in sorted(view.memories(CHUNK), key=lambda chunk: chunk.at):
        session = conversation_of(chunk)
        if session is not None and chunk.id not in now:
            sessions.setdefault(session, []).append(chunk)
    return [chunks for chunks in sessions.values() if start is None or chunks[0].at < start]


def _first_moment(unit: Unit) -> datetime:
    moments = [chunk.at for chunk in unit.chunks] or [episode.at for episode in unit.episodes]
    return min(moments, default=datetime.min.replace(tzinfo=UTC))
