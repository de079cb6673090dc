"""Language models that are watched: what they are asked for, how long it takes, and what it costs."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from agentmem.errors import LLMError
from agentmem.llm import LLM, ChatModel, ChatReply, ChatRequest, Completion, Prompt, Reply
from agentmem.models.labels import model_labels
from agentmem.protocols import Label, Observer
from agentmem.types import Usage

_DURATION = "gen_ai.client.operation.duration"
_RETRIES = "agentmem.llm.retries"
_COST = "agentmem.llm.cost"

Price = Callable[[Usage], float | None]
"""What a usage costs in US dollars; ``None`` where that is not known."""


class ObservedChat:
    """Wraps a chat model; every exchange is a span, also one whose reply was kept (``agentmem.cached``).

    Attributes are those of OpenTelemetry's operation ``chat``, the prompt's name and version, how many times the model
    was asked again (``agentmem.llm.retries``), and the cost in US dollars where ``price`` knows it. Neither prompts nor
    replies are told.
    """

    def __init__(self, inner: ChatModel, observer: Observer, price: Price | None = None) -> None:
        self._inner = inner
        self._observer = observer
        self._price = price

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        observer, labels = self._observer, _labels(self._inner.name, request.prompt)
        with observer.span(f"chat {labels['gen_ai.request.model']}", labels, duration=_DURATION) as span:
            span.set("agentmem.prompt.version", request.prompt.version)
            span.set("agentmem.repairs", len(request.repairs))
            span.set("gen_ai.request.temperature", request.temperature)
            if request.max_tokens is not None:
                span.set("gen_ai.request.max_tokens", request.max_tokens)
            retries = 0
            try:
                answer = self._inner.reply(request)
                retries = answer.retries
            except LLMError as error:
                retries = error.retries
                raise
            finally:
                span.set(_RETRIES, retries)
                if retries:
                    observer.count(_RETRIES, retries, labels)
            span.label("agentmem.cached", answer.cached)
            span.set("gen_ai.response.finish_reasons", ("length" if answer.truncated else "stop",))
            if not answer.cached:
                span.set("gen_ai.usage.input_tokens", answer.usage.prompt_tokens)
                span.set("gen_ai.usage.output_tokens", answer.usage.completion_tokens)
                _count_tokens(observer, labels, answer.usage)
                cost = None if self._price is None else self._price(answer.usage)
                if cost is not None:
                    span.set(_COST, cost)
                    observer.count(_COST, cost, labels)
        return answer


class ObservedLLM:
    """Wraps an LLM of its own kind, of which only whole completions can be seen; each call of it is a span."""

    def __init__(self, inner: LLM, observer: Observer) -> None:
        self._inner = inner
        self._observer = observer

    @property
    def name(self) -> str:
        """The wrapped LLM's name."""
        return self._inner.name

    def complete(self, prompt: Prompt, schema: type[Reply]) -> Completion[Reply]:
        """See :class:`agentmem.llm.LLM`."""
        labels = _labels(self._inner.name, prompt)
        with self._observer.span(f"chat {labels['gen_ai.request.model']}", labels, duration=_DURATION) as span:
            done = self._inner.complete(prompt, schema)
            span.set("gen_ai.usage.input_tokens", done.usage.prompt_tokens)
            span.set("gen_ai.usage.output_tokens", done.usage.completion_tokens)
        _count_tokens(self._observer, labels, done.usage)
        return done

    def complete_many(self, prompts: Sequence[Prompt], schema: type[Reply]) -> list[Completion[Reply] | LLMError]:
        """See :class:`agentmem.llm.LLM`. One span for all."""
        if not prompts:
            return []
        labels = _labels(self._inner.name, prompts[0])
        with self._observer.span(f"chat {labels['gen_ai.request.model']}", labels, duration=_DURATION) as span:
            found = self._inner.complete_many(prompts, schema)
            usage = sum((one.usage for one in found if isinstance(one, Completion)), Usage())
            span.set("agentmem.prompts", len(prompts))
            span.set("agentmem.failed", sum(isinstance(one, LLMError) for one in found))
            span.set("gen_ai.usage.input_tokens", usage.prompt_tokens)
            span.set("gen_ai.usage.output_tokens", usage.completion_tokens)
        _count_tokens(self._observer, labels, usage)
        return found


def _labels(name: str, prompt: Prompt) -> dict[str, Label]:
    return {**model_labels("chat", name), "agentmem.prompt": prompt.id}


def _count_tokens(observer: Observer, labels: dict[str, Label], usage: Usage) -> None:
    for kind, tokens in (("input", usage.prompt_tokens), ("output", usage.completion_tokens)):
        observer.record("gen_ai.client.token.usage", tokens, {**labels, "gen_ai.token.type": kind})
