"""The baseline ``full-context``: everything, in order, whatever is asked."""

from __future__ import annotations

from agentmem_evals.systems.catalog import make_system
from agentmem_evals.types import Corpus, Dataset, Passage


def test_everything_is_given_in_order_whatever_is_asked(small: Dataset) -> None:
    system = make_system("full-context", lambda: None, 1)
    for body in small.bodies:
        system.ingest(body)
        found = system.retrieve("anything", 1)
        assert found.items == tuple(one.id for one in body.items) == system.retrieve("else", 50).items
        assert found.sessions == tuple(session.id for session in body.sessions)
    assert system.stored_bytes() > 0 and system.usage().embedded_texts == 0
    system.close()


def test_a_corpus_is_given_whole() -> None:
    system = make_system("full-context", lambda: None, 1)
    system.ingest(Corpus("c", (Passage("0", "A", "é"), Passage("1", "", "xy"))))
    assert system.retrieve("q", 1).items == ("0", "1") and not system.retrieve("q", 1).sessions
    # "A\né" is 4 bytes of UTF-8, "\nxy" is 3.
    assert system.stored_bytes() == 7
