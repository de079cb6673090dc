"""Several stores on one database, in one process and in several: what each sees, and what none loses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemStore
from langchain_agentmem.store.keys import Keys

from agentmem import AgentMemory, Scope, ScopeHandle
from agentmem.testing import FakeClock, FakeEmbedder

NS = ("users", "ana")
LONG = " ".join(f"Sentence {number} is about the otter." for number in range(120))


def test_a_store_stays_in_its_scope(store: AgentMemory) -> None:
    ana, bo = (AgentMemStore(store.scope("acme", name)) for name in ("ana", "bo"))
    parent = AgentMemStore(store.scope("acme"))
    for whose, each in (("ana", ana), ("bo", bo), ("parent", parent)):
        each.put(NS, "key", {"text": f"the otter of {whose}"})
    for whose, each in (("ana", ana), ("bo", bo), ("parent", parent)):
        assert each.get(NS, "key").value == {"text": f"the otter of {whose}"}
        assert [item.value["text"] for item in each.search(())] == [f"the otter of {whose}"]
        assert [item.value["text"] for item in each.search((), query="otter")] == [f"the otter of {whose}"]
        assert each.list_namespaces() == [NS]
    bo.delete(NS, "key")
    bo.forget(())
    assert ana.get(NS, "key") is not None and parent.get(NS, "key") is not None
    reading = AgentMemStore(store.scope("acme", "bo").reading(Scope("acme", "ana")))
    assert reading.search((), query="otter of ana") == [] and reading.search(NS, query="otter") == []


def test_two_stores_on_one_database_see_each_other(database: Path, clock: FakeClock) -> None:
    with (
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as first,
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as second,
    ):
        one, two = (AgentMemStore(each.scope("a"), clock=clock) for each in (first, second))
        assert one.get(NS, "k") is None and two.get(NS, "k") is None
        one.put(NS, "k", {"n": 1})
        assert two.get(NS, "k").value == {"n": 1}
        clock.advance(hours=1)
        two.put(NS, "k", {"n": 2})
        two.put(NS, "new", {"n": 3})
        assert one.get(NS, "k").value == {"n": 2} and one.get(NS, "new").value == {"n": 3}
        one.delete(NS, "k")
        assert two.get(NS, "k") is None
        two.put(NS, "k", {"n": 4}, ttl=5)
        assert one.get(NS, "k", refresh_ttl=False).value == {"n": 4}
        clock.advance(minutes=6)
        assert one.get(NS, "k") is None and two.get(NS, "k") is None
        one.put(NS, "k", {"n": 5})
        assert two.get(NS, "k").value == {"n": 5} and len(two.search(NS)) == 2


def test_an_item_that_two_create_at_once_is_one_item(
    handle: ScopeHandle, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = AgentMemStore(handle, clock=clock), AgentMemStore(handle, clock=clock)
    add = ScopeHandle.add

    def overtaken(self: ScopeHandle, *args: Any, **kwargs: Any) -> Any:
        monkeypatch.setattr(ScopeHandle, "add", add)
        quick.put(NS, "k", {"whose": "quick"})
        return add(self, *args, **kwargs)

    monkeypatch.setattr(ScopeHandle, "add", overtaken)
    slow.put(NS, "k", {"whose": "slow"})
    for each in (slow, quick, AgentMemStore(handle, clock=clock)):
        assert each.get(NS, "k").value == {"whose": "slow"}  # the last to write
        assert len(each.search(NS)) == 1
    quick.put(NS, "k", {"whose": "quick again"})
    assert slow.get(NS, "k").value == {"whose": "quick again"} and len(slow.search(NS)) == 1


def test_what_was_committed_late_is_found(database: Path) -> None:
    early, late = FakeClock(), FakeClock()
    late.advance(seconds=10)
    with (
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=early) as first,
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=late) as second,
    ):
        slow, quick = AgentMemStore(first.scope("a"), clock=early), AgentMemStore(second.scope("a"), clock=late)
        quick.put(NS, "k", {"n": 1})
        assert quick.get(NS, "late") is None
        slow.put(NS, "late", {"n": 2})  # read the clock before the other did, and is written after it
        late.advance(seconds=2)
        assert quick.get(NS, "late").value == {"n": 2}
        quick.put(NS, "late", {"n": 3})
        assert len(slow.search(NS)) == 2 and slow.get(NS, "late").value == {"n": 3}


def test_an_item_is_found_from_above_even_if_the_writer_died(
    items: AgentMemStore, handle: ScopeHandle, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    items.put(("users",), "k", {"n": 1})

    def die(*_arguments: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Keys, "created", die)  # the first that happens once an item is written
    with pytest.raises(KeyboardInterrupt):
        items.put(("users", "ana"), "k", {"n": 2})
    monkeypatch.undo()
    again = AgentMemStore(handle, clock=clock)
    assert again.get(("users", "ana"), "k").value == {"n": 2}
    assert sorted(item.value["n"] for item in again.search(("users",))) == [1, 2]
