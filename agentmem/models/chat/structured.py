"""An LLM over a chat model: asks for JSON of a schema, parses it, and has it repaired once."""

from __future__ import annotations

import contextvars
import json
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

from pydantic import ValidationError

from agentmem.errors import InvalidInput, LLMError, MalformedReply
from agentmem.llm import ChatModel, ChatReply, ChatRequest, Completion, Prompt, Reply
from agentmem.models.chat.parsing import objects
from agentmem.models.chat.schemas import name_of, schema_of
from agentmem.types import Usage

REPAIRS = 1
_COMPLAINTS = 10
_CUT_REPLY = 1_000
"""How many characters of a reply that was cut are shown to the model again: it is to write a shorter one."""


class StructuredLLM:
    """Satisfies :class:`agentmem.llm.LLM` with any chat model.

    A reply that does not fit, or that was cut, is sent back once with what is wrong. The reply that is taken is the
    first JSON object that fits; there is never an empty one in its stead.

    Args:
        chat: the model.
        concurrency: how many prompts of :meth:`complete_many` are asked at once.
        temperature: see :class:`agentmem.llm.ChatRequest`.
        max_tokens: see there.

    Raises:
        InvalidInput: a concurrency below 1.
    """

    def __init__(
        self, chat: ChatModel, concurrency: int = 8, temperature: float = 0.0, max_tokens: int | None = None
    ) -> None:
        if concurrency < 1:
            raise InvalidInput(f"A concurrency of {concurrency} asks nothing: use 1 or more.")
        self._chat = chat
        self._concurrency = concurrency
        self._temperature = temperature
        self._max_tokens = max_tokens

    @property
    def name(self) -> str:
        """The chat model's name."""
        return self._chat.name

    @property
    def chat(self) -> ChatModel:
        """The chat model."""
        return self._chat

    def over(self, chat: ChatModel) -> StructuredLLM:
        """The same over another chat model, such as this one in a wrapper."""
        return StructuredLLM(chat, self._concurrency, self._temperature, self._max_tokens)

    def complete(self, prompt: Prompt, schema: type[Reply]) -> Completion[Reply]:
        """See :class:`agentmem.llm.LLM`."""
        shape = schema_of(schema)
        request = ChatRequest(
            prompt, name_of(schema), shape, temperature=self._temperature, max_tokens=self._max_tokens
        )
        usage = Usage()
        for left in range(REPAIRS, -1, -1):
            answer = self._chat.reply(request)
            usage += answer.usage
            found = _read(answer, schema)
            if not isinstance(found, str):
                return Completion(found, usage)
            if left:
                text = answer.text[:_CUT_REPLY] if answer.truncated else answer.text
                request = replace(request, repairs=(*request.repairs, (text, _complaint(found, shape))))
        raise MalformedReply(
            f"The model {self.name!r} gave no usable reply to the prompt {prompt.id!r}, even after a repair. Nothing "
            "was made of it; try again later, or use a model that is better at JSON."
        )

    def complete_many(self, prompts: Sequence[Prompt], schema: type[Reply]) -> list[Completion[Reply] | LLMError]:
        """See :class:`agentmem.llm.LLM`. Errors that are no :class:`LLMError` are raised."""
        if len(prompts) < 2 or self._concurrency == 1:
            return [self._complete_or_error(prompt, schema) for prompt in prompts]
        pool = ThreadPoolExecutor(min(self._concurrency, len(prompts)), thread_name_prefix="agentmem-llm")
        try:
            futures = [
                pool.submit(contextvars.copy_context().run, self._complete_or_error, prompt, schema)
                for prompt in prompts
            ]
            return [future.result() for future in futures]
        finally:
            pool.shutdown(cancel_futures=True)

    def _complete_or_error(self, prompt: Prompt, schema: type[Reply]) -> Completion[Reply] | LLMError:
        try:
            return self.complete(prompt, schema)
        except LLMError as error:
            return error


def _read(answer: ChatReply, schema: type[Reply]) -> Reply | str:
    """The reply, or what is wrong with it."""
    if answer.truncated:
        return "Your reply was too long and was cut. Write a much shorter one: the most important things only."
    wrong = "Your reply holds no JSON object, or one that is broken."
    for number, value in enumerate(objects(answer.text)):
        try:
            return schema.model_validate(value)
        except ValidationError as error:
            if number == 0:
                wrong = "Your reply does not have the form that was asked for:\n" + _problems(error)
    return wrong


def _problems(error: ValidationError) -> str:
    found = error.errors(include_url=False, include_context=False, include_input=False)
    lines = [f"- {'.'.join(map(str, problem['loc'])) or 'reply'}: {problem['msg']}" for problem in found]
    more = [f"- and {len(lines) - _COMPLAINTS} more"] if len(lines) > _COMPLAINTS else []
    return "\n".join(lines[:_COMPLAINTS] + more)


def _complaint(wrong: str, shape: Any) -> str:
    schema = json.dumps(shape, ensure_ascii=False)
    return f"{wrong}\nReply again, with one whole JSON object of this schema and nothing else:\n{schema}"
