"""Forget for good: look first, destroy, get a certificate. What was forgotten is not learnt again by mistake."""

from pathlib import Path

from agentmem import AgentMemory
from agentmem.errors import ForgottenRef

FILE = Path("forgetting.db")

with AgentMemory.open(FILE, embedder="none") as store:
    memory = store.scope("acme", "ana")
    memory.add("My landlord Ruben is selling the house.", speaker="Ana", ref="turn-1")
    memory.add("I would like a garden.", speaker="Ana", ref="turn-2")

    looked = memory.forget(about="Ruben", dry_run=True)
    print(f"would destroy {looked.episodes} of {memory.stats().episodes} episodes")

    certificate = memory.forget(about="Ruben")
    print(f"destroyed {certificate.episodes} episode, {certificate.memories} memory, {certificate.versions} version")
    print(f"file rewritten: {certificate.compacted}, left to do: {certificate.pending or 'nothing'}")

    try:
        memory.add("My landlord Ruben is selling the house.", speaker="Ana", ref="turn-1")
    except ForgottenRef as error:
        print(f"refused: {error}")

print("the name is in the file:", b"Ruben" in FILE.read_bytes())
