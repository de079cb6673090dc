"""The texts of inner nodes: written by a language model, or picked from what stands below.

What a model wrote is checked against what it was shown (:func:`agentmem.structures.verify.standing`): sentences that
are not supported are left out, and where none is left, the text is picked as without a model. A node is never put aside
for its text, for that would tear a hole into the tree. What the text above stands on was checked before, so nothing
invented climbs from layer to layer.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from agentmem.errors import BudgetExhausted, LLMError, MalformedReply
from agentmem.llm import LLM, Prompt
from agentmem.prompts.library import render
from agentmem.prompts.replies.summaries import Summary
from agentmem.structures.structure import Models
from agentmem.structures.verify import standing
from agentmem.text.salience import summarise
from agentmem.types import Usage

MOST_WORDS = 120
_FIRST_WORDS = 30
_CHARACTERS_A_WORD = 12  # bounds scripts that put no spaces between words


@dataclass(frozen=True, slots=True)
class Written:
    """Texts, and what they cost.

    Attributes:
        texts: in the order in which they were asked for.
        usage: what the model cost.
        prompts: id, version and digest of the prompts used, each once.
    """

    texts: tuple[str, ...] = ()
    usage: Usage = field(default_factory=Usage)
    prompts: tuple[Mapping[str, Any], ...] = ()


class NotWritten(Exception):
    """A text could not be had. ``error`` says why; ``usage`` is what was spent on the texts around it."""

    def __init__(self, error: LLMError, usage: Usage) -> None:
        super().__init__(str(error))
        self.error = error
        self.usage = usage


@dataclass(frozen=True, slots=True)
class Merge:
    """A node's text, what is new below it, and how many texts it stands for with them."""

    summary: str
    additions: tuple[str, ...]
    count: int

    @property
    def texts(self) -> tuple[str, ...]:
        """What the next text is made of."""
        return (*self.summary.splitlines(), *self.additions)


@dataclass(frozen=True, slots=True)
class _Question:
    """A prompt, the texts it shows, how long the answer may be, and what stands in where none of it is supported."""

    prompt: Prompt
    sources: tuple[str, ...]
    limit: int
    words: int

    def supported(self, text: str, models: Models) -> str:
        """What stays of an answer."""
        return standing(text, self.sources, (), models.embed) or shortened(self.sources, self.words)


def merged(models: Models, merges: Sequence[Merge]) -> Written:
    """Each node's next text. They do not depend on each other, so a model is asked for all at once.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model gave no usable text for one of them.
    """
    if models.llm is None:
        return Written(tuple(shortened(merge.texts, words_for(merge.count)) for merge in merges))
    questions = [
        _Question(
            render("merge_summary", summary=merge.summary, addition="\n".join(merge.additions), count=str(merge.count)),
            merge.texts,
            MOST_WORDS,
            words_for(merge.count),
        )
        for merge in merges
    ]
    return _asked(models, models.llm, questions)


def condensed(models: Models, groups: Sequence[Sequence[str]]) -> Written:
    """One summary of each group of texts.

    Raises:
        BudgetExhausted: the budget is spent.
        NotWritten: the model gave no usable text for one of them.
    """
    if models.llm is None:
        return Written(tuple(shortened(texts, MOST_WORDS) for texts in groups))
    questions = [
        _Question(render("summarise", texts="\n\n".join(texts)), tuple(texts), 2 * MOST_WORDS, MOST_WORDS)
        for texts in groups
    ]
    return _asked(models, models.llm, questions)


def words_for(count: int) -> int:
    """How many words a node may have that stands for so many texts: it grows slowly, up to 120."""
    return min(MOST_WORDS, round(_FIRST_WORDS * (1.0 + math.log(max(count, 1)))))


def shortened(texts: Sequence[str], limit: int) -> str:
    """The most telling sentences, at most ``limit`` words; all of them where the texts are short enough.

    What comes of different texts stands on different lines.
    """
    whole = "\n".join(line for text in texts if (line := " ".join(text.split())))
    if _fits(whole, limit):
        return whole
    picked = summarise(texts, limit) or whole
    if not _fits(picked, limit):
        picked = " ".join(picked.split()[:limit])[: limit * _CHARACTERS_A_WORD]
    return picked


def bounded(text: str, limit: int) -> str:
    """What a model wrote, as it is unless it is too long."""
    stripped = text.strip()
    return stripped if _fits(stripped, limit) else shortened(stripped.splitlines(), limit)


def prompts_of(*parts: Written) -> tuple[Mapping[str, Any], ...]:
    """The prompts of several texts, each once."""
    found = {(prompt["id"], prompt["version"]): prompt for part in parts for prompt in part.prompts}
    return tuple(found.values())


def named(prompts: Sequence[Prompt]) -> tuple[Mapping[str, Any], ...]:
    """Prompts as the journal names them, each once."""
    found = {
        (prompt.id, prompt.version): {"id": prompt.id, "version": prompt.version, "digest": prompt.digest}
        for prompt in prompts
    }
    return tuple(found.values())


def _asked(models: Models, llm: LLM, questions: Sequence[_Question]) -> Written:
    texts, usage = [], Usage()
    failure: LLMError | None = None
    prompts = [question.prompt for question in questions]
    replies = llm.complete_many(prompts, Summary) if prompts else []
    for reply, question in zip(replies, questions, strict=True):
        if isinstance(reply, BudgetExhausted):
            raise reply
        if isinstance(reply, LLMError):
            failure = failure or reply
            continue
        usage += reply.usage
        texts.append(bounded(reply.value.text, question.limit))
        if not texts[-1]:
            failure = failure or MalformedReply(
                f"The reply to the prompt {question.prompt.id!r} holds no text. Consolidate again, or use another "
                "model."
            )
    if failure is not None:
        raise NotWritten(failure, usage)
    checked = [question.supported(text, models) for text, question in zip(texts, questions, strict=True)]
    return Written(tuple(checked), usage, named(prompts))


def _fits(text: str, limit: int) -> bool:
    return len(text) <= limit * _CHARACTERS_A_WORD and len(text.split()) <= limit
