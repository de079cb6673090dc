"""Agents and runs whose names look personal, in a store that takes personal data out before it writes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agentmem import AgentMemory, Redaction
from agentmem.compat.mem0 import Memory
from agentmem.testing import FakeEmbedder

BOT, OTHER_BOT, RUN = "bot@example.org", "aide@example.org", "+436601234567"
BY = [{"agent_id": BOT}, {"run_id": RUN}, {"agent_id": BOT, "run_id": RUN}]


@pytest.fixture
def redacting(database: Path) -> Iterator[Memory]:
    """Written by one store, read by another."""
    with AgentMemory.open(database, embedder=FakeEmbedder(), before_write=Redaction()) as store:
        mem0 = Memory(store=store)
        mem0.add("likes tea", user_id="ana", agent_id=BOT, run_id=RUN, infer=False)
        mem0.add("likes rum", user_id="ana", agent_id=OTHER_BOT, run_id="+436607654321", infer=False)
    with AgentMemory.open(database, embedder=FakeEmbedder(), before_write=Redaction()) as store:
        yield Memory(store=store)


def texts(found: dict[str, Any]) -> list[str]:
    return [one["memory"] for one in found["results"]]


@pytest.mark.parametrize("whose", BY)
def test_what_was_added_for_an_agent_or_run_is_found_changed_and_deleted_by_it(
    redacting: Memory, whose: dict[str, Any]
) -> None:
    assert texts(redacting.get_all(user_id="ana", **whose)) == ["likes tea"]
    assert texts(redacting.search("likes", user_id="ana", threshold=0.0, **whose)) == ["likes tea"]
    (one,) = redacting.get_all(user_id="ana", **whose)["results"]
    redacting.update(one["id"], text="likes green tea", user_id="ana", **whose)
    assert texts(redacting.get_all(user_id="ana", **whose)) == ["likes green tea"]
    redacting.delete_all(user_id="ana", **whose)
    assert texts(redacting.get_all(user_id="ana")) == ["likes rum"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        (BOT, ["likes tea"]),
        ({"eq": BOT}, ["likes tea"]),
        ({"ne": BOT}, ["likes rum"]),
        ([BOT, "nobody"], ["likes tea"]),
        ({"nin": [BOT, "nobody"]}, ["likes rum"]),
        ("*", ["likes tea", "likes rum"]),
        ({"contains": "EMAIL"}, ["likes tea", "likes rum"]),
    ],
)
def test_a_filter_tells_redacted_agents_apart(redacting: Memory, condition: Any, expected: list[str]) -> None:
    assert texts(redacting.get_all(filters={"user_id": "ana", "agent_id": condition})) == expected


def test_the_agent_that_is_shown_names_it_and_no_personal_data(redacting: Memory) -> None:
    one, other = redacting.get_all(user_id="ana")["results"]
    assert one["agent_id"].startswith("[EMAIL]~") and one["agent_id"] != other["agent_id"]
    assert one["metadata"] is None  # no digests among the caller's own
    assert texts(redacting.get_all(user_id="ana", agent_id=one["agent_id"])) == ["likes tea"]
    assert "example.org" not in str(redacting.get_all(user_id="ana"))


def test_what_was_stored_by_another_way_is_found_by_its_agent(mem0: Memory) -> None:
    mem0.store.scope("mem0", "user", "ana").add("likes gin", metadata={"agent_id": "bar"})
    assert texts(mem0.get_all(user_id="ana", agent_id="bar")) == ["likes gin"]
