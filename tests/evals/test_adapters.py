"""Adapters over packages of others: the refusal where they are not installed, and real bodies where they are."""

from __future__ import annotations

import os
import re
from importlib.util import find_spec
from typing import Any

import pytest
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.failures import MissingPackage, RemoteFailure
from agentmem_evals.systems.protocol import AnsweringSystem
from agentmem_evals.types import Corpus, Dataset, Passage

from agentmem.protocols import Embedder
from agentmem.testing.chat_server import Messages, chat_server

EXTRACTED = (
    '("entity"<|>"ADA"<|>"person"<|>"Ada, who makes things")##("entity"<|>"BEN"<|>"person"<|>"Ben, who runs")##'
    '("relationship"<|>"ADA"<|>"BEN"<|>"They talk"<|>5)<|COMPLETE|>'
)
REPORT = '{"title": "Talk", "summary": "They talk.", "rating": 1, "rating_explanation": "", "findings": []}'
PACKAGES = {"mem0": "mem0", "langmem": "langmem"}


@pytest.mark.parametrize(("name", "pip"), [("mem0", "mem0ai==2.2.1"), ("langmem", "langmem==0.0.30")])
def test_a_missing_package_is_refused_with_the_command(name: str, pip: str, word_embedder: Embedder) -> None:
    if find_spec(PACKAGES[name]) is not None:
        pytest.skip(f"{name} is installed here")
    with pytest.raises(MissingPackage, match=rf"-m pip install {re.escape(pip)}(?s:.*)--python"):
        make_system(name, lambda: MeteredEmbedder(word_embedder), 10)


@pytest.mark.parametrize("name", PACKAGES)
def test_an_installed_package_is_driven(name: str, small: Dataset, word_embedder: Embedder) -> None:
    """Here, or in the interpreter that ``AGENTMEM_EVALS_PYTHON_MEM0`` (``…_LANGMEM``) names, with the default model."""
    python = os.environ.get(f"AGENTMEM_EVALS_PYTHON_{name.upper()}")
    if python is None and find_spec(PACKAGES[name]) is None:
        pytest.skip(
            f"{name} is not installed, and AGENTMEM_EVALS_PYTHON_{name.upper()} names no interpreter that has it"
        )
    system: Any = make_system(name, lambda: MeteredEmbedder(word_embedder), 10, python=python)
    try:
        assert system.describe()["version"]
        for body in small.bodies:
            system.ingest(body)
            ids = {item.id for item in body.items}
            for item in body.items:
                found = system.retrieve(item.text, 3)
                assert found.items[0] == item.id and set(found.items) <= ids and found.sessions is None
            assert system.stored_bytes() > 0
        system.ingest(Corpus("c", (Passage("0", "Otters", "They swim."), Passage("1", "Rain", " "))))
        assert system.retrieve("Otters swim", 5).items == ("0",)
        assert system.usage().embedded_texts > 0 and system.usage().llm_calls == 0
    finally:
        system.close()


def follows_prompts(messages: Messages) -> str:
    """Two entities in every text, a report on every community, and an answer to anything else."""
    asked = messages[-1]["content"]
    if "completion_delimiter" in asked or "<|COMPLETE|>" in asked:
        return EXTRACTED
    return REPORT if messages[0]["role"] != "system" and "JSON" in asked else "So they say."


def test_a_graph_is_built_with_a_language_model(small: Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the interpreter that AGENTMEM_EVALS_PYTHON_NANO_GRAPHRAG names, with a chat server of this machine."""
    python = os.environ.get("AGENTMEM_EVALS_PYTHON_NANO_GRAPHRAG")
    if python is None:
        pytest.skip("AGENTMEM_EVALS_PYTHON_NANO_GRAPHRAG names no interpreter that has nano-graphrag")
    with chat_server(answer=follows_prompts) as server:
        monkeypatch.setenv("OPENAI_BASE_URL", server.url)
        monkeypatch.setenv("OPENAI_API_KEY", "unused")
        system: Any = make_system("nano-graphrag:scripted", lambda: None, 10, python=python)
        try:
            assert isinstance(system, AnsweringSystem) and system.describe()["llm_to_build"] == "scripted"
            for body in small.bodies:
                system.ingest(body)
                # Every text names both of them, so every text is a source of what is found about one.
                told = {item.id for item in body.items if item.text.strip()}
                assert set(system.retrieve("Ada, who makes things", 50).items) == told
                assert len(system.retrieve("Ada, who makes things", 1).items) == 1
                assert system.answer("What does Ada do?") == "So they say."
                assert system.stored_bytes() > 0
            usage = system.usage()
            assert usage.llm_calls == len(server.requests) > 0 and usage.prompt_tokens > 0 and usage.embedded_texts > 0
            server.answer = lambda _messages: "I do not understand."
            with pytest.raises(EvalError, match="extracted nothing"):
                system.ingest(small.bodies[0])
            server.behaviour = "401"
            with pytest.raises(RemoteFailure, match="AuthenticationError"):
                system.ingest(small.bodies[0])
        finally:
            system.close()


def test_a_graph_needs_a_model(word_embedder: Embedder) -> None:
    with pytest.raises(EvalError, match="nano-graphrag:MODEL"):
        make_system("nano-graphrag", lambda: MeteredEmbedder(word_embedder), 10)
