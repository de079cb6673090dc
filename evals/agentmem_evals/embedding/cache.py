"""An embedder that never asks twice for the same vector: a store on disk, in one SQLite file.

A vector's key is the model's fingerprint, whether the text is a document or a query (models may treat the two
differently), and the SHA-256 of the text. The texts themselves are not kept.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from agentmem.protocols import Embedder, FloatArray

FILE_NAME = "embeddings.sqlite"

_CREATE = """
CREATE TABLE IF NOT EXISTS vectors (
    fingerprint TEXT NOT NULL, purpose TEXT NOT NULL, sha256 BLOB NOT NULL, vector BLOB NOT NULL,
    PRIMARY KEY (fingerprint, purpose, sha256)
) WITHOUT ROWID
"""
_READ = "SELECT vector FROM vectors WHERE fingerprint = ? AND purpose = ? AND sha256 = ?"
_WRITE = "INSERT OR IGNORE INTO vectors VALUES (?, ?, ?, ?)"


class CachedEmbedder:
    """Looks vectors up in ``folder`` (made if it is missing) and asks the wrapped model only for the rest."""

    def __init__(self, inner: Embedder, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._inner = inner
        # The library may embed from a thread of its own; calls are never concurrent within one run.
        self._db = sqlite3.connect(folder / FILE_NAME, check_same_thread=False)
        self._db.execute(_CREATE)

    @property
    def fingerprint(self) -> str:
        """The wrapped model's: cached vectors are the same vectors."""
        return self._inner.fingerprint

    @property
    def dimension(self) -> int:
        """The wrapped model's."""
        return self._inner.dimension

    def embed_documents(self, texts: Sequence[str]) -> FloatArray:
        """Vectors in the order of ``texts``; a text that is missing is computed once, however often it stands there."""
        keys = [_key(text) for text in texts]
        known = {key: vector for key in set(keys) if (vector := self._read("document", key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in known}
        if missing:
            computed = dict(zip(missing, self._inner.embed_documents(list(missing.values())), strict=True))
            self._write("document", computed)
            known.update(computed)
        if not keys:
            return np.zeros((0, self.dimension), dtype=np.float32)
        return np.stack([known[key] for key in keys])

    def embed_query(self, text: str) -> FloatArray:
        """The vector of a question."""
        key = _key(text)
        vector = self._read("query", key)
        if vector is None:
            vector = self._inner.embed_query(text)
            self._write("query", {key: vector})
        return vector

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _read(self, purpose: str, key: bytes) -> FloatArray | None:
        row = self._db.execute(_READ, (self.fingerprint, purpose, key)).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4").astype(np.float32)

    def _write(self, purpose: str, vectors: dict[bytes, FloatArray]) -> None:
        rows = [
            (self.fingerprint, purpose, key, np.asarray(vector, dtype="<f4").tobytes())
            for key, vector in vectors.items()
        ]
        with self._db:
            self._db.executemany(_WRITE, rows)


def _key(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
