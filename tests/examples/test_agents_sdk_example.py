"""The parts of the examples for the OpenAI Agents SDK, with a model that calls tools and runs that are not alike."""

from __future__ import annotations

import asyncio
import json
import runpy
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("agents", reason="needs openai-agents: pip install openai-agents")

from agents import Agent, Model, ModelResponse, RunConfig, Runner, Usage
from agents.memory import Session
from openai.types.responses import ResponseFunctionToolCall, ResponseOutputMessage, ResponseOutputText

from agentmem import AgentMemory

EXAMPLES = Path(__file__).parents[2] / "examples"
QUIET = RunConfig(tracing_disabled=True)


class Scripted(Model):
    """Says, or calls, one thing after the other; ``seen`` are the instructions it was given."""

    def __init__(self, *lines: str | dict[str, Any]) -> None:
        self.lines = list(lines)
        self.seen: list[str] = []

    async def get_response(self, system_instructions: str | None, *_args: Any, **_more: Any) -> ModelResponse:
        self.seen.append(system_instructions or "")
        line = self.lines.pop(0)
        if isinstance(line, dict):
            name, call = line.pop("tool"), f"call{len(self.seen)}"
            said: Any = ResponseFunctionToolCall(
                call_id=call, type="function_call", name=name, arguments=json.dumps(line)
            )
        else:
            text = ResponseOutputText(text=line, type="output_text", annotations=[])
            said = ResponseOutputMessage(
                id=f"m{len(self.seen)}", role="assistant", status="completed", type="message", content=[text]
            )
        return ModelResponse(output=[said], usage=Usage(), response_id=None)

    def stream_response(self, *_args: Any, **_more: Any) -> Any:
        raise NotImplementedError


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], dict[str, Any]]:
    monkeypatch.chdir(tmp_path)
    return lambda name: runpy.run_path(str(EXAMPLES / f"{name}.py"))


def test_what_the_tool_keeps_is_in_the_next_instructions_and_in_no_other_scope(
    store: AgentMemory, example: Callable[[str], dict[str, Any]]
) -> None:
    parts = example("openai_agents_sdk")
    lines = ({"tool": "remember", "fact": "Ana is allergic to peanuts."}, "Kept.", "Not the satay.", "Who knows?")
    model = Scripted(*lines)
    waiter = Agent("waiter", instructions=parts["instructions"], tools=[parts["remember"]], model=model)

    async def talk() -> None:
        for person in ("ana", "ana", "bo"):
            await Runner.run(waiter, "peanuts", context=store.scope("acme", person), run_config=QUIET)

    asyncio.run(talk())
    assert [("Ana is allergic to peanuts." in seen) for seen in model.seen] == [False, True, True, False]
    assert "mem_" in model.seen[2]  # quoted, with its id


def test_a_model_cannot_name_a_scope(example: Callable[[str], dict[str, Any]]) -> None:
    tool = example("openai_agents_sdk")["remember"]
    assert set(tool.params_json_schema["properties"]) == {"fact"}


def test_a_model_that_names_a_scope_all_the_same_reaches_its_own(
    store: AgentMemory, example: Callable[[str], dict[str, Any]]
) -> None:
    parts = example("openai_agents_sdk")
    model = Scripted({"tool": "remember", "fact": "A secret.", "scope": "bo", "user_id": "bo"}, "Done.")
    waiter = Agent("waiter", instructions=parts["instructions"], tools=[parts["remember"]], model=model)
    asyncio.run(Runner.run(waiter, "hello", context=store.scope("acme", "ana"), run_config=QUIET))
    assert {scope.names for scope in store.scopes()} <= {("acme", "ana")}


def test_a_session_keeps_the_conversation_as_the_sdk_does_and_remembers_what_was_said(
    store: AgentMemory, example: Callable[[str], dict[str, Any]]
) -> None:
    memory = store.scope("acme", "ana")
    session = example("openai_agents_session")["RememberingSession"]("monday", memory)
    assert isinstance(session, Session)
    parts = example("openai_agents_sdk")
    model = Scripted({"tool": "remember", "fact": "Ana likes tea."}, "Noted.", "Tea, then.")
    waiter = Agent("waiter", tools=[parts["remember"]], model=model)

    async def talk() -> tuple[int, Any, list[Any]]:
        for text in ("I like tea.", "What do I like?"):
            await Runner.run(waiter, text, session=session, context=memory, run_config=QUIET)
        kept = len(await session.get_items())
        last = await session.pop_item()
        await session.clear_session()
        return kept, last, await session.get_items()

    kept, last, after = asyncio.run(talk())
    session.close()
    assert kept == 6  # two questions, a call and its result, two answers
    assert last["role"] == "assistant" and after == []
    said = [(one.text, one.role, one.session) for one in memory.list() if one.session]
    assert said == [
        ("I like tea.", "user", "monday"),
        ("Noted.", "assistant", "monday"),
        ("What do I like?", "user", "monday"),
        ("Tea, then.", "assistant", "monday"),
    ]
