"""A chat model that remembers what it was answered: for the records of one exchange and its repairs."""

from __future__ import annotations

from agentmem.errors import InvalidInput
from agentmem.llm import ChatModel, ChatReply, ChatRequest
from agentmem.models.chat.loading import NONE, load_llm
from agentmem.models.chat.structured import StructuredLLM
from agentmem.types import Usage


class HeardChat:
    """Wraps a chat model for one question; ``texts`` are its replies and ``usage`` what they cost, unusable ones too.

    Not for several threads: make one for each question.
    """

    def __init__(self, inner: ChatModel) -> None:
        self._inner = inner
        self.texts: list[str] = []
        self.usage = Usage()

    @property
    def name(self) -> str:
        """The wrapped model's name."""
        return self._inner.name

    def reply(self, request: ChatRequest) -> ChatReply:
        """See :class:`agentmem.llm.ChatModel`."""
        answer = self._inner.reply(request)
        self.texts.append(answer.text)
        self.usage += answer.usage
        return answer


def chat_model(name: str) -> ChatModel:
    """The chat model that ``--llm`` names, such as ``openai:MODEL``, asked again when it is unavailable.

    Raises:
        InvalidInput: there is no such model, or ``none`` was named where one is needed.
        MissingExtra: the package behind the name is not installed.
    """
    llm = load_llm(name)
    if not isinstance(llm, StructuredLLM):
        raise InvalidInput(f"Answers and judgements need a language model, not {name!r}: use openai:MODEL, not {NONE}.")
    return llm.chat
