"""The library behind the evaluations' protocol: what goes in as turns comes out as turns and sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.types import Dataset

if TYPE_CHECKING:
    from conftest import WordEmbedder


@pytest.mark.parametrize("with_model", [False, True])
def test_agentmem_finds_turns_and_sessions_of_the_last_conversation_only(
    small: Dataset, word_embedder: WordEmbedder, with_model: bool
) -> None:
    system = make_system("agentmem", lambda: MeteredEmbedder(word_embedder) if with_model else None, batch=3)
    try:
        system.ingest(small.conversations[1])
        system.ingest(small.conversations[0])
        stored = system.stored_bytes()
        retrieved = system.retrieve("What is the name of Ada's greyhound?", 3)
        assert retrieved.turns[0] == "D10:1"
        assert len(retrieved.turns) <= 3
        assert retrieved.sessions is not None
        assert retrieved.sessions[0] == "session_10"
        assert set(retrieved.turns) <= {turn.id for turn in small.conversations[0].turns}
        assert stored > 0
        assert (system.usage().embedded_texts > 0) is with_model
        assert system.describe()["embedder"] == (word_embedder.fingerprint if with_model else "none")
    finally:
        system.close()
