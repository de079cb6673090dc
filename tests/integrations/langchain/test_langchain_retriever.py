"""The retriever: LangChain's own suite, what its documents hold, and that no call leaves its scope."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")
pytest.importorskip("langchain_tests", reason="needs langchain-tests: pip install -e 'integrations/langchain[test]'")

from langchain_agentmem import AgentMemRetriever
from langchain_tests.integration_tests import RetrieversIntegrationTests

from agentmem import AgentMemory, AsyncAgentMemory, Document, Message, Scope, ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder


class TestStandard(RetrieversIntegrationTests):
    @pytest.fixture(autouse=True)
    def _filled(self):
        with AgentMemory.open(":memory:", embedder=FakeEmbedder()) as store:
            self.memory = store.scope("acme", "ana")
            self.memory.add([Message(f"Otter number {number} swims.", speaker="Ana") for number in range(6)])
            yield

    @property
    def retriever_constructor(self):
        return AgentMemRetriever

    @property
    def retriever_constructor_params(self):
        return {"memory": self.memory}

    @property
    def retriever_query_example(self):
        return "Which otter swims?"


@pytest.fixture
def filled(handle: ScopeHandle) -> ScopeHandle:
    at = datetime(2025, 4, 2, 18, 5, tzinfo=UTC)
    handle.add(
        [
            Message("The flight to Graz is on 12 May.", speaker="Ana", role="user", session="flights", at=at, ref="m1"),
            Message("The window seat is paid.", speaker="Ana", session="flights", metadata={"topic": "seat"}),
            Document("The vet is Doctor Claes.", title="Notes", session="pets"),
        ]
    )
    return handle


def test_a_document_tells_where_it_comes_from(filled: ScopeHandle) -> None:
    (found,) = AgentMemRetriever(memory=filled, k=1).invoke("When is the flight to Graz?")
    hit = filled.retrieve("When is the flight to Graz?", k=1)[0]
    assert (found.id, found.page_content) == (hit.id, "The flight to Graz is on 12 May.")
    assert 0 < found.metadata["score"] <= 1
    expected = {
        "id": hit.id,
        "kind": "chunk",
        "version": 1,
        "scope": ["acme", "ana"],
        "at": "2025-04-02T18:05:00+00:00",
        "session": "flights",
        "speaker": "Ana",
        "role": "user",
        "title": None,
        "metadata": {},
    }
    assert {name: found.metadata[name] for name in expected} == expected
    (source,) = found.metadata["sources"]
    assert (source["ref"], source["start"], source["end"]) == ("m1", 0, 32)
    said = filled.episode(source["episode"]).text[source["start"] : source["end"]]
    assert said == found.page_content
    assert json.loads(json.dumps(found.metadata)) == found.metadata


def test_what_is_set_holds_until_a_call_says_otherwise(filled: ScopeHandle) -> None:
    retriever = AgentMemRetriever(memory=filled, session="flights", where={"topic": "seat"})
    assert [found.page_content for found in retriever.invoke("the flight")] == ["The window seat is paid."]
    assert len(retriever.invoke("the flight", where=None)) == 2
    assert retriever.invoke("the vet", session="pets", where={})[0].metadata["title"] == "Notes"
    assert retriever.invoke("the flight", tokens=1) == []


def test_a_call_cannot_choose_another_scope(filled: ScopeHandle, store: AgentMemory) -> None:
    other = store.scope("acme", "bo")
    other.add("The flight to Graz is cancelled.")
    retriever = AgentMemRetriever(memory=filled)
    with pytest.raises(TypeError):
        retriever.invoke("flight", scope=("acme", "bo"))
    for name in ("memory", "reading"):
        with pytest.raises(TypeError):
            retriever.invoke("flight", **{name: other})
    assert all("cancelled" not in found.page_content for found in retriever.invoke("flight to Graz cancelled"))
    both = AgentMemRetriever(memory=filled.reading(Scope("acme", "bo")))
    assert {tuple(found.metadata["scope"]) for found in both.invoke("flight to Graz")} == {
        ("acme", "ana"),
        ("acme", "bo"),
    }


def test_errors_are_those_of_the_library(filled: ScopeHandle) -> None:
    with pytest.raises(InvalidInput):
        AgentMemRetriever(memory=filled).invoke(" ")
    with pytest.raises(InvalidInput):
        AgentMemRetriever(memory=filled, k=0).invoke("flight")


async def test_it_can_be_awaited_with_either_handle(filled: ScopeHandle) -> None:
    assert (await AgentMemRetriever(memory=filled, k=1).ainvoke("the vet"))[0].metadata["title"] == "Notes"
    async with AsyncAgentMemory.open(":memory:", embedder=FakeEmbedder()) as store:
        memory = store.scope("acme", "ana")
        await memory.add("The vet is Doctor Maes.")
        retriever = AgentMemRetriever(memory=memory)
        assert [found.page_content for found in await retriever.ainvoke("the vet")] == ["The vet is Doctor Maes."]
        with pytest.raises(InvalidInput, match="ainvoke"):
            retriever.invoke("the vet")


def test_it_goes_into_a_chain_and_its_repr_shows_no_memory(filled: ScopeHandle) -> None:
    chain = AgentMemRetriever(memory=filled, k=1) | (lambda found: found[0].page_content)
    assert chain.invoke("Who is the vet?") == "The vet is Doctor Claes."
    assert "Claes" not in repr(AgentMemRetriever(memory=filled))
