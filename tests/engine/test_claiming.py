"""What a structure takes up: everything once, in whatever portions, and nothing while others hold it."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem import AgentMemory, Message
from agentmem.engine import units
from agentmem.engine.units import claim, follower_of, release
from agentmem.testing import FakeClock


class Any:
    name, kinds, reads = "any", ("x",), ()


class Facts:
    name, kinds, reads = "facts", ("x",), ("chunk",)


@pytest.fixture(autouse=True)
def _small_portions(monkeypatch):
    monkeypatch.setattr(units, "_AT_ONCE", 3)


def taken(store, structure, limit):
    """The texts of all units, one claim after the other; each is done before the next."""
    scope, found = store.scope("a").scope, []
    for _ in range(100):
        work = claim(store.parts, scope, structure, limit)
        if not work.units:
            break
        assert limit is None or len(work.units) <= limit
        found += [[chunk.text for chunk in unit.chunks] for unit in work.units]
        with store.parts.store.write(scope) as writer:
            writer.settle(follower_of(structure), [row for unit in work.units for row in work.rows_of(unit)])
    assert release(store.parts, scope, structure) == 0
    return found


TURNS = st.lists(
    st.tuples(st.sampled_from(["s1", "s2", "s3", "s4", None]), st.integers(0, 5), st.sampled_from(["user", "system"])),
    max_size=14,
)


@settings(max_examples=25)
@given(TURNS, st.sampled_from([None, 1, 2, 5]), st.sets(st.integers(0, 13), max_size=3))
def test_every_searchable_text_is_taken_once_with_its_session_whatever_the_portion(turns, limit, reworded):
    with AgentMemory.open(":memory:", embedder="none", clock=FakeClock()) as store:
        handle, clock = store.scope("a"), store.parts.clock
        messages = [
            Message(f"text {n}", session=session, role=role, at=clock() + timedelta(days=day))
            for n, (session, day, role) in enumerate(turns)
        ]
        handle.add(messages) if messages else handle.add("x", index=False)
        wanted = {}
        for memory in handle.list():
            number = int(memory.text.split()[1])
            if number in reworded:
                memory = handle.update(memory.id, text=f"text {number} again")  # noqa: PLW2901
            session, day, _role = turns[number]
            wanted.setdefault(session or day, []).append(memory.text)
        found = taken(store, Any(), limit)
        assert sorted(map(sorted, found)) == sorted(map(sorted, wanted.values()))
        texts = [text for texts in wanted.values() for text in texts]
        assert Counter(text for (text,) in taken(store, Facts(), limit)) == Counter(texts)


def test_while_another_holds_it_nothing_is_taken_and_nothing_is_written(store, clock):
    scope = store.scope("a").scope
    store.scope("a").add([f"text {n}" for n in range(10)])
    assert len(claim(store.parts, scope, Any(), 1).units) == 1
    with AgentMemory.open(store.parts.store.path, embedder="none", clock=clock) as other:
        assert claim(other.parts, scope, Any()) is None
        clock.advance(minutes=3)
        assert claim(other.parts, scope, Any()) is not None
        assert release(store.parts, scope, Any()) == 10  # not its own any more: it stays
        assert claim(store.parts, scope, Any()) is None
