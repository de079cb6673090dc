"""What is kept of a conversation with an agent: all that was said, once, whatever goes wrong."""

from __future__ import annotations

import asyncio
import inspect
import threading

import pytest
from scripted_agents import (
    ANA,
    Context,
    ScriptedModel,
    agent_of,
    calling,
    everything,
    thread,
    told,
    user,
)

from agentmem import AgentMemory
from agentmem.errors import InvalidInput
from agentmem.testing import FakeEmbedder

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain.agents.middleware import SummarizationMiddleware
from langchain_agentmem import AgentMemMiddleware, CaptureFailed, memory_tools
from langchain_core.messages import HumanMessage
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.types import Command, interrupt


def test_a_thread_that_is_resumed_stores_nothing_twice(store, memory, run):
    agent = agent_of(ScriptedModel(script=["Hello Ana.", "As I said."]), memory, checkpointer=InMemorySaver())
    run(agent, user("I like otters.", id="m1"), thread("1"), context=ANA)
    memory.flush()
    before = told(store.scope("ana"))
    run(agent, None, thread("1"), context=ANA)
    for step in agent.get_state_history(thread("1")):  # run again from every checkpoint after the reply
        if step.values.get("messages", [])[-1:] and step.values["messages"][-1].type == "ai":
            run(agent, None, step.config, context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == before
    run(agent, user("I like otters.", id="m1"), thread("1"), context=ANA)  # sent again by a client
    memory.flush()
    assert told(store.scope("ana")) == [*before, ("assistant", "As I said.")]


def test_a_client_that_sends_the_whole_conversation_each_time_stores_nothing_twice(store, memory, run):
    agent = agent_of(ScriptedModel(script=["One.", "Two.", "Three."]), memory)
    messages = []
    for text in ("I like otters.", "And mussels.", "And the sea."):
        messages.append({"role": "user", "content": text})
        messages.append(
            {"role": "assistant", "content": run(agent, {"messages": messages}, context=ANA)["messages"][-1].text}
        )
    memory.flush()
    assert [text for _, text in told(store.scope("ana"))] == [
        *("I like otters.", "One.", "And mussels.", "Two.", "And the sea.", "Three.")
    ]


def test_an_edited_message_is_remembered_beside_the_first(store, memory, run):
    agent = agent_of(ScriptedModel(), memory, checkpointer=InMemorySaver())
    run(agent, user("I live in Porto.", id="m1"), thread("1"), context=ANA)
    run(agent, user("I live in Lisbon.", id="m1"), thread("1"), context=ANA)
    memory.flush()
    assert {text for _, text in told(store.scope("ana"))} >= {"I live in Porto.", "I live in Lisbon."}


def test_what_the_user_said_is_kept_when_the_model_fails(store, memory, run):
    def fail(messages):
        raise ConnectionError("the provider is down")

    agent = agent_of(ScriptedModel(script=[fail, "Back again."]), memory, checkpointer=InMemorySaver())
    with pytest.raises(ConnectionError):
        run(agent, user("I moved to Lisbon."), thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [("user", "I moved to Lisbon.")]
    run(agent, None, thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [("user", "I moved to Lisbon."), ("assistant", "Back again.")]


class Refusing:
    """A hook before writing that fails while it is told to."""

    def __init__(self):
        self.failing = True

    def __call__(self, episode):
        if self.failing:
            raise ValueError("a defect of somebody's hook")
        return episode


def test_a_failing_capture_is_surfaced_and_does_not_disturb_the_agent(database, clock, run, caplog):
    hook = Refusing()
    with AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, before_write=hook) as store:
        memory = AgentMemMiddleware(store, scope="user_id", clock=clock)
        agent = agent_of(ScriptedModel(), memory)
        done = run(agent, user("I moved to Lisbon."), context=ANA)
        assert done["messages"][-1].text == "Noted."
        with pytest.raises(CaptureFailed, match="a defect of somebody's hook") as raised:
            memory.flush()
        assert [len(failed.messages) for failed in raised.value.failures] == [1, 2]
        assert "messages were not stored in scope ana" in caplog.text and "Lisbon" not in caplog.messages
        memory.flush()  # each failure is raised once
        hook.failing = False
        for failed in raised.value.failures:
            store.scope(failed.scope).add(failed.messages)
        assert told(store.scope("ana")) == [("user", "I moved to Lisbon."), ("assistant", "Noted.")]
        memory.close()


def test_the_agent_does_not_wait_for_what_is_stored(database, clock, run):
    let_go = threading.Event()

    def slow(episode):
        assert let_go.wait(30)
        return episode

    with (
        AgentMemory.open(database, embedder=FakeEmbedder(), clock=clock, before_write=slow) as store,
        AgentMemMiddleware(store, scope="user_id", clock=clock) as memory,
    ):
        assert run(agent_of(ScriptedModel(), memory), user("I moved."), context=ANA)["messages"][-1].text == "Noted."
        assert told(store.scope("ana")) == []
        let_go.set()
        memory.flush()
        assert told(store.scope("ana")) == [("user", "I moved."), ("assistant", "Noted.")]


def test_what_comes_after_closing_is_a_failure_and_no_silence(store, memory, run):
    memory.close()
    assert run(agent_of(ScriptedModel(), memory), user("I moved."), context=ANA)["messages"][-1].text == "Noted."
    with pytest.raises(CaptureFailed, match="Close it last"):
        memory.flush()


def test_what_was_forgotten_is_not_learnt_again_from_the_thread(store, memory, run):
    agent = agent_of(ScriptedModel(script=["A nice code.", "Fine."]), memory, checkpointer=InMemorySaver())
    run(agent, user("My door code is 4711.", id="m1"), thread("1"), context=ANA)
    memory.flush()
    store.scope("ana").forget(about="4711")
    run(agent, user("My door code is 4711.", id="m1"), thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [("assistant", "A nice code."), ("assistant", "Fine.")]


def test_words_beside_a_tool_call_are_kept_and_not_found(store, memory, run):
    call = calling("recall", query="otters")
    model = ScriptedModel(script=[call.model_copy(update={"content": "Let me look at my otters."}), "None."])
    agent = agent_of(model, memory, tools=memory_tools(store, scope="user_id"))
    run(agent, user("Any otters?"), context=ANA)
    memory.flush()
    assert store.scope("ana").stats().episodes == 3
    assert "Let me look at my otters." not in [text for _, text in told(store.scope("ana"))]


def test_pictures_leave_only_their_words(store, memory, run):
    content = [{"type": "text", "text": "This is my otter."}, {"type": "image", "url": "https://example.org/otter.png"}]
    run(agent_of(ScriptedModel(), memory), {"messages": [HumanMessage(content)]}, context=ANA)
    run(agent_of(ScriptedModel(script=["Nice."]), memory), {"messages": [HumanMessage(content[1:])]}, context=ANA)
    memory.flush()
    assert [text for _, text in told(store.scope("ana"))] == ["This is my otter.", "Noted.", "Nice."]


def test_people_have_the_names_that_the_context_or_their_message_gives(store, clock, run):
    with AgentMemMiddleware(store, scope="user_id", speaker="user_name", clock=clock) as memory:
        agent = agent_of(ScriptedModel(), memory)
        run(agent, user("I like otters."), context=Context("ana", "Ana"))
        run(agent, user("I like seals.", name="Rita"), context=Context("ana", "Ana"))
    spoken = {memory.text: memory.speaker for memory in store.scope("ana").list()}
    assert (spoken["I like otters."], spoken["I like seals."]) == ("Ana", "Rita")


def test_a_turn_that_is_summarised_while_it_runs_keeps_what_was_said(store, memory, run):
    """Many tool calls, so that LangChain puts a summary, as a user's message, in the place of the question."""
    settings = {"trigger": ("messages", 5), "keep": ("messages", 2)}
    if "trigger" not in inspect.signature(SummarizationMiddleware).parameters:  # langchain 1.0
        settings = {"max_tokens_before_summary": 5, "messages_to_keep": 2, "token_counter": len}
    writer = ScriptedModel(script=["The user spoke of seals."])
    calls = [calling("recall", f"c{n}", query=f"otter {n}") for n in range(5)]
    model = ScriptedModel(script=[*calls, "Olga it is."])
    agent = agent_of(
        model,
        SummarizationMiddleware(writer, **settings),
        memory,
        tools=memory_tools(store, scope="user_id"),
        checkpointer=InMemorySaver(),
    )
    done = run(agent, user("My otter is called Olga."), thread("1"), context=ANA)
    assert writer.seen
    assert "My otter" not in everything([message for message in done["messages"] if message.type == "human"])
    run(agent, user("Thank you."), thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [
        ("user", "My otter is called Olga."),
        ("assistant", "Olga it is."),
        ("user", "Thank you."),
        ("assistant", "Olga it is."),
    ]


def test_a_turn_that_is_interrupted_is_kept_when_it_goes_on(store, memory, run):
    def approve(amount: int) -> str:
        """Ask a person."""
        return interrupt(f"Pay {amount}?")

    model = ScriptedModel(script=[calling("approve", amount=7), "Paid."])
    agent = agent_of(model, memory, tools=[approve], checkpointer=InMemorySaver())
    run(agent, user("Pay the otter."), thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [("user", "Pay the otter.")]
    run(agent, Command(resume="yes"), thread("1"), context=ANA)
    memory.flush()
    assert told(store.scope("ana")) == [("user", "Pay the otter."), ("assistant", "Paid.")]


def test_text_that_cannot_be_stored_does_not_disturb_the_agent(store, memory, run):
    done = run(agent_of(ScriptedModel(), memory), user("Half a pair: \ud83d"), context=ANA)
    assert done["messages"][-1].text == "Noted."
    with pytest.raises(CaptureFailed) as raised:
        memory.flush()
    assert isinstance(raised.value.failures[0].error, InvalidInput)


def test_async_with_stores_what_waits(store, clock):
    async def talk():
        async with AgentMemMiddleware(store, scope="user_id", clock=clock) as memory:
            await agent_of(ScriptedModel(), memory).ainvoke(user("I like otters."), context=ANA)
            await memory.aflush()
            await agent_of(ScriptedModel(), memory).ainvoke(user("I like seals."), context=ANA)

    asyncio.run(talk())
    assert len(told(store.scope("ana"))) == 4
