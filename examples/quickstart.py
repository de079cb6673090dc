"""Remember a conversation, ask about it. Uses the default model, all-MiniLM-L6-v2 (the extra ``local``).

Without that extra, pass ``embedder="none"`` to ``open``: then memories are found by their words only.
"""

from agentmem import AgentMemory

with AgentMemory.open("quickstart.db") as store:
    memory = store.scope("acme", "ana")  # whose memory this is; no scope sees another's

    memory.add("I moved to Lisbon, for a job at the aquarium.", speaker="Ana", session="monday", ref="monday-1")
    memory.add("My sister Rita has a bakery in Porto.", speaker="Ana", session="monday", ref="monday-2")
    memory.add("I cannot eat peanuts, they send me to hospital.", speaker="Ana", session="tuesday", ref="tuesday-1")

    for question in ("Which food is dangerous for Ana?", "What does Ana do for a living?"):
        print(question)
        for hit in memory.retrieve(question, k=2, explain=True):
            print(f"  {hit.score:.2f}  {hit.text}")
            print(f"        because: {'; '.join(hit.reasons)}")
