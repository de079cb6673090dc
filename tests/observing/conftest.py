"""What tests of observing start from: OpenTelemetry's real SDK, exporting into memory; and a model that is scripted."""

from __future__ import annotations

import json
import re

import pytest
from watching import Watched

from agentmem import AgentMemory
from agentmem.testing import FakeEmbedder, ScriptedChat

_LINE = re.compile(r"\[(\d+)\] (?:(\w+): )?(.*)")


@pytest.fixture
def watched():
    found = Watched()
    yield found
    found.close()


@pytest.fixture
def opened(database, clock, watched):
    """Opens the database, watched; closes all at the end."""
    stores = []

    def open_it(path=database, **arguments):
        arguments = {"embedder": FakeEmbedder(), "clock": clock, "observer": watched.observer, **arguments}
        stores.append(AgentMemory.open(path, **arguments))
        return stores[-1]

    yield open_it
    for store in stores:
        store.close()


@pytest.fixture
def chat():
    """A model that finds a fact in every line."""

    def answer(request):
        lines = [_LINE.fullmatch(line) for line in request.prompt.variables["text"].splitlines()]
        facts = [
            {
                "text": f"{line[2] or 'It says'}: {line[3]}",
                "speaker": line[2],
                "subject": line[2],
                "time": None,
                "keys": [],
                "source": [int(line[1])],
            }
            for line in lines
            if line
        ]
        return json.dumps({"entities": [], "triples": [], "facts": facts, "summary": ""})

    return ScriptedChat({"extract": answer}, name="openai:gpt-test")
