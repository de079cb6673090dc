"""The same verbs, awaited: one store serves many conversations at once without blocking the event loop."""

import asyncio

from agentmem import AsyncAgentMemory, AsyncScopeHandle


async def answer(memory: AsyncScopeHandle, session: str, question: str) -> str:
    """One turn of an agent: recall, answer, remember both sides."""
    block = await memory.context(question, tokens=300)
    reply = f"(a model would answer here, from {len(block.hits)} memories)"
    turn = [{"role": "user", "content": question}, {"role": "assistant", "content": reply, "index": False}]
    await memory.add(turn, session=session)
    return reply


async def main() -> None:
    async with AsyncAgentMemory.open("async.db", embedder="none") as store:
        users = {name: store.scope("acme", name) for name in ("ana", "bo", "chi")}
        await asyncio.gather(*(memory.add(f"{name} likes tea.", session="0") for name, memory in users.items()))

        replies = await asyncio.gather(*(answer(memory, "1", "Who likes tea?") for memory in users.values()))
        for name, reply in zip(users, replies, strict=True):
            print(f"{name}: {reply}")
        print("scopes:", ", ".join(scope.path for scope in await store.scopes()))


asyncio.run(main())
