"""Items whose keys and namespaces look personal, in a store that takes personal data out before it writes."""

from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemStore

from agentmem import AgentMemory, Redaction
from agentmem.testing import FakeEmbedder

ANA, BO, PHONE = "ana@example.org", "bo@example.org", "+43 660 1234567"


def opened(database: Path) -> AgentMemory:
    return AgentMemory.open(database, embedder=FakeEmbedder(), before_write=Redaction())


def test_items_are_found_changed_and_deleted_by_keys_that_were_redacted(database: Path) -> None:
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        items.put(("mail",), ANA, {"likes": "tea"})
        items.put(("mail",), BO, {"likes": "coffee"})
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        assert items.get(("mail",), ANA).key == ANA and items.get(("mail",), BO).value == {"likes": "coffee"}
        items.put(("mail",), ANA, {"likes": "rum"})
        assert [item.value["likes"] for item in items.search(("mail",))] == ["rum", "coffee"]
        assert [item.value["likes"] for item in items.versions(("mail",), ANA)] == ["tea", "rum"]
        items.delete(("mail",), BO)
        assert items.get(("mail",), BO) is None and len(items.search(("mail",))) == 1
        assert items.forget(("mail",), ANA).memories == 1 and items.search(("mail",)) == []


def test_what_a_search_calls_an_item_addresses_it(database: Path) -> None:
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        for key in (ANA, BO):
            items.put(("mail",), key, {"of": key.partition("@")[0]})
        one, other = items.search(("mail",))
        assert one.key != other.key and one.key.startswith("[EMAIL]~") and ANA not in one.key
        assert items.get(("mail",), one.key).value == {"of": "ana"}
        items.put(("mail",), one.key, {"of": "ana", "likes": "tea"})
        assert items.get(("mail",), ANA).value["likes"] == "tea"
        assert [item.key for item in items.search(("mail",))] == [one.key, other.key]
        items.delete(("mail",), other.key)
        assert items.get(("mail",), BO) is None


def test_what_lies_below_a_namespace_that_looks_personal_is_found_and_forgotten(database: Path) -> None:
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        for namespace in ((PHONE, "notes"), (PHONE,), ("+43 660 7654321", "notes")):
            items.put(("users", *namespace), "k", {"likes": "tea"})
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        below = ("users", PHONE)
        assert len(items.search(below)) == len(items.search(below, query="tea")) == 2
        assert items.list_namespaces(prefix=below) == [below, (*below, "notes")]
        assert items.forget(below).memories > 0
        assert [item.namespace for item in items.search(())] == [("users", "+43 660 7654321", "notes")]


def test_a_long_text_is_found_under_a_key_that_was_redacted(database: Path) -> None:
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        long = " ".join(f"Sentence {number} is about the otter." for number in range(120))
        items.put(("mail",), ANA, {"text": long})
        assert [item.value["text"] for item in items.search(("mail",), query="the otter")] == [long]


def test_no_key_in_clear_is_in_the_file(database: Path) -> None:
    with opened(database) as store:
        items = AgentMemStore(store.scope("acme"))
        items.put(("mail",), ANA, {"likes": "tea"})
        items.delete(("mail",), ANA)
    files = b"".join(file.read_bytes() for file in database.parent.iterdir() if file.is_file())
    assert b"mail" in files and ANA.encode() not in files
