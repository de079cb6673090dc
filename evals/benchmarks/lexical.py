"""BM25 engines: building, adding one text, asking, and memory, at 10,000 and 100,000 texts."""

from __future__ import annotations

import multiprocessing
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from importlib.util import find_spec
from typing import Any, Protocol

import numpy as np

from evals.benchmarks.corpus import Corpus
from evals.benchmarks.measuring import median_ms, peak_megabytes, seconds
from evals.benchmarks.output import Figure, Result, command

SIZES = (10_000, 100_000)
QUERIES = 50
ADDS = 5
K = 50


class Engine(Protocol):
    """A lexical index over texts."""

    def build(self, texts: Sequence[str]) -> None:
        """Index texts in place of all others."""
        ...

    def add(self, text: str) -> None:
        """Index one more text, so that the next query finds it."""
        ...

    def query(self, text: str, k: int) -> Sequence[int]:
        """Positions of the best ``k`` texts."""
        ...


class Fts5:
    """SQLite's full-text search in a database in memory, with its Porter stemmer."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:")

    def build(self, texts: Sequence[str]) -> None:
        """See :class:`Engine`."""
        self._db.execute("CREATE VIRTUAL TABLE t USING fts5(text, tokenize='porter unicode61')")
        with self._db:
            self._db.executemany("INSERT INTO t(text) VALUES (?)", ((text,) for text in texts))

    def add(self, text: str) -> None:
        """See :class:`Engine`."""
        with self._db:
            self._db.execute("INSERT INTO t(text) VALUES (?)", (text,))

    def query(self, text: str, k: int) -> Sequence[int]:
        """See :class:`Engine`."""
        words = " OR ".join(f'"{word}"' for word in text.replace("?", "").split())
        rows = self._db.execute("SELECT rowid FROM t WHERE t MATCH ? ORDER BY rank LIMIT ?", (words, k))
        return [row[0] - 1 for row in rows]


class Bm25s:
    """The library bm25s. It cannot grow: adding a text means building again."""

    def __init__(self) -> None:
        import bm25s
        import snowballstemmer

        self._library: Any = bm25s
        self._stemmer = snowballstemmer.stemmer("english")
        self._texts: list[str] = []
        self._index: Any = None

    def build(self, texts: Sequence[str]) -> None:
        """See :class:`Engine`."""
        self._texts = list(texts)
        self._index = self._library.BM25(k1=1.2, b=0.75)
        self._index.index(self._terms(self._texts), show_progress=False)

    def add(self, text: str) -> None:
        """See :class:`Engine`."""
        self.build([*self._texts, text])

    def query(self, text: str, k: int) -> Sequence[int]:
        """See :class:`Engine`."""
        found, _ = self._index.retrieve(self._terms([text]), k=k, show_progress=False)
        return [int(position) for position in found[0]]

    def _terms(self, texts: list[str]) -> Any:
        return self._library.tokenize(texts, stopwords="en", stemmer=self._stemmer, show_progress=False)


class InProcess:
    """agentmem's own inverted index."""

    def __init__(self) -> None:
        from agentmem.index.lexical import LexicalIndex
        from agentmem.text.words import terms

        self._terms: Callable[[str], Sequence[str]] = terms
        self._make = LexicalIndex
        self._index = LexicalIndex()

    def build(self, texts: Sequence[str]) -> None:
        """See :class:`Engine`."""
        self._index = self._make()
        self._index.add([self._terms(text) for text in texts])

    def add(self, text: str) -> None:
        """See :class:`Engine`."""
        self._index.add([self._terms(text)])

    def query(self, text: str, k: int) -> Sequence[int]:
        """See :class:`Engine`."""
        scores = self._index.scores(self._index.find(self._terms(text)))
        best = np.argpartition(-scores, k)[:k]
        return [int(position) for position in best[np.argsort(-scores[best])]]


ENGINES: Mapping[str, Callable[[], Engine]] = {"SQLite FTS5": Fts5, "bm25s": Bm25s, "agentmem": InProcess}


def measure_engine(task: tuple[str, int]) -> Figure:
    """One engine at one size. Runs in a process of its own, so that memory is its own."""
    name, size = task
    corpus = Corpus()
    texts, extra, queries = corpus.texts(size), corpus.texts(ADDS), corpus.queries(QUERIES)
    engine = ENGINES[name]()
    before = peak_megabytes()
    built = seconds(lambda: engine.build(texts))
    held = peak_megabytes() - before
    engine.query(queries[0], K)
    return {
        "engine": name,
        "texts": size,
        "build (s)": built,
        "query (ms)": median_ms([lambda query=query: engine.query(query, K) for query in queries]),  # type: ignore[misc]
        "add one (ms)": median_ms([lambda text=text: engine.add(text) for text in extra]),  # type: ignore[misc]
        "memory (MB)": held,
    }


def measure() -> Result:
    """Compare BM25 engines."""
    names = [name for name in ENGINES if name != "bm25s" or find_spec("bm25s") is not None]
    tasks = [(name, size) for size in SIZES for name in names]
    with multiprocessing.get_context("spawn").Pool(1, maxtasksperchild=1) as pool:
        rows = pool.map(measure_engine, tasks, chunksize=1)
    note = f"Query: median of {QUERIES}, best {K}. Memory: growth of the process's peak while building."
    return Result("lexical", "BM25 engines", rows, note)


if __name__ == "__main__":
    command(measure)
