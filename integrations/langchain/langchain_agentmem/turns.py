"""What of a conversation is remembered: pure functions from LangChain messages to agentmem messages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any

from langchain_core.messages import AIMessage, AnyMessage, BaseMessage, HumanMessage, ToolMessage

from agentmem import Message
from agentmem.redaction.addresses import digest_of
from agentmem.retrieval.recalled import RECALLED, without_recalled
from agentmem.text.ends import both_ends

REF = "message"
"""Metadata of what was captured: the ref of its message, by which it is left out of recall while a model sees it."""
MARK = "agentmem"
"""Where a reply says, in its ``response_metadata``, which memories the model was shown: ``{"recalled": [ids]}``."""
RECALL_TOOL = "recall"
_SUMMARY = "Here is a summary of the conversation to date:"
"""How LangChain's ``SummarizationMiddleware`` begins the summary that it puts in a person's place. Versions up to 1.2
do not mark it otherwise."""


def is_said(message: BaseMessage) -> bool:
    """Whether a person said this; a summary that stands in a person's place was not said."""
    if not isinstance(message, HumanMessage) or "lc_source" in message.additional_kwargs:
        return False
    return not text_of(message).startswith(_SUMMARY)


def this_turn(messages: Sequence[AnyMessage]) -> Sequence[AnyMessage]:
    """The messages since the last turn that came to its end, and that somebody replied to.

    A turn ends in a final answer, or in the results of tools where these are the answer (``return_direct``, a response
    of a fixed format). Turns that broke off (an error, an interruption) belong to the turn that follows them.
    """
    asked = next((i for i in range(len(messages) - 1, -1, -1) if is_said(messages[i])), len(messages) - 1)
    for i in range(asked - 1, -1, -1):
        message = messages[i]
        if isinstance(message, AIMessage) and not message.tool_calls:
            return messages[i + 1 :]
        if isinstance(message, ToolMessage) and is_said(messages[i + 1]):
            return messages[i + 1 :]
    return messages


def awaits_answer(messages: Sequence[AnyMessage]) -> bool:
    """Whether a person has just spoken: the model is about to be called for the first time in this turn."""
    return bool(messages) and is_said(messages[-1])


def question(messages: Iterable[AnyMessage]) -> str:
    """The text of the last message that a person said, both ends of a long one; empty if there is none."""
    said = [message for message in messages if is_said(message)]
    return both_ends(text_of(said[-1]).strip()) if said else ""


def before_question(messages: Sequence[AnyMessage], turns: int) -> list[str]:
    """The texts, or both ends of them, of up to so many messages before the last one that a person said, in order."""
    last = max((i for i, message in enumerate(messages) if is_said(message)), default=0)
    spoken = [text_of(message) for message in messages[:last] if isinstance(message, HumanMessage | AIMessage)]
    return [both_ends(text) for text in spoken if text.strip()][-turns:] if turns else []


def text_of(message: BaseMessage) -> str:
    """The text of a message, without reasoning, tool calls, pictures."""
    return str(message.text)


def ref_of(message: BaseMessage, thread: str | None) -> str | None:
    """The idempotency key of a message; ``None`` for one without an id.

    The content is part of it: a message that was edited under its id is remembered beside what it said before. A
    digest of all, because threads and ids may look personal, and redaction must not change what is looked up.
    """
    return None if message.id is None else digest_of(thread or "", message.id, message.content)


def call_ref(tool: str, call: str | None, thread: str | None, text: str) -> str | None:
    """The idempotency key of what a tool call stores."""
    return None if call is None else digest_of(thread or "", tool, call, text)


def refs(messages: Iterable[BaseMessage], thread: str | None) -> list[str]:
    """The refs of messages that a model sees."""
    return [ref for message in messages if (ref := ref_of(message, thread)) is not None]


def marked(message: BaseMessage, ids: Sequence[str]) -> BaseMessage:
    """The reply, saying which memories the model was shown. A copy; the ids stay in the thread, the texts do not."""
    if not ids or not isinstance(message, AIMessage):
        return message
    return message.model_copy(update={"response_metadata": {**message.response_metadata, MARK: {RECALLED: list(ids)}}})


def shown(message: BaseMessage) -> Iterator[str]:
    """Ids of memories that this message put before the model, or was written with."""
    if isinstance(message, AIMessage):
        mark = message.response_metadata.get(MARK)
        ids = mark.get(RECALLED) if isinstance(mark, dict) else None
        yield from ids if isinstance(ids, list) else ()
    elif isinstance(message, ToolMessage) and message.name == RECALL_TOOL:
        yield from without_recalled(text_of(message))[1]


def shown_until(messages: Sequence[BaseMessage]) -> list[str]:
    """What the writer of the last message was shown: its own mark, and what ``recall`` had answered before it."""
    before = [id for message in messages[:-1] if isinstance(message, ToolMessage) for id in shown(message)]
    return list(dict.fromkeys([*before, *(shown(messages[-1]) if messages else ())]))


def said(
    messages: Sequence[AnyMessage], *, thread: str | None, speaker: str | None, at: datetime
) -> tuple[Message, ...]:
    """What is to be remembered of a turn, in its order.

    What people and the model said in words. The model's words beside a tool call ("let me look that up") are kept but
    not found. System messages are the application's, and tool messages are not said by anyone: neither is kept.

    Args:
        messages: the conversation so far; only its last turn is taken.
        thread: becomes the session.
        speaker: the name of the person, where the message has none.
        at: when this is.
    """
    turn = this_turn(messages)
    first = len(messages) - len(turn)
    found = []
    for i, message in enumerate(turn, first):
        text = text_of(message)
        if not text.strip():
            continue
        ref = ref_of(message, thread)
        metadata: dict[str, Any] = {} if ref is None else {REF: ref}
        if is_said(message):
            found.append(Message(text, "user", message.name or speaker, thread, at, ref, metadata))
        elif isinstance(message, AIMessage):
            if ids := shown_until(messages[: i + 1]):
                metadata[RECALLED] = ids
            index = False if message.tool_calls else None
            found.append(Message(text, "assistant", message.name, thread, at, ref, metadata, index))
    return tuple(found)
