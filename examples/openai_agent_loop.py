"""An agent without a framework, with the openai client: recall, prompt, reply, remember. The next session knows."""

import os
from contextlib import nullcontext
from datetime import UTC, datetime

from openai import OpenAI

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing.chat_server import chat_server


def converse(client: OpenAI, memory: ScopeHandle, session: str, *texts: str) -> None:
    began, turns = datetime.now(UTC), []
    for text in texts:
        block = memory.context(text, tokens=500, until=began)  # of earlier sessions, quoted as data, with ids
        turns.append({"role": "user", "content": text})
        system = {"role": "system", "content": f"You are a waiter. Be brief. What you know of the guest:\n{block}"}
        model = os.environ.get("MODEL", "gpt-4o-mini")
        answer = client.chat.completions.create(model=model, messages=[system, *turns])
        turns.append({"role": "assistant", "content": answer.choices[0].message.content or "(nothing)"})
        shown = {"recalled": [hit.id for hit in block.hits]}  # so that the answer is no new evidence for them
        memory.add([turns[-2], turns[-1] | {"metadata": shown}], session=session)
        print(f"{session}: {text} -> {turns[-1]['content']}")


def scripted(messages: list) -> str:
    """Stands in for a model where OPENAI_BASE_URL names none. It knows what its prompt says, and nothing else."""
    if "?" not in messages[-1]["content"]:
        return "I will keep that in mind."
    return "Not the satay: it has peanuts." if "allergic to peanuts" in messages[0]["content"] else "The satay."


url = os.environ.get("OPENAI_BASE_URL")
with (
    nullcontext() if url else chat_server(answer=scripted) as server,
    OpenAI(base_url=url or server.url, api_key=os.environ.get("OPENAI_API_KEY", "none")) as client,
    AgentMemory.open("loop.db", embedder="none") as store,
):
    ana = store.scope("restaurant", "ana")
    converse(client, ana, "monday", "I am allergic to peanuts.")
    converse(client, ana, "friday", "Good evening!", "Which dish is without peanuts?")
