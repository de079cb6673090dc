"""A budget ends a consolidation early; nothing is lost, and the next call does exactly the rest."""

import json

from agentmem import AgentMemory
from agentmem.models.chat.budget import Budget
from agentmem.testing.chat import ScriptedChat

NOTHING_FOUND = json.dumps({"entities": [], "triples": [], "facts": [], "summary": ""})
llm = ScriptedChat({"extract": NOTHING_FOUND})  # a real one: llm = "openai:gpt-4o-mini"

with AgentMemory.open("budget.db", embedder="none", llm=llm) as store:
    memory = store.scope("acme", "ana")
    for day in ("monday", "tuesday", "wednesday", "thursday", "friday"):
        memory.add(f"On {day} I water the plants.", speaker="Ana", session=day)

    first = memory.consolidate(budget=Budget(calls=3))
    facts = first.built[0]
    print(f"with a budget: {first.usage.llm_calls} calls, {facts.units} sessions read, {facts.waiting} waiting")
    print(f"it says: {facts.stopped}")

    memory.consolidate()
    rest = memory.consolidate()  # once more, to show that there is nothing left
    print(f"after the rest: {len(llm.requests)} calls, done: {rest.done}")  # five sessions, five calls

# Tokens: Budget(tokens=200_000). Money: Budget(usd=0.5, usd_per_million_prompt=0.15, usd_per_million_completion=0.6)
