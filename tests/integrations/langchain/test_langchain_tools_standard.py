"""LangChain's own suites for tools, on the three of a memory, called as an agent would call them."""

from __future__ import annotations

from typing import ClassVar

import pytest

pytest.importorskip("langchain_agentmem", reason="needs langchain-agentmem: pip install -e integrations/langchain")
pytest.importorskip("langchain_tests", reason="needs langchain-tests: pip install -e 'integrations/langchain[test]'")

from langchain.tools import ToolRuntime
from langchain_agentmem import memory_tools
from langchain_tests.integration_tests import ToolsIntegrationTests
from langchain_tests.unit_tests import ToolsUnitTests

from agentmem import AgentMemory

RUNTIME = ToolRuntime(
    state={"messages": []},
    context={"user_id": "ana"},
    config={},
    stream_writer=lambda _: None,
    tool_call_id="call-1",
    store=None,
)


class OfMemory:
    """What the two suites ask of a test of one tool."""

    tool_name: str
    arguments: dict

    @pytest.fixture(autouse=True)
    def _opened(self):
        with AgentMemory.open(":memory:", embedder="none") as store:
            self.store = store
            self.known = store.scope("ana").add("Ana likes otters.").ids
            yield

    @property
    def tool_constructor(self):
        return next(tool for tool in memory_tools(self.store, scope="user_id") if tool.name == self.tool_name)

    @property
    def tool_invoke_params_example(self):
        return {**self.arguments, "runtime": RUNTIME}


class Remember(OfMemory):
    tool_name = "remember"
    arguments: ClassVar = {"text": "Ana's otter is called Olga."}


class Recall(OfMemory):
    tool_name = "recall"
    arguments: ClassVar = {"query": "What does Ana like?"}


class Forget(OfMemory):
    tool_name = "forget"

    @property
    def arguments(self):
        return {"ids": list(self.known)}


class TestRememberUnit(Remember, ToolsUnitTests):
    pass


class TestRecallUnit(Recall, ToolsUnitTests):
    pass


class TestForgetUnit(Forget, ToolsUnitTests):
    pass


class TestRememberIntegration(Remember, ToolsIntegrationTests):
    pass


class TestRecallIntegration(Recall, ToolsIntegrationTests):
    pass


class TestForgetIntegration(Forget, ToolsIntegrationTests):
    pass
