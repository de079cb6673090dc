"""Language models by name, and what they may cost."""

from __future__ import annotations

from agentmem.llm import ChatModel
from agentmem.models.chat.budget import Budget
from agentmem_evals.reading.heard import chat_model

_OPENAI = "openai:"


def open_chat(name: str, base_url: str | None) -> ChatModel:
    """The chat model ``openai:MODEL``, at ``base_url`` or where ``OPENAI_BASE_URL`` says.

    Raises:
        InvalidInput: there is no such model.
        MissingExtra: the package behind the name is not installed.
    """
    usual = chat_model(name)
    if base_url is None:
        return usual
    from agentmem.models.chat.openai_chat import OpenAIChat
    from agentmem.models.chat.retrying import RetryingChat

    return RetryingChat(OpenAIChat(name.removeprefix(_OPENAI), base_url=base_url))


def prices_of(budget: Budget) -> dict[str, float]:
    """The prices that a budget knows, for the manifest."""
    prices = {"prompt": budget.usd_per_million_prompt, "completion": budget.usd_per_million_completion}
    return {name: price for name, price in prices.items() if price is not None}
