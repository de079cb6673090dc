"""What is kept of a conversation in which something cannot be: one message does not take the others along."""

from __future__ import annotations

import pytest
from scripted_agents import ANA, Context, ScriptedModel, agent_of, calling, everything, system_of, thread, told, user

from agentmem import AgentMemory, Redaction
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain.agents.structured_output import ToolStrategy
from langchain_agentmem import AgentMemMiddleware, CaptureFailed, memory_tools
from langchain_core.tools import tool
from langgraph.checkpoint.memory import InMemorySaver
from pydantic import BaseModel

HALF = "Half a pair: \ud83d"


def test_a_message_that_cannot_be_stored_leaves_the_rest_of_its_turn(store, memory, run):
    run(agent_of(ScriptedModel(), memory), user(HALF, id="m1"), context=ANA)
    with pytest.raises(CaptureFailed) as raised:
        memory.flush()
    assert {failed.messages[0].text for failed in raised.value.failures} == {HALF}
    assert all(isinstance(failed.error, InvalidInput) for failed in raised.value.failures)
    assert told(store.scope("ana")) == [("assistant", "Noted.")]


def test_a_turn_goes_on_under_another_name_of_its_speaker(store, clock, run):
    def fail(messages):
        raise ConnectionError("the provider is down")

    with AgentMemMiddleware(store, scope="user_id", speaker="user_name", clock=clock) as memory:
        agent = agent_of(ScriptedModel(script=[fail, "Noted."]), memory, checkpointer=InMemorySaver())
        with pytest.raises(ConnectionError):
            run(agent, user("I like tea."), thread("1"), context=Context("ana"))
        run(agent, None, thread("1"), context=Context("ana", "Ana"))
        memory.flush()
    assert told(store.scope("ana")) == [("user", "I like tea."), ("assistant", "Noted.")]


class Out(BaseModel):
    answer: str


@tool(return_direct=True)
def look() -> str:
    """Look it up."""
    return "There it is."


@pytest.mark.parametrize("ending", [{"response_format": ToolStrategy(Out)}, {"tools": [look]}])
def test_a_turn_that_ends_in_a_tool_is_stored_once(store, clock, ending):
    sizes = []

    class Counting(AgentMemMiddleware):
        def _write(self, capture):
            sizes.append(len(capture.messages))
            return super()._write(capture)

    name, arguments = ("look", {}) if "tools" in ending else ("Out", {"answer": "x"})
    script = [
        calling(name, f"c{turn}", **arguments).model_copy(update={"content": f"Answer {turn}."}) for turn in range(5)
    ]
    with Counting(store, scope="user_id", speaker="user_name", clock=clock) as memory:
        agent = agent_of(ScriptedModel(script=script), memory, checkpointer=InMemorySaver(), **ending)
        for turn in range(5):
            who = Context("ana", "Ana" if turn < 3 else "Ana B.")
            agent.invoke(user(f"Question {turn}."), thread("1"), context=who)
            memory.flush()
    assert sizes == [1, 2] * 5
    found = store.scope("ana").list(session="1")
    assert [item.text for item in found if item.role == "user"] == [f"Question {turn}." for turn in range(5)]
    assert store.scope("ana").stats().episodes == 10


def test_what_may_be_forgotten_in_one_turn_is_counted_anew_after_a_turn_that_ended_in_a_tool(store):
    ids = store.scope("ana").add([f"note {number}" for number in range(4)]).ids
    script = [
        reply
        for number, id in enumerate(ids)
        for reply in (calling("forget", f"f{number}", ids=[id]), calling("Out", f"o{number}", answer="done"))
    ]
    agent = agent_of(
        ScriptedModel(script=script),
        tools=memory_tools(store, scope="user_id", forget_limit=1),
        checkpointer=InMemorySaver(),
        response_format=ToolStrategy(Out),
    )
    for number in range(4):
        agent.invoke(user(f"Forget note {number}."), thread("1"), context=ANA)
    assert told(store.scope("ana")) and len(store.scope("ana").list()) == 0


@pytest.mark.parametrize("name", [7, "", None])
def test_a_speaker_that_is_no_text_loses_nothing(store, clock, name):
    with AgentMemMiddleware(store, scope="user_id", speaker="user_name", clock=clock) as memory:
        agent_of(ScriptedModel(), memory).invoke(user("I like tea."), context=Context("ana", name))
        memory.flush()
    (said, _answer) = store.scope("ana").list()
    assert (said.text, said.speaker) == ("I like tea.", "7" if name == 7 else None)


def test_two_memories_on_one_agent_have_names_of_their_own(store, clock):
    store.scope("team").add("The team likes otters.")
    model = ScriptedModel()
    with (
        AgentMemMiddleware(store, scope="user_id", clock=clock) as own,
        AgentMemMiddleware(store, scope=lambda _: "team", capture=False, clock=clock, name="team") as team,
    ):
        assert (own.name, team.name) == ("AgentMemMiddleware", "team")
        agent_of(model, own, team).invoke(user("Who likes otters?"), context=ANA)
        own.flush()
    assert "The team likes otters." in system_of(model.seen[0])
    assert told(store.scope("ana")) == [("user", "Who likes otters?"), ("assistant", "Noted.")]


@pytest.mark.parametrize("id", ["1", "+43 660 1234567", "ana@example.org"])
def test_what_the_model_sees_anyway_is_not_recalled_whatever_the_thread_is_called(database, clock, run, id):
    with (
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, before_write=Redaction()) as store,
        AgentMemMiddleware(store, scope="user_id", clock=clock) as memory,
    ):
        model = ScriptedModel(script=["Noted."])
        agent = agent_of(model, memory, checkpointer=InMemorySaver())
        run(agent, user("I like green tea.", id="m-ana@example.org"), thread(id), context=ANA)
        memory.flush()
        run(agent, user("Which tea do I like?", id="m-bo@example.org"), thread(id), context=ANA)
        memory.flush()
        assert everything(model.seen[-1]).count("I like green tea.") == 1
        assert len(told(store.scope("ana"))) == 4
