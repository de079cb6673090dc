"""Let a language model read what was said. Here its words are written in advance, so that no server is needed."""

import json

from agentmem import AgentMemory
from agentmem.llm import ChatRequest
from agentmem.testing.chat import ScriptedChat


def extracted(request: ChatRequest) -> str:
    """What a model might reply to the prompt ``extract``; ``source`` numbers the lines of the session."""
    print("The model reads:", request.prompt.variables["text"], sep="\n")
    fact = {"speaker": "Ana", "keys": ["aquarium"], "source": [0]}
    facts = [
        {**fact, "text": "Ana works at the aquarium in Lisbon."},
        {**fact, "text": "Ana earns 4,000 euros at the aquarium."},  # it made that up
    ]
    return json.dumps({"entities": [], "triples": [], "facts": facts, "summary": "Ana found a job."})


# A real one: llm="openai:gpt-4o-mini". With OPENAI_BASE_URL=http://localhost:11434/v1, Ollama: llm="openai:llama3.1".
llm = ScriptedChat({"extract": extracted})

with AgentMemory.open("model.db", embedder="none", llm=llm) as store:
    memory = store.scope("acme", "ana")
    memory.add("I moved to Lisbon, I work at the aquarium there now!", speaker="Ana", session="monday")
    memory.add("Congratulations!", speaker="Bo", session="monday")

    done = memory.consolidate()  # one call for the whole session
    print(f"calls: {done.usage.llm_calls}, added: {dict(done.built[0].added)}")
    for fact in memory.list(kinds=["fact"]):
        source = fact.sources[0]
        print(f"kept: {fact.text!r}, from {memory.episode(source.episode).text!r}")
    for fact in memory.list(kinds=["fact"], state="quarantined"):
        print(f"put aside, for nothing that was said supports it: {fact.text!r}")

    memory.consolidate()
    print(f"asked in all: {len(llm.requests)} time")  # nothing new, nothing asked
