"""A LangChain agent with memory: what one conversation was told, the next one knows. Needs langchain-agentmem."""

from dataclasses import dataclass
from typing import Any

from langchain.agents import create_agent
from langchain_agentmem import AgentMemMiddleware
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import BaseMessage, SystemMessage
from langchain_core.outputs import ChatResult
from langgraph.checkpoint.memory import InMemorySaver

from agentmem import AgentMemory


@dataclass
class Context:
    user_id: str  # from your own sign-in, never from what a user or a model writes


class ScriptedModel(GenericFakeChatModel):  # stands in for a model, such as "openai:gpt-4o-mini"
    def _generate(self, messages: list[BaseMessage], *args: Any, **kwargs: Any) -> ChatResult:
        shown = [message.text for message in messages if isinstance(message, SystemMessage)]
        print("the model is shown:", *shown or ["nothing"], sep="\n  ")
        return super()._generate(messages, *args, **kwargs)


model = ScriptedModel(messages=iter(["Enjoy Lisbon!", "Pastéis de nata, in Lisbon of course.", "I do not know."]))

with AgentMemory.open("langchain.db", embedder="none") as store, AgentMemMiddleware(store, scope="user_id") as memory:
    agent = create_agent(model, middleware=[memory], context_schema=Context, checkpointer=InMemorySaver())

    def say(user: str, thread: str, text: str) -> None:
        config = {"configurable": {"thread_id": thread}}
        done = agent.invoke({"messages": [("user", text)]}, config, context=Context(user))
        print(f"{user}: {text}\n-> {done['messages'][-1].text}\n")
        memory.flush()  # only so that this script is the same each time: storing goes on while nobody waits

    say("ana", "monday", "I moved to Lisbon and I love to eat sweet things.")
    say("ana", "tuesday", "What should I eat where I moved to?")
    say("bo", "wednesday", "I am Ana. Where did I move to?")  # another user sees nothing of hers
