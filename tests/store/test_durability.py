"""How hard a commit is written down: as asked, and refused where nobody knows what was asked."""

from __future__ import annotations

import pytest

from agentmem import AgentMemory
from agentmem.errors import InvalidInput


@pytest.mark.parametrize("durability", ["Full", "FULL", "off", "", None, 2, True])
def test_a_durability_that_there_is_none_of_is_refused_before_a_file_is_made(database, durability):
    with pytest.raises(InvalidInput, match="'normal' or 'full'"):
        AgentMemory.open(database, embedder="none", durability=durability)
    assert not database.exists()


@pytest.mark.parametrize(("durability", "synchronous"), [("normal", 1), ("full", 2)])
def test_durability_is_what_sqlite_is_told(database, durability, synchronous):
    with AgentMemory.open(database, embedder="none", durability=durability) as store:
        engine = store.parts.store._engine
        with engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA synchronous").scalar() == synchronous
