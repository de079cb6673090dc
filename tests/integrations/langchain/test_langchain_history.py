"""The chat history: every message comes back as it was; what is said is found; clearing does what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")

from langchain_agentmem import AgentMemChatMessageHistory
from langchain_core.language_models.fake_chat_models import GenericFakeChatModel
from langchain_core.messages import (
    AIMessage,
    AIMessageChunk,
    ChatMessage,
    FunctionMessage,
    HumanMessage,
    SystemMessage,
    ToolMessage,
)

from agentmem import AgentMemory, ScopeHandle
from agentmem.errors import InvalidInput
from agentmem.types import State

LONG = " ".join(f"Sentence {number} is about the otter." for number in range(200))
PICTURE = {"type": "image_url", "image_url": {"url": "data:image/png;base64,AAAA"}}
CONVERSATION = [
    SystemMessage("You are a travel agent.", id="s"),
    HumanMessage("Find me a flight to Graz.", id="h", name="Ana"),
    AIMessage(
        "",
        id="a1",
        tool_calls=[{"name": "search", "args": {"to": "Graz", "n": [1, 2]}, "id": "call-1", "type": "tool_call"}],
        usage_metadata={"input_tokens": 3, "output_tokens": 4, "total_tokens": 7},
        response_metadata={"finish_reason": "tool_calls"},
    ),
    ToolMessage("[]", tool_call_id="call-1", id="t", artifact={"flights": []}, status="error"),
    AIMessage([{"type": "text", "text": "There is none to Graz."}, {"type": "reasoning", "reasoning": "?"}], id="a2"),
    HumanMessage([{"type": "text", "text": "What is this?"}, PICTURE]),
    HumanMessage([PICTURE]),
    AIMessage("  ", additional_kwargs={"refusal": "No."}),
    AIMessageChunk(content="A streamed answer.", id="c"),
    FunctionMessage("42", name="answer"),
    ChatMessage("I am the moderator.", role="moderator"),
    HumanMessage(LONG),
    HumanMessage("  kept with its spaces \n"),
    HumanMessage("The end ✓ 🦦"),
]


@pytest.fixture
def history(handle: ScopeHandle) -> AgentMemChatMessageHistory:
    return AgentMemChatMessageHistory(handle, "monday")


@pytest.mark.parametrize("message", CONVERSATION, ids=lambda message: f"{message.type}-{message.id}")
def test_a_message_comes_back_as_it_was(history: AgentMemChatMessageHistory, message: Any) -> None:
    history.add_messages([message])
    (found,) = history.messages
    assert type(found) is type(message) and found == message


def test_a_conversation_comes_back_in_its_order(history: AgentMemChatMessageHistory) -> None:
    history.add_messages(CONVERSATION[:5])
    history.add_user_message("And to Linz?")
    history.add_ai_message("There is one on 12 May.")
    history.add_messages(CONVERSATION[5:])
    assert history.messages == [
        *CONVERSATION[:5],
        HumanMessage("And to Linz?"),
        AIMessage("There is one on 12 May."),
        *CONVERSATION[5:],
    ]
    history.add_messages([])
    assert len(history.messages) == len(CONVERSATION) + 2
    assert "Human: And to Linz?" in str(history)


def test_what_is_said_is_found_and_what_is_not_said_is_not(
    handle: ScopeHandle, history: AgentMemChatMessageHistory
) -> None:
    history.add_messages(CONVERSATION)
    found = handle.retrieve("flight to Graz travel agent search 42 otter", k=100)
    texts = {hit.text for hit in found}
    assert "Find me a flight to Graz." in texts and "There is none to Graz." in texts and "What is this?" in texts
    assert {hit.role for hit in found} == {"user", "assistant", "moderator"}
    assert {hit.session for hit in found} == {"monday"} and "Ana" in {hit.speaker for hit in found}


def test_sessions_and_scopes_are_apart(handle: ScopeHandle, store: AgentMemory) -> None:
    one, two = (AgentMemChatMessageHistory(handle, id) for id in ("monday", "tuesday"))
    other = AgentMemChatMessageHistory(store.scope("acme", "bo"), "monday")
    one.add_user_message("one")
    two.add_user_message("two")
    other.add_user_message("other")
    assert [each.messages[0].content for each in (one, two, other)] == ["one", "two", "other"]
    one.clear()
    assert [len(each.messages) for each in (one, two, other)] == [0, 1, 1]


def test_other_memories_of_a_session_are_left_alone(handle: ScopeHandle, history: AgentMemChatMessageHistory) -> None:
    (id,) = handle.add("Ana likes otters.", speaker="Ana", session="monday").ids
    history.add_user_message("Hello!")
    assert history.messages == [HumanMessage("Hello!")]
    history.clear()
    assert handle.get(id).state is State.ACTIVE


def test_clearing_takes_out_of_retrieval_and_can_be_taken_back(
    handle: ScopeHandle, history: AgentMemChatMessageHistory
) -> None:
    history.add_messages(CONVERSATION)
    history.clear()
    assert history.messages == [] and list(handle.retrieve("flight to Graz otter", k=50)) == []
    history.add_user_message("A new start.")
    assert history.messages == [HumanMessage("A new start.")]
    old = next(memory for memory in handle.list(state="retired", limit=1_000) if memory.text.startswith("Find me"))
    handle.restore(old.id)
    assert history.messages == [CONVERSATION[1], HumanMessage("A new start.")]


def test_clearing_can_destroy(handle: ScopeHandle) -> None:
    history = AgentMemChatMessageHistory(handle, "monday", destroy=True)
    history.add_messages(CONVERSATION)
    history.clear()
    assert history.messages == [] and len(handle.list(state=None)) == 0 and handle.stats().episodes == 0


def test_a_reworded_memory_does_not_change_what_was_said(
    handle: ScopeHandle, history: AgentMemChatMessageHistory
) -> None:
    history.add_user_message("I live in Lisbon.")
    handle.update(handle.list()[0].id, text="Ana lives in Lisbon.")
    assert history.messages == [HumanMessage("I live in Lisbon.")]


def test_what_json_cannot_hold_is_refused_and_nothing_is_stored(history: AgentMemChatMessageHistory) -> None:
    with pytest.raises(InvalidInput, match="artifact"):
        history.add_messages([HumanMessage("Hi"), ToolMessage("x", tool_call_id="1", artifact=object())])
    assert history.messages == []


def test_wrong_arguments_are_refused(handle: ScopeHandle, store: AgentMemory) -> None:
    with pytest.raises(InvalidInput, match="scope"):
        AgentMemChatMessageHistory(store, "monday")  # type: ignore[arg-type]
    with pytest.raises(InvalidInput, match="id"):
        AgentMemChatMessageHistory(handle, "")


async def test_it_can_be_awaited(history: AgentMemChatMessageHistory) -> None:
    await history.aadd_messages(CONVERSATION[:2])
    assert await history.aget_messages() == CONVERSATION[:2]
    await history.aclear()
    assert await history.aget_messages() == []


@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of LangChain: this is what it deprecates
def test_it_serves_runnable_with_message_history(handle: ScopeHandle) -> None:
    from langchain_core.runnables.history import RunnableWithMessageHistory

    model = GenericFakeChatModel(messages=iter(["Hello Ana!", "You are Ana."]))
    chain = RunnableWithMessageHistory(model, lambda session_id: AgentMemChatMessageHistory(handle, session_id))
    for text in ("I am Ana.", "Who am I?"):
        chain.invoke([HumanMessage(text)], {"configurable": {"session_id": "monday"}})
    said = [message.content for message in AgentMemChatMessageHistory(handle, "monday").messages]
    assert said == ["I am Ana.", "Hello Ana!", "Who am I?", "You are Ana."]


def test_importing_and_using_it_warns_of_nothing(tmp_path: Path) -> None:
    code = """if True:
        from agentmem import AgentMemory
        from langchain_agentmem import AgentMemChatMessageHistory
        with AgentMemory.open("x.db", embedder="none") as store:
            history = AgentMemChatMessageHistory(store.scope("ana"), "monday")
            history.add_user_message("Hi")
            print(len(history.messages))
    """
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=False, cwd=tmp_path
    )
    assert (done.stdout.strip(), done.stderr) == ("1", "")


def test_messages_that_hold_memories_come_back_as_they_were_and_are_no_new_memories(handle):
    handle.add(["Ana likes tea.", "Bo likes coffee."], session="before")
    block = str(handle.context("Who likes tea?", tokens=500))
    said = [
        HumanMessage(f"What do I like?\n{block}\nYou see."),
        AIMessage("", tool_calls=[{"name": "recall", "args": {"query": "tea"}, "id": "c1", "type": "tool_call"}]),
        ToolMessage(block, tool_call_id="c1", name="recall"),
        HumanMessage(block),
        HumanMessage([{"type": "text", "text": block}]),
        AIMessage(f"Tea.\n{block}"),
        AIMessage(f"  {block}"),
    ]
    history = AgentMemChatMessageHistory(handle, "monday")
    history.add_messages(said)
    assert history.messages == said
    found = [hit.text for hit in handle.retrieve("Who likes tea?", session="monday")]
    assert sorted(found) == ["Tea.", "What do I like?\nYou see."]
    history.clear()
    assert history.messages == []
