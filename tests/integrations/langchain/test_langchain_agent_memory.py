"""A real agent loop with a scripted model: what one session was told, the next one knows."""

from __future__ import annotations

import json

import pytest
from scripted_agents import (
    ANA,
    ScriptedModel,
    agent_of,
    system_of,
    thread,
    told,
    user,
)

from agentmem.errors import AgentMemError, InvalidInput
from agentmem.retrieval.context import CLOSING, OPENING

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemMiddleware, CaptureFailed, MissingScope, memory_tools
from langgraph.checkpoint.memory import InMemorySaver


def test_what_was_said_in_one_session_is_known_in_the_next(store, memory, run, clock):
    model = ScriptedModel(script=["Lisbon is lovely.", "In Lisbon."])
    agent = agent_of(model, memory, system_prompt="Be brief.", checkpointer=InMemorySaver())
    run(agent, user("I moved to Lisbon last May."), thread("monday"), context=ANA)
    memory.flush()
    clock.advance(days=1)

    done = run(agent, user("Which city did I move to?"), thread("tuesday"), context=ANA)

    assert "Lisbon" not in system_of(model.seen[0])
    sent = system_of(model.seen[1])
    assert sent.startswith(f"Be brief.\n\n{OPENING}\n[2026-01-01 00:00 | user | mem_")
    assert sent.endswith(CLOSING) and '"I moved to Lisbon last May."' in sent
    assert done["messages"][-1].text == "In Lisbon."
    memory.flush()
    assert told(store.scope("ana")) == [
        ("user", "I moved to Lisbon last May."),
        ("assistant", "Lisbon is lovely."),
        ("user", "Which city did I move to?"),
        ("assistant", "In Lisbon."),
    ]
    assert {memory.session for memory in store.scope("ana").list()} == {"monday", "tuesday"}


def test_one_middleware_serves_several_agents(store, memory, run):
    one, other = ScriptedModel(), ScriptedModel()
    run(agent_of(one, memory), user("My otter is called Olga."), context=ANA)
    memory.flush()
    run(agent_of(other, memory, system_prompt="Other."), user("What is my otter called?"), context=ANA)
    assert "Olga" in system_of(other.seen[0])


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": ""},
        {"scope": None},
        {"scope": "a", "tokens": -1},
        {"scope": "a", "k": 0},
        {"scope": "a", "threads": 0},
    ],
    ids=json.dumps,
)
def test_a_middleware_refuses_what_makes_no_sense(store, wrong):
    with pytest.raises(InvalidInput):
        AgentMemMiddleware(store, **wrong)


def test_a_store_of_another_kind_is_refused_with_what_to_do():
    with pytest.raises(InvalidInput, match=r"AgentMemory\.open"):
        AgentMemMiddleware(object(), scope="user_id")
    with pytest.raises(InvalidInput, match=r"AgentMemory\.open"):
        memory_tools(object(), scope="user_id")


def test_its_errors_are_of_the_library():
    assert issubclass(MissingScope, AgentMemError) and issubclass(CaptureFailed, AgentMemError)
