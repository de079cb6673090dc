"""A long document is split on sentence borders; every piece knows where in the document it stands."""

from agentmem import AgentMemory, Document

CHAPTERS = {
    "Keeping": "Keep the dough at room temperature for an hour, then in the fridge for a night. ",
    "Baking": "Bake the loaf for forty minutes in a covered pot, then for ten without the lid. ",
    "Storing": "Store the bread wrapped in linen; it stays good for four days. ",
}
TEXT = "\n\n".join(f"{name}\n{sentence * 12}" for name, sentence in CHAPTERS.items())

with AgentMemory.open("documents.db", embedder="none") as store:
    memory = store.scope("acme", "cookbook")
    receipt = memory.add(Document(TEXT, title="Sourdough", metadata={"language": "en"}, ref="sourdough.txt"))
    print(f"{len(TEXT)} characters became {len(receipt.ids)} memories of one episode")

    for hit in memory.retrieve("How long does the loaf bake in the covered pot?", k=2, where={"language": "en"}):
        source = hit.sources[0]
        whole = memory.episode(source.episode).text  # word for word as it was added
        assert whole[source.start : source.end] == hit.text
        print(f"{hit.score:.2f}  {hit.title} [{source.start}:{source.end}]  {hit.text[:60]!r} ...")
