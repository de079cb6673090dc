"""From a short name, or a chat model, to an LLM: what ``llm=`` and ``--llm`` accept."""

from __future__ import annotations

from collections.abc import Callable

from agentmem.errors import InvalidInput
from agentmem.llm import LLM, ChatModel
from agentmem.models.chat.hooked import HookedChat
from agentmem.models.chat.retrying import RetryingChat
from agentmem.models.chat.structured import StructuredLLM

NONE = "none"
_OPENAI = "openai:"


def load_llm(name: str) -> LLM | None:
    """The LLM of a name; nothing is asked before its first use.

    * ``"none"``: none at all, everything by rules;
    * ``"openai:MODEL"``: an OpenAI-compatible endpoint, retried when it is unavailable (needs the extra ``openai``; see
      :class:`agentmem.models.chat.openai_chat.OpenAIChat` for the settings).

    Raises:
        MissingExtra: the package behind the name is not installed.
        InvalidInput: there is no such name.
    """
    if name == NONE:
        return None
    model = name.removeprefix(_OPENAI)
    if not name.startswith(_OPENAI) or not model.strip():
        raise InvalidInput(f"There is no language model {name!r}: use 'openai:MODEL' or 'none'.")
    from agentmem.models.chat.openai_chat import OpenAIChat

    return StructuredLLM(RetryingChat(OpenAIChat(model)))


def wrap(chat: ChatModel | LLM | str | None, shown: Callable[[str], str] | None = None) -> LLM | None:
    """An LLM from whatever was given: an LLM as it is, a chat model made to give typed replies, or a name.

    Args:
        chat: what was given.
        shown: what the data of each prompt passes through, if anything.

    Raises:
        MissingExtra: the package behind a name is not installed.
        InvalidInput: it is none of these, or data cannot be passed through ``shown``.
    """
    llm = _llm(chat)
    if llm is None or shown is None:
        return llm
    if not isinstance(llm, StructuredLLM):
        raise InvalidInput("before_prompt= needs a ChatModel: open(..., llm=...) was given an LLM of its own kind.")
    return llm.over(HookedChat(llm.chat, shown))


def _llm(chat: ChatModel | LLM | str | None) -> LLM | None:
    if chat is None:
        return None
    if isinstance(chat, str):
        return load_llm(chat)
    if isinstance(chat, LLM):
        return chat
    if isinstance(chat, ChatModel):
        return StructuredLLM(chat)
    raise InvalidInput(
        f"A {type(chat).__name__} is no language model: give a ChatModel, an LLM (see agentmem.llm), or a name such as "
        "'openai:MODEL'."
    )
