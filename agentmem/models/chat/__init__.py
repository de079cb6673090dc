"""Language models behind :class:`agentmem.llm.ChatModel`, and the wrappers that make one dependable.

* ``openai_chat``: any server that speaks OpenAI's protocol; ``replaying``: recorded replies.
* ``retrying``, ``metering``, ``budgeting``, ``caching``, ``recording``: chat models around a chat model.
* ``structured``: the :class:`agentmem.llm.LLM` over any of them.

Nothing heavy is imported until a model is used.
"""

from agentmem.models.chat.budget import Budget
from agentmem.models.chat.loading import load_llm, wrap
from agentmem.models.chat.structured import StructuredLLM

__all__ = ["Budget", "StructuredLLM", "load_llm", "wrap"]
