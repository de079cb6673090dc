"""Any model will do: a class with these four members is an embedder. Nothing has to be inherited."""

import hashlib
from collections.abc import Sequence

import numpy as np

from agentmem import AgentMemory
from agentmem.protocols import FloatArray


class LetterEmbedder:
    """Texts that share groups of three letters are similar: no good model, but it forgives a misspelling."""

    fingerprint = "letters:3:256"  # names whatever changes the vectors; a database refuses another model's
    dimension = 256

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        return np.stack([self.embed_query(text) for text in texts])

    def embed_query(self, text: str) -> FloatArray:
        padded = f"  {text.lower()}  "
        vector = np.zeros(self.dimension, dtype=np.float32)
        for start in range(len(padded) - 2):
            place = hashlib.blake2b(padded[start : start + 3].encode(), digest_size=2).digest()
            vector[int.from_bytes(place) % self.dimension] += 1.0
        return vector / np.float32(np.linalg.norm(vector))  # of unit length


with AgentMemory.open("letters.db", embedder=LetterEmbedder()) as store:
    memory = store.scope("acme", "ana")
    memory.add(["The pharmacy closes at six.", "Rita has a bakery in Porto.", "The ferry leaves at noon."])
    for hit in memory.retrieve("farmacy", k=2):  # no word in common
        print(f"{hit.score:.2f}  cosine {hit.signals['dense']:.2f}  {hit.text}")
