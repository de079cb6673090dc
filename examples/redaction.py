"""Personal data is taken out before anything is stored, and what a memory showed is not learnt again."""

from agentmem import AgentMemory, Redaction

with AgentMemory.open("redaction.db", embedder="none", before_write=Redaction(key=b"of this store")) as store:
    memory = store.scope("acme", "ana")
    memory.add("Write to ana@example.org; my brother's address is luis@example.org.", speaker="Ana", session="s1")
    memory.add("The alarm code is in the drawer; the password is tulip-4711.", speaker="Ana", session="s1")
    for hit in memory.retrieve("address password"):
        print(hit.text)  # the two addresses stay two: [EMAIL 1c53] and [EMAIL 9b0f], or so

    block = memory.context("What is the brother's address?")
    receipt = memory.add({"role": "user", "content": f"{block}\nWhat is his address?"}, session="s2")
    print("captured:", memory.episode(receipt.episodes[0]).text)  # the block came from here: it is not stored again
