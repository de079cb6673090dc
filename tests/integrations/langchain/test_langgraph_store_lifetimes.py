"""How items change and end: history, undoing, deleting, forgetting, expiry."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemStore

from agentmem import AgentMemory, ScopeHandle
from agentmem.testing import FakeClock, FakeEmbedder
from agentmem.types import State

NS = ("users", "ana")
LONG = " ".join(f"Sentence {number} is about the otter." for number in range(120))


def keys(found: Any) -> list[str]:
    return [item.key for item in found]


def test_an_item_is_a_memory_with_history(items: AgentMemStore, handle: ScopeHandle, clock: FakeClock) -> None:
    items.put(NS, "city", {"text": "Ana lives in Lisbon", "since": 2020})
    lisbon = clock()
    clock.advance(days=30)
    items.put(NS, "city", {"text": "Ana lives in Porto", "since": 2025})
    (memory,) = handle.list()
    assert memory.version == 2 and "Porto" in memory.text
    assert "Lisbon" in handle.get(memory.id, as_of=lisbon).text
    assert [entry.version for entry in handle.history(memory.id)] == [1, 2]
    assert handle.retrieve("Where does Ana live?")[0].id == memory.id
    first, second = items.versions(NS, "city")
    assert (first.value["since"], second.value["since"]) == (2020, 2025)
    assert first.created_at == second.created_at == first.updated_at == lisbon
    assert second.updated_at == lisbon + timedelta(days=30)


def test_an_undone_put_is_as_if_it_never_was(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "city", {"text": "Lisbon"})
    items.put(NS, "city", {"text": "Porto"})
    (memory,) = handle.list()
    handle.undo(handle.history(memory.id)[-1].changes[0].run)
    assert items.get(NS, "city").value == {"text": "Lisbon"}


def test_what_is_deleted_is_not_found_and_stays_in_history(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "long", {"text": LONG, "note": "an otter too"}, index=["text", "note"])
    items.put(NS, "short", {"text": "the otter Olga"})
    for key in ("long", "short"):
        items.delete(NS, key)
    assert list(handle.retrieve("otter", k=50)) == [] and len(handle.list()) == 0
    assert [item.value["text"] for item in items.versions(NS, "long")] == [LONG]
    items.put(NS, "short", {"text": "another otter"})
    assert [item.value["text"] for item in items.versions(NS, "short")] == ["the otter Olga", "another otter"]


def test_what_was_deleted_can_be_restored(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(NS, "city", {"text": "Lisbon"})
    id = handle.list(session='langgraph ["users","ana"]')[0].id
    items.delete(NS, "city")
    assert items.get(NS, "city") is None
    handle.restore(id)
    fresh = AgentMemStore(handle)
    assert fresh.get(NS, "city").value == {"text": "Lisbon"} and keys(items.search(NS)) == ["city"]


@pytest.mark.parametrize("destroy", [False, True])
def test_forgetting_leaves_no_trace(database: Path, clock: FakeClock, destroy: bool) -> None:
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock) as opened:
        handle = opened.scope("acme", "ana")
        items = AgentMemStore(handle, clock=clock, destroy=destroy)
        items.put(NS, "secret", {"text": "the password is plumcake-1"})
        items.put(NS, "secret", {"text": "the password is plumcake-2", "long": f"{LONG} plumcake-3"}, index=["long"])
        items.put(NS, "other", {"text": "the otter"})
        items.delete(NS, "secret")
        if destroy:
            assert opened.compact()
        else:
            assert len(items.versions(NS, "secret")) == 2
            certificate = items.forget(NS, "secret")
            assert certificate.compacted and certificate.versions >= 3
        assert items.versions(NS, "secret") == []
        assert b"plumcake" not in b"".join(path.read_bytes() for path in database.parent.iterdir())
        assert keys(items.search(())) == ["other"]
        items.put(NS, "secret", {"text": "a new one"})
        assert items.get(NS, "secret").value == {"text": "a new one"}


def test_a_namespace_is_forgotten_with_all_below(items: AgentMemStore) -> None:
    for namespace in (("users", "ana"), ("users", "ana", "trips"), ("users", "anabel"), ("users",)):
        items.put(namespace, "k", {"text": "the otter"})
    certificate = items.forget(("users", "ana"))
    assert certificate.memories == 3  # two items, and what tells that one namespace lies below
    assert items.list_namespaces() == [("users",), ("users", "anabel")]
    nothing = items.forget(("users", "ana"))
    assert (nothing.run, nothing.memories) == (None, 0)


def test_everything_forgotten_by_the_scopes_handle_is_gone_here_too(items: AgentMemStore, handle: ScopeHandle) -> None:
    items.put(("users", "ana"), "k", {"text": "the otter"})
    handle.forget(everything=True)
    assert items.get(("users", "ana"), "k") is None and items.search(()) == []
    items.put(("users", "ana"), "k", {"text": "a new otter"})
    assert keys(items.search(("users",), query="otter")) == ["k"]


def test_expired_items_are_swept(handle: ScopeHandle, clock: FakeClock) -> None:
    items = AgentMemStore(handle, ttl={"default_ttl": 10}, clock=clock)
    items.put(NS, "k", {"text": LONG})
    items.put(NS, "kept", {"text": "ever"}, ttl=None)
    clock.advance(minutes=11)
    assert keys(items.search(NS)) == ["kept"]
    assert (items.sweep_ttl(), items.sweep_ttl()) == (1, 0)
    assert {memory.state for memory in handle.list(state=None) if "otter" in memory.text} == {State.RETIRED}
    assert len(items.versions(NS, "k")) == 1


def test_a_read_keeps_a_long_item_alive_with_all_its_texts(handle: ScopeHandle, clock: FakeClock) -> None:
    items = AgentMemStore(handle, clock=clock)
    items.put(NS, "k", {"text": LONG}, ttl=10)
    for _ in range(3):
        clock.advance(minutes=8)
        assert keys(items.search(NS, query="Sentence 119 otter", limit=1)) == ["k"]
    clock.advance(minutes=11)
    assert items.search(NS, query="otter") == []
