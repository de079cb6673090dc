"""One store, several recipes: published systems answer the same question, each from what it builds."""

from agentmem import AgentMemory

TURNS = [
    ("Ana", "My sister Rita opened a bakery in Porto last spring."),
    ("Bo", "How is it going?"),
    ("Ana", "The bakery is full every morning. Rita hired our cousin Miguel."),
    ("Bo", "My ferry leaves at noon, so I have to go."),
]
QUESTION = "Who works at Rita's bakery in Porto?"
RECIPES = ("default", "facts", "hipporag2", "summaries")

for name in RECIPES:
    with AgentMemory.open("recipes.db", embedder="none", recipe=name) as store:
        memory = store.scope("acme", "ana")
        for number, (speaker, text) in enumerate(TURNS):
            memory.add(text, speaker=speaker, session="monday", ref=f"monday-{number}")  # stored once

        built = memory.consolidate()  # without a language model: by rules
        added = {kind: count for one in built.built for kind, count in one.added.items()}
        print(f"{name}: built {added or 'nothing new'}")
        for hit in memory.retrieve(QUESTION, k=2):
            said = [memory.episode(source.episode).speaker for source in hit.sources]
            print(f"  {hit.score:.2f}  {hit.kind}: {hit.text[:70]!r}, said by {', '.join(dict.fromkeys(said))}")
