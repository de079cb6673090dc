"""A session of the OpenAI Agents SDK that remembers: the SDK's own holds the conversation, agentmem what lasts."""

import asyncio

from agents import Agent, OpenAIChatCompletionsModel, RunConfig, Runner, SQLiteSession
from openai import AsyncOpenAI

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing.chat_server import chat_server


class RememberingSession(SQLiteSession):
    """Tells a scope what is said in it, by the user and to the user; calls of tools stay in the conversation."""

    def __init__(self, session_id: str, memory: ScopeHandle) -> None:
        super().__init__(session_id, "conversations.db")
        self.memory = memory

    async def add_items(self, items: list) -> None:
        await super().add_items(items)
        spoken = [one for one in items if one.get("role") in ("user", "assistant")]
        said = [{"role": one["role"], "content": one["content"]} for one in spoken]
        await asyncio.to_thread(self.memory.add, said, session=self.session_id)


async def main(url: str) -> None:
    async with AsyncOpenAI(base_url=url, api_key="none") as client:
        waiter = Agent("waiter", instructions="You are a waiter.", model=OpenAIChatCompletionsModel("any", client))
        with AgentMemory.open("sessions.db", embedder="none") as store:
            memory = store.scope("restaurant", "ana")
            session = RememberingSession("monday", memory)
            for text in ("I am allergic to peanuts.", "And I like it hot."):
                await Runner.run(waiter, text, session=session, run_config=RunConfig(tracing_disabled=True))
            print(f"in the conversation: {len(await session.get_items())}")
            session.close()
            for hit in memory.retrieve("Is Ana allergic to something?", k=1):  # whenever, in any conversation
                print(f"remembered: {hit.text} ({hit.session}, {hit.role})")


if __name__ == "__main__":
    with chat_server(answer=lambda messages: f"I heard {len(messages)} messages.") as server:  # stands in for a model
        asyncio.run(main(server.url))
