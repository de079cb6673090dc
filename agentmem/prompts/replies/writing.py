"""A text that is being written: its short-term memory, the next paragraph, the plan."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from agentmem.prompts.replies.reply import Reply, Text


class ShortTermMemory(Reply):
    """The reply to ``recurrent_memory``: what goes and what comes, with reasons, before the memory itself."""

    reasoning: Text
    text: Text


class NextParagraph(Reply):
    """The reply to ``recurrent_write``: a paragraph, and three instructions for the one after it."""

    paragraph: Text
    plans: Annotated[list[Text], Field(min_length=3, max_length=3)]


class ChosenPlan(Reply):
    """The reply to ``recurrent_choose``: the number of a plan, from 0, and the plan extended and revised."""

    reasoning: str
    number: Annotated[int, Field(ge=0, le=2)]
    instruction: Text
