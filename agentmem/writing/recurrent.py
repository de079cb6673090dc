"""RecurrentGPT (Zhou et al., arXiv 2305.13304): a text as long as one likes, written with a memory of bounded size.

A step: one of three plans is chosen, extended and revised (:attr:`RecurrentWriter.choose`, a person, or the model); the
two earlier paragraphs that are most like it are looked up; with these, the short-term memory and the last paragraph the
model writes the next paragraph and three plans for the one after; the paragraph is stored, and becomes long-term
memory; the short-term memory is rewritten by ``consolidate``.

All state is in the store. A paragraph and its plans are written at once, and the short-term memory follows from the
paragraphs; so a step that was broken off anywhere, by whatever, is gone on with, and nothing is written twice.
"""

from __future__ import annotations

from collections.abc import Callable

from agentmem.errors import InvalidInput, LLMError, MalformedReply
from agentmem.handle import ScopeHandle
from agentmem.llm import LLM, ChatModel, Prompt, Reply
from agentmem.models.chat.loading import wrap
from agentmem.prompts.library import render
from agentmem.prompts.replies.writing import ChosenPlan, NextParagraph
from agentmem.structures.short_term import REASON, ShortTerm
from agentmem.types import Memory
from agentmem.writing.work import Paragraph, Work

Choose = Callable[[Paragraph, str], str]
"""From the last paragraph, with its plans, and the short-term memory: the instruction for the next paragraph."""


class RecurrentWriter:
    """Writes a work, paragraph by paragraph. The store must have been opened with ``recipe="recurrentgpt"``.

    Args:
        memory: where the work is kept; several works may share a scope, each a session of its own.
        llm: the language model that writes, as for :meth:`agentmem.AgentMemory.open`; best the store's own.
        work: the name of the work. A name that is there already is gone on with.
        brief: what the work is about; the instruction for its first paragraph, and shown with every one.
        choose: says how to go on, as a human author would; by default the model does.
        tries: how often a reply that cannot be read is asked for (each time it is sent back once to be repaired).
        related: how many earlier paragraphs are shown.

    Raises:
        InvalidInput: there is no language model, a text is empty, or a number below 1.
    """

    def __init__(
        self,
        memory: ScopeHandle,
        llm: ChatModel | LLM | str,
        *,
        work: str,
        brief: str,
        choose: Choose | None = None,
        tries: int = 3,
        related: int = 2,
    ) -> None:
        model = wrap(llm)
        if model is None:
            raise InvalidInput("Nothing is written without a language model: give llm= a ChatModel or 'openai:MODEL'.")
        if not work.strip() or not brief.strip():
            raise InvalidInput("A work needs a name (work=) and a brief: what it is about.")
        if tries < 1 or related < 1:
            raise InvalidInput("tries= and related= are numbers from 1 on.")
        self._memory = memory
        self._llm = model
        self._work = Work(memory, work)
        self._brief = brief
        self._choose = choose or self._ask_for_plan
        self._tries = tries
        self._related = related

    @property
    def paragraphs(self) -> tuple[Paragraph, ...]:
        """What is written so far."""
        return self._work.paragraphs()

    @property
    def short_term(self) -> str:
        """The short-term memory; empty before the first paragraph."""
        memory = self._work.short_term()
        return "" if memory is None else memory.text

    @property
    def reason(self) -> str:
        """Why the short-term memory was last rewritten as it was."""
        memory = self._work.short_term()
        return "" if memory is None else str(memory.metadata.get(REASON, ""))

    def write(self, paragraphs: int) -> tuple[Paragraph, ...]:
        """Write so many more paragraphs; see :meth:`step`."""
        return tuple(self.step() for _ in range(paragraphs))

    def step(self) -> Paragraph:
        """Write the next paragraph, and remember it.

        Raises:
            MalformedReply: the model's replies could not be read, however often it was asked.
            LLMError: the model could not be asked. Nothing is lost: call again.
            RefConflict: another writer wrote this paragraph meanwhile: call again to go on from there.
            InvalidInput: the store's recipe keeps no short-term memory, or ``choose`` gave no text.
        """
        self._check_recipe()
        written = self._work.paragraphs()
        last = written[-1] if written else None
        memory = self._remembered(last)
        short_term = "" if memory is None else memory.text
        instruction = self._brief if last is None else self._choose(last, short_term).strip()
        if not instruction:
            raise InvalidInput("choose= gave no instruction for the next paragraph: it must give a text.")
        paragraph = self._written(last, short_term, instruction)
        self._work.keep(paragraph)
        self._check_recipe()
        self._remembered(paragraph)
        return paragraph

    def _written(self, last: Paragraph | None, short_term: str, instruction: str) -> Paragraph:
        related = [] if last is None else self._work.related(instruction, last.step, self._related)
        prompt = render(
            "recurrent_write",
            brief=self._brief,
            memory=short_term,
            previous="" if last is None else last.text,
            instruction=instruction,
            related="\n\n".join(related),
        )
        reply = self._ask(prompt, NextParagraph)
        step = 1 if last is None else last.step + 1
        return Paragraph(step, reply.paragraph, instruction, tuple(reply.plans))

    def _ask_for_plan(self, last: Paragraph, short_term: str) -> str:
        plans = "\n".join(f"[{number}] {' '.join(plan.split())}" for number, plan in enumerate(last.plans))
        prompt = render("recurrent_choose", brief=self._brief, memory=short_term, previous=last.text, plans=plans)
        return self._ask(prompt, ChosenPlan).instruction

    def _ask(self, prompt: Prompt, schema: type[Reply]) -> Reply:
        for left in range(self._tries - 1, -1, -1):
            try:
                return self._llm.complete(prompt, schema).value
            except MalformedReply:
                if not left:
                    raise
        raise AssertionError("unreachable")

    def _remembered(self, last: Paragraph | None) -> Memory | None:
        """The short-term memory with everything in it that is written. Raises LLMError."""
        failures: tuple[str, ...] = ()
        for _ in range(self._tries if last is not None else 0):
            done = self._memory.consolidate()
            failures = done.failures
            if not failures:
                break
            self._memory.retry(dead_only=False)
        if failures:
            raise LLMError(
                f"The short-term memory could not be rewritten ({failures[-1]}). All that is written is kept: "
                "call step() again."
            )
        return self._work.short_term()

    def _check_recipe(self) -> None:
        followers = {one.follower for one in self._memory.waiting()}
        if followers and ShortTerm.name not in followers:
            raise InvalidInput(
                "This store keeps no short-term memory: open it with AgentMemory.open(..., recipe='recurrentgpt')."
            )
