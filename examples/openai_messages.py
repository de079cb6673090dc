"""Hand over messages in OpenAI's format as they are; hand them over again, and nothing is stored twice."""

from agentmem import AgentMemory

MESSAGES = [
    {"role": "system", "content": "You are a travel agent. Be brief."},
    {"role": "user", "name": "Ana", "content": "Find me a flight to Graz in May, window seat please."},
    {"role": "assistant", "content": "Austrian has one on 12 May at 09:40, for 180 euros."},
    {"role": "user", "name": "Ana", "content": [{"type": "text", "text": "Book it."}, {"type": "image_url"}]},
]

with AgentMemory.open("messages.db", embedder="none") as store:
    memory = store.scope("acme", "ana")

    receipt = memory.add(MESSAGES, session="chat-17", ref="chat-17")
    print(f"stored {len(receipt.episodes)} messages, {len(receipt.ids)} can be found")  # the system's is only kept

    again = memory.add(MESSAGES, session="chat-17", ref="chat-17")  # a retry after a lost connection, say
    print(f"the second time: {again.duplicates} were there already")

    for hit in memory.retrieve("When is the flight to Graz?"):
        print(f"{hit.score:.2f}  {hit.speaker or hit.role}: {hit.text!r}  ({hit.sources[0].ref})")
