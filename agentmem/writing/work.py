"""A work as it stands in the memory: its paragraphs, its short-term memory."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from agentmem.handle import ScopeHandle
from agentmem.kinds import CHUNK, SHORT_TERM
from agentmem.structures.short_term import STEP
from agentmem.types import Memory, Message

INSTRUCTION, PLANS = "instruction", "plans"
"""Metadata of a paragraph: what it was written after, and how it may go on."""


@dataclass(frozen=True, slots=True)
class Paragraph:
    """One paragraph of a work.

    Attributes:
        step: its number, from 1 on.
        text: as it was written.
        instruction: the plan that it follows.
        plans: three plans for the next one.
    """

    step: int
    text: str
    instruction: str
    plans: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Work:
    """The work of a name in a scope. Reads anew whenever it is asked."""

    memory: ScopeHandle
    name: str

    def paragraphs(self) -> tuple[Paragraph, ...]:
        """All that is written, in order."""
        found: dict[int, Paragraph] = {}
        for chunk in self._all(CHUNK):
            step = chunk.metadata.get(STEP)
            if isinstance(step, int) and step not in found and chunk.sources:
                told = chunk.metadata
                text = self.memory.episode(chunk.sources[0].episode).text
                found[step] = Paragraph(step, text, str(told.get(INSTRUCTION, "")), tuple(told.get(PLANS, ())))
        return tuple(found[step] for step in sorted(found))

    def short_term(self) -> Memory | None:
        """The short-term memory; ``None`` before the first paragraph."""
        return max(self._all(SHORT_TERM), key=lambda memory: memory.at, default=None)

    def related(self, instruction: str, before: int, count: int) -> list[str]:
        """The paragraphs before a step that an instruction resembles most, best first."""
        hits = self.memory.retrieve(
            instruction, k=4 * count, session=self.name, where={STEP: {"lt": before}}, recipe="chunks"
        )
        episodes = dict.fromkeys(hit.sources[0].episode for hit in hits if hit.sources)
        return [self.memory.episode(episode).text for episode in list(episodes)[:count]]

    def keep(self, paragraph: Paragraph) -> None:
        """Store a paragraph. Raises RefConflict if somebody else wrote this step meanwhile."""
        metadata = {STEP: paragraph.step, INSTRUCTION: paragraph.instruction, PLANS: list(paragraph.plans)}
        self.memory.add(
            Message(
                paragraph.text,
                role="assistant",
                session=self.name,
                ref=f"{self.name}/paragraph/{paragraph.step}",
                metadata=metadata,
            )
        )

    def _all(self, kind: str) -> Iterator[Memory]:
        after: str | None = None
        while True:
            page = self.memory.list(kinds=[kind], session=self.name, limit=1_000, after=after)
            yield from page
            after = page.next
            if after is None:
                return
