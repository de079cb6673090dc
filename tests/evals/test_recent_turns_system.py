"""The baseline ``recent-turns``: the end of a conversation, newest first."""

from __future__ import annotations

import pytest
from agentmem_evals.errors import EvalError
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.types import Corpus, Dataset, Passage


def test_the_last_turns_come_newest_first(small: Dataset) -> None:
    system = make_system("recent-turns", lambda: None, 1)
    body = small.bodies[0]
    system.ingest(body)
    ids = [one.id for one in body.items]
    assert system.retrieve("anything", 2).items == (ids[-1], ids[-2])
    assert system.retrieve("anything", 99).items == tuple(reversed(ids))
    assert system.retrieve("anything", 99).sessions == ("session_10", "session_2", "session_1")
    assert system.retrieve("anything", 1).sessions == ("session_10",)
    assert system.stored_bytes() > 0 and system.usage().embedded_texts == 0
    system.close()


def test_passages_have_no_order_of_time() -> None:
    system = make_system("recent-turns", lambda: None, 1)
    with pytest.raises(EvalError, match="no order of time"):
        system.ingest(Corpus("c", (Passage("0", "A", "b"),)))
