"""The tools of a model: what it sees of them, what they do, and what they refuse."""

from __future__ import annotations

import pytest
from scripted_agents import Context, ScriptedModel, agent_of, calling, thread, user

from agentmem.errors import InvalidInput
from agentmem.types import State

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemMiddleware, memory_tools
from langgraph.checkpoint.memory import InMemorySaver

ANA = Context("ana")


@pytest.fixture
def ask(store):
    """Lets a model make calls, one after the other, and returns what it was answered."""

    def run(*calls, thread_id="1", **arguments):
        agent = agent_of(
            ScriptedModel(script=[*calls, "Done."]), tools=memory_tools(store, scope="user_id", **arguments)
        )
        done = agent.invoke(user("Please."), thread(thread_id), context=ANA)
        return [message.text for message in done["messages"] if message.type == "tool"]

    return run


def state_of(store, id):
    return store.scope("ana").get(id).state


def test_a_model_sees_no_argument_that_could_name_a_scope(store):
    tools = memory_tools(store, scope="user_id")
    seen = {tool.name: set(tool.tool_call_schema.model_json_schema()["properties"]) for tool in tools}
    assert seen == {"remember": {"text"}, "recall": {"query"}, "forget": {"ids"}}


def test_what_is_remembered_can_be_recalled_in_another_thread(store, ask):
    (answer,) = ask(calling("remember", text="Ana is allergic to peanuts."))
    (memory,) = store.scope("ana").list()
    assert answer == f"Remembered as {memory.id}."
    assert (memory.role, memory.session, memory.metadata["tool"]) == ("assistant", "1", "remember")
    (found,) = ask(calling("recall", query="What is Ana allergic to?"), thread_id="2")
    assert '"Ana is allergic to peanuts."' in found and memory.id in found


def test_what_is_known_word_for_word_is_not_stored_again(store, ask):
    ask(calling("remember", "c1", text="Ana is allergic to peanuts."))
    (answer,) = ask(calling("remember", "c2", text="Ana is allergic to peanuts."))
    assert answer.startswith("That is remembered already, as mem_")
    assert store.scope("ana").stats().episodes == 1


def test_a_note_made_of_memories_says_so(store, ask):
    known = store.scope("ana").add("The otter is called Olga.").ids[0]
    ask(calling("recall", "c1", query="What is the otter called?"), calling("remember", "c2", text="Olga is an otter."))
    note = store.scope("ana").list()[1]
    assert note.text == "Olga is an otter." and note.metadata["recalled"] == [known]


def test_recall_leaves_out_what_the_model_sees_anyway(store):
    with AgentMemMiddleware(store, scope="user_id", tokens=0) as memory:
        model = ScriptedModel(script=["I see.", calling("recall", query="What is my otter called?"), "Olga."])
        agent = agent_of(model, memory, tools=memory_tools(store, scope="user_id"), checkpointer=InMemorySaver())
        agent.invoke(user("My otter is called Olga."), thread("1"), context=ANA)
        memory.flush()
        done = agent.invoke(user("What is my otter called?"), thread("1"), context=ANA)
    assert [message.text for message in done["messages"] if message.type == "tool"] == [
        "Nothing is remembered about that."
    ]


def test_recall_keeps_its_budget(store, ask):
    store.scope("ana").add([f"Otter {n} ate {n} mussels." for n in range(30)])
    (short,), (long,) = (ask(calling("recall", query="otter mussels"), tokens=tokens) for tokens in (80, 400))
    assert 0 < short.count("mem_") < long.count("mem_")


def test_what_a_model_forgets_is_out_of_recall_and_can_be_restored(store, ask):
    id = store.scope("ana").add("The door code is 4711.").ids[0]
    (answer,) = ask(calling("forget", ids=[id]))
    assert answer == f"No longer recalled: {id}."
    assert state_of(store, id) is State.RETIRED and not store.scope("ana").retrieve("door code")
    store.scope("ana").restore(id)
    assert store.scope("ana").retrieve("door code")


def test_only_where_the_application_says_so_a_model_destroys(store, ask):
    id = store.scope("ana").add("The door code is 4711.").ids[0]
    (answer,) = ask(calling("forget", ids=[id]), destroy=True)
    assert answer == f"Destroyed for good: {id}."
    assert store.scope("ana").stats().episodes == 0


def test_a_model_forgets_no_more_than_the_limit_in_one_turn(store, ask):
    ids = store.scope("ana").add([f"Otter {n}." for n in range(6)]).ids
    answers = ask(
        calling("forget", "c1", ids=list(ids[:2])),
        calling("forget", "c2", ids=list(ids[1:3])),  # one of them again: three in all
        calling("forget", "c3", ids=list(ids[3:4])),
        forget_limit=3,
    )
    assert [answer.startswith("No longer recalled") for answer in answers] == [True, True, False]
    assert answers[2] == "Nothing was forgotten: at most 3 records may be taken out in one turn."
    assert len(store.scope("ana").list()) == 3


def test_a_refused_call_forgets_nothing_at_all(store, ask):
    one, other = store.scope("ana").add(["Otter one.", "Otter two."]).ids
    store.scope("ana").pin(other)
    foreign = store.scope("bo").add("Otter of bo.").ids[0]
    answers = ask(calling("forget", "c1", ids=[one, other]), calling("forget", "c2", ids=[one, foreign]))
    assert f"{other} must be kept" in answers[0] and f"There is no memory {foreign}" in answers[1]
    assert state_of(store, one) is State.ACTIVE and len(store.scope("bo").list()) == 1


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (calling("remember", text="  "), "There is nothing to remember"),
        (calling("recall", query=" "), "The query is empty"),
        (calling("forget", ids=[]), "name the records by their ids"),
        (calling("forget", ids=["otter"]), "There is no memory otter in this scope"),
    ],
)
def test_a_model_is_told_what_is_wrong(ask, call, says):
    assert says in ask(call)[0]


def test_a_model_is_told_when_the_memory_cannot_be_used(store, ask, caplog):
    store.close()
    assert ask(calling("recall", query="otters")) == ["The memory cannot be used now; go on without it."]
    assert "a memory tool failed in scope ana" in caplog.text


def test_without_a_limit_there_is_nothing_to_forget_with(store):
    assert [tool.name for tool in memory_tools(store, scope="user_id", forget_limit=0)] == ["remember", "recall"]
    with pytest.raises(InvalidInput):
        memory_tools(store, scope="user_id", forget_limit=-1)


def test_the_description_of_forget_tells_what_it_does(store):
    kept, destroyed = (
        memory_tools(store, scope="user_id", destroy=destroy)[2].description for destroy in (False, True)
    )
    assert "can bring them back" in kept and "cannot be undone" in destroyed
