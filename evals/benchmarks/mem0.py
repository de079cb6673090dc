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
from agentmem_evals.environment import data_root
from agentmem_evals.types import Conversation, Turn

from agentmem import AgentMemory
from agentmem.models import load_embedder
from agentmem.models.sentence_transformers import MINILM, MINILM_DIMENSION, bundled_minilm
from agentmem.protocols import Embedder
from agentmem.types import Message
from evals.benchmarks.output import Figure, Result, command

CONVERSATION = "conv-26"
MEM0 = "2.2.1"
ROUNDS = 3
INSTALL = (
    f"mem0 {MEM0} is not installed here. To compare, make an environment for it, so that its dependencies do not mix "
    f"with this project's: python -m venv mem0-env; mem0-env/bin/pip install -e '.[local,evals]' mem0ai=={MEM0}; then "
    "run this benchmark with mem0-env/bin/python."
)


def into_agentmem(turns: Sequence[Turn], embedder: Embedder, *, at_once: bool) -> Figure:
    """Add all turns in one call, or each in a call of its own."""
    messages = [Message(text=t.text, speaker=t.speaker, session=t.session, at=t.at, ref=t.id) for t in turns]
    with tempfile.TemporaryDirectory(prefix="agentmem-bench-") as folder:
        store = AgentMemory.open(Path(folder) / "memory.db", embedder=embedder)
        handle = store.scope("bench")
        started = time.perf_counter()
        if at_once:
            handle.add(messages)
        else:
            for message in messages:
                handle.add(message)
        taken = time.perf_counter() - started
        store.close()
    return _figure("agentmem", at_once, len(turns), taken)


def into_mem0(turns: Sequence[Turn], *, at_once: bool) -> Figure:
    """Add all turns in one call, or each in a call of its own, as mem0 comes: its own embedder, Qdrant in a folder."""
    with tempfile.TemporaryDirectory(prefix="mem0-bench-") as folder:
        memory = _open_mem0(Path(folder))
        messages = [{"role": "user", "content": turn.text, "name": turn.speaker} for turn in turns]
        memory.add(messages[0], user_id="warm-up", infer=False)
        started = time.perf_counter()
        for batch in [messages] if at_once else [[message] for message in messages]:
            memory.add(batch, user_id="bench", infer=False)
        taken = time.perf_counter() - started
        memory.close()
    return _figure(f"mem0 {MEM0}", at_once, len(turns), taken)


def _open_mem0(folder: Path) -> Any:
    # Read by mem0 when it is imported: no telemetry, and nothing in the home directory.
    os.environ.update(MEM0_TELEMETRY="False", MEM0_DIR=str(folder))
    mem0: Any = import_module("mem0")
    weights = bundled_minilm()
    store = {"path": str(folder / "qdrant"), "embedding_model_dims": MINILM_DIMENSION, "on_disk": True}
    return mem0.Memory.from_config(
        {
            "vector_store": {"provider": "qdrant", "config": store},
            "llm": {"provider": "openai", "config": {"api_key": "unused"}},
            "embedder": {"provider": "huggingface", "config": {"model": str(weights or MINILM)}},
            "history_db_path": str(folder / "history.db"),
        }
    )


def _figure(system: str, at_once: bool, turns: int, taken: float) -> Figure:
    return {
        "system": system,
        "calls": 1 if at_once else turns,
        "turns": turns,
        "seconds": taken,
        "ms/turn": 1_000 * taken / turns,
        "turns/s": turns / taken,
    }


def _conversation() -> Conversation:
    dataset = load_dataset("locomo", find_data("locomo", None, data_root()), captions=True)
    return next(body for body in dataset.bodies if isinstance(body, Conversation) and body.id == CONVERSATION)


def measure() -> Result:
    """Compare with mem0: the systems in turn, three times over, and the median of each."""
    embedder = load_embedder("default")
    if embedder is None:
        raise RuntimeError("the default embedder is a model")
    embedder.embed_documents(["warm-up: loads the model"])
    turns = list(_conversation().turns)
    installed = find_spec("mem0") is not None
    runs: dict[tuple[str, bool], list[Figure]] = {}
    for _ in range(ROUNDS):
        for at_once in (True, False):
            runs.setdefault(("agentmem", at_once), []).append(into_agentmem(turns, embedder, at_once=at_once))
            if installed:
                runs.setdefault(("mem0", at_once), []).append(into_mem0(turns, at_once=at_once))
    rows = [sorted(figures, key=lambda figure: float(str(figure["seconds"])))[ROUNDS // 2] for figures in runs.values()]
    note = "Even in one call, mem0 embeds and stores turn by turn." if installed else INSTALL
    return Result("mem0", f"One conversation ({CONVERSATION}), same local weights", rows, note)


if __name__ == "__main__":
    command(measure)
