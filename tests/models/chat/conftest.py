"""A request, and servers that close themselves."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import pytest

from agentmem.llm import ChatRequest
from agentmem.testing.chat_server import ChatServer, chat_server
from agentmem.testing.conformance.chat import TEXTS, echo, request_about


@pytest.fixture
def request_() -> ChatRequest:
    return request_about(TEXTS[0])


@pytest.fixture
def serve() -> Iterator[Callable[..., ChatServer]]:
    with ExitStack() as servers:
        yield lambda behaviour="good", answer=echo, failures=None: servers.enter_context(
            chat_server(behaviour, answer, failures)
        )
