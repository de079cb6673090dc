"""A question asked in the middle of a conversation, made to stand alone: "and when did she?" says too little."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agentmem.errors import LLMError
from agentmem.llm import LLM
from agentmem.prompts.library import render
from agentmem.prompts.replies.asking import StandaloneQuestion
from agentmem.text.salience import keywords

_POINTS_BACK = re.compile(
    r"\b(?:he|she|it|they|him|her|his|hers|its|them|their|this|that|these|those|there|then|one)\b|^(?:and|but|so|or)\b",
    re.IGNORECASE,
)
_SHORT = 4
_TURNS = 6
_WORDS = 6


def standalone(question: str, conversation: Sequence[str], llm: LLM | None) -> str:
    """The question with what it points back to.

    A language model rewrites it. Without one, or where it cannot be asked, a question that points back ("she", "then",
    or hardly a word) gets the telling words of the last turns appended; any other stays as it is.

    Args:
        question: as asked.
        conversation: the turns before it, oldest first.
        llm: the model, if any.
    """
    before = [turn for turn in conversation if turn.strip()][-_TURNS:]
    if not before:
        return question
    if llm is not None:
        try:
            prompt = render("decontextualise", question=question, conversation="\n".join(before))
            return llm.complete(prompt, StandaloneQuestion).value.text.strip() or question
        except LLMError:
            pass  # rules can do something, too
    if _POINTS_BACK.search(question) is None and len(question.split()) > _SHORT:
        return question
    words = keywords(before[-2:], _WORDS)
    return f"{question} ({' '.join(words)})" if words else question
