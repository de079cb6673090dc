"""One LoCoMo conversation into agentmem and into mem0, both embedding with the same local model in this process.

mem0 is told not to call a language model (``infer=False``), so both store the turns as they are. Where mem0 is not
installed, only agentmem is measured, and the note says how to install mem0 beside it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Sequence
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.environment import data_root
from agentmem_evals.types import Conversation, Turn

from agentmem import AgentMemory
from agentmem.models import load_embedder
from agentmem.protocols import Embedder
from agentmem.types import Message
from evals.benchmarks.output import Figure, Result, command

CONVERSATION = "conv-26"
MEM0 = "2.2.1"
INSTALL = (
    f"mem0 {MEM0} is not installed here. To compare, make an environment for it, so that its dependencies do not mix "
    f"with this project's: python -m venv mem0-env; mem0-env/bin/pip install -e '.[local,evals]' mem0ai=={MEM0}; then "
    "run this benchmark with mem0-env/bin/python."
)


class Mem0Embedding:
    """The library's model in the shape that mem0 calls."""

    def __init__(self, embedder: Embedder) -> None:
        self._embedder = embedder

    def embed(self, text: str, memory_action: str | None = None) -> list[float]:
        """One vector."""
        vector = self._embedder.embed_query(text) if memory_action == "search" else self._documents([text])[0]
        return [float(value) for value in vector]

    def embed_batch(self, texts: Sequence[str], memory_action: str = "add") -> list[list[float]]:  # noqa: ARG002
        """Several vectors."""
        return [[float(value) for value in vector] for vector in self._documents(texts)]

    def _documents(self, texts: Sequence[str]) -> Any:
        return self._embedder.embed_documents(texts)


def into_agentmem(turns: Sequence[Turn], embedder: MeteredEmbedder, *, at_once: bool) -> Figure:
    """Add all turns in one call, or each in a call of its own."""
    messages = [Message(text=t.text, speaker=t.speaker, session=t.session, at=t.at, ref=t.id) for t in turns]
    with tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder:
        store = AgentMemory.open(Path(folder) / "memory.db", embedder=embedder)
        handle = store.scope("bench")
        before, started = embedder.usage.embedding_seconds, time.perf_counter()
        if at_once:
            handle.add(messages)
        else:
            for message in messages:
                handle.add(message)
        taken = time.perf_counter() - started
        store.close()
    return _figure("agentmem", at_once, len(turns), taken, embedder.usage.embedding_seconds - before)


def into_mem0(turns: Sequence[Turn], embedder: MeteredEmbedder, *, at_once: bool) -> Figure:
    """Add all turns in one call, or each in a call of its own, with mem0's defaults (Qdrant in a local folder)."""
    with tempfile.TemporaryDirectory(prefix="mem0-bench-") as folder:
        memory = _open_mem0(Path(folder), embedder)
        messages = [{"role": "user", "content": turn.text, "name": turn.speaker} for turn in turns]
        before, started = embedder.usage.embedding_seconds, time.perf_counter()
        for batch in [messages] if at_once else [[message] for message in messages]:
            memory.add(batch, user_id="bench", infer=False)
        taken = time.perf_counter() - started
        memory.close()
    return _figure(f"mem0 {MEM0}", at_once, len(turns), taken, embedder.usage.embedding_seconds - before)


def _open_mem0(folder: Path, embedder: MeteredEmbedder) -> Any:
    # Read by mem0 when it is imported: no telemetry, and nothing in the home directory.
    os.environ.update(MEM0_TELEMETRY="False", MEM0_DIR=str(folder))
    mem0: Any = import_module("mem0")
    unused = {"api_key": "unused"}
    memory = mem0.Memory.from_config(
        {
            "vector_store": {
                "provider": "qdrant",
                "config": {"path": str(folder / "qdrant"), "embedding_model_dims": embedder.dimension, "on_disk": True},
            },
            "llm": {"provider": "openai", "config": unused},
            "embedder": {"provider": "openai", "config": {**unused, "embedding_dims": embedder.dimension}},
            "history_db_path": str(folder / "history.db"),
        }
    )
    memory.embedding_model = Mem0Embedding(embedder)
    return memory


def _figure(system: str, at_once: bool, turns: int, taken: float, model: float) -> Figure:
    return {
        "system": system,
        "calls": 1 if at_once else turns,
        "turns": turns,
        "seconds": taken,
        "model (s)": model,
        "without model (s)": taken - model,
        "turns/s": turns / taken,
    }


def _conversation() -> Conversation:
    dataset = load_dataset("locomo", find_data("locomo", None, data_root()), captions=True)
    return next(conversation for conversation in dataset.conversations if conversation.id == CONVERSATION)


def measure() -> Result:
    """Compare with mem0."""
    model = load_embedder("default")
    if model is None:
        raise RuntimeError("the default embedder is a model")
    embedder = MeteredEmbedder(model)
    embedder.embed_documents(["warm-up: loads the model"])
    turns = list(_conversation().turns)
    ways = (True, False)
    rows = [into_agentmem(turns, embedder, at_once=at_once) for at_once in ways]
    installed = find_spec("mem0") is not None
    if installed:
        rows += [into_mem0(turns, embedder, at_once=at_once) for at_once in ways]
    note = "Even in one call, mem0 embeds and stores turn by turn." if installed else INSTALL
    return Result("mem0", f"One conversation ({CONVERSATION}), same local model", rows, note)


if __name__ == "__main__":
    command(measure)
