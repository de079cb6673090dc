"""A server on this machine that speaks OpenAI's chat protocol, well or badly, to drive the real client."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = Sequence[Mapping[str, str]]
Answer = Callable[[Messages], str]
"""What the model behind the server says to a conversation."""

BEHAVIOURS = (
    "good",  # answers, and obeys any response_format
    "slow",  # answers after a while
    "truncated",  # says that it stopped at the longest length
    "filtered",  # says that its content filter stopped it
    "refusing",  # declines to answer
    "empty",  # answers without text
    "no usage",  # does not say what it cost
    "malformed",  # HTTP 200, and JSON that breaks off
    "not JSON",  # HTTP 200, and a web page
    "nested",  # HTTP 200, and JSON too deep for any parser
    "another reply",  # HTTP 200, and JSON of another protocol
    "hanging",  # takes the request and says nothing
    "disconnecting",  # takes the request and hangs up
    "429",  # slow down, with Retry-After
    "no credit",  # 429 that no waiting helps
    "500",
    "503",  # overloaded, with Retry-After
    "400",  # a prompt too long
    "401",
    "404",
    "no json_schema",  # 400 for json_schema, obeys json_object
    "no response_format",  # 400 for any response_format
    "no temperature",  # 400 for a temperature, as reasoning models do
    "new length",  # 400 for max_tokens
)
RETRY_AFTER = 7
"""Seconds that 429 and 503 ask for."""


@dataclass(frozen=True, slots=True)
class Request:
    """What the server was sent: the body, and the headers by their names in lower case."""

    body: Mapping[str, Any]
    headers: Mapping[str, str]

    @property
    def format(self) -> str | None:
        """The type of the response_format asked for."""
        wanted = self.body.get("response_format")
        return wanted["type"] if wanted else None


class ChatServer:
    """``behaviour`` may be changed at any time; with ``failures`` it ends after so many requests, and is then good."""

    def __init__(self, behaviour: str, answer: Answer, failures: int | None) -> None:
        self.behaviour = behaviour
        self.failures = failures
        self.answer = answer
        self.released = threading.Event()
        self._requests: list[Request] = []
        self._lock = threading.Lock()
        self._http = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._http.daemon_threads = True
        self._thread = threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02})
        self._thread.start()

    @property
    def url(self) -> str:
        """The ``base_url``."""
        return f"http://127.0.0.1:{self._http.server_port}/v1"

    @property
    def requests(self) -> list[Request]:
        """What it was asked so far."""
        with self._lock:
            return list(self._requests)

    def close(self) -> None:
        """Let go of whoever waits, and stop."""
        self.released.set()
        self._http.shutdown()
        self._http.server_close()
        self._thread.join()

    def receive(self, request: Request) -> str:
        """Note a request; how to behave to it."""
        with self._lock:
            self._requests.append(request)
            behaviour = self.behaviour
            if self.failures is not None:
                behaviour = behaviour if self.failures > 0 else "good"
                self.failures -= 1
        if behaviour not in BEHAVIOURS:
            raise ValueError(f"No such behaviour: {behaviour!r}. There are {BEHAVIOURS}.")
        return behaviour


@contextmanager
def chat_server(
    behaviour: str = "good", answer: Answer = lambda _messages: "{}", failures: int | None = None
) -> Iterator[ChatServer]:
    """A running server.

    Args:
        behaviour: one of :data:`BEHAVIOURS`.
        answer: what the model behind it says.
        failures: how many requests it behaves to like this before it is good; ``None`` for all.
    """
    server = ChatServer(behaviour, answer, failures)
    try:
        yield server
    finally:
        server.close()


def _respond(server: ChatServer, request: Request, behaviour: str) -> tuple[int, dict[str, str], bytes]:
    refusal = _refusal(request, behaviour)
    if refusal is not None:
        status, error = refusal
        headers = {"Retry-After": str(RETRY_AFTER)} if behaviour in {"429", "503"} else {}
        return status, headers, json.dumps({"error": error}).encode()
    if behaviour == "not JSON":
        return 200, {"Content-Type": "text/html"}, b"<html>It works!</html>"
    if behaviour == "nested":
        return 200, {}, b'{"choices": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
    if behaviour == "another reply":
        return 200, {}, b'{"object": "list", "data": null}'
    body = json.dumps(_completion(server, request, behaviour)).encode()
    return 200, {}, body[: len(body) // 2] if behaviour == "malformed" else body


def _refusal(request: Request, behaviour: str) -> tuple[int, dict[str, Any]] | None:
    wanted, body = request.format, request.body
    found: dict[str, tuple[bool, int, str, str | None, str | None]] = {
        "429": (True, 429, "Rate limit reached.", "rate_limit_exceeded", None),
        "no credit": (True, 429, "You exceeded your current quota.", "insufficient_quota", None),
        "500": (True, 500, "The server had an error.", None, None),
        "503": (True, 503, "The engine is overloaded.", None, None),
        "400": (True, 400, "This model's maximum context length is 8192 tokens.", "context_length_exceeded", None),
        "401": (True, 401, "Incorrect API key provided.", "invalid_api_key", None),
        "404": (True, 404, "The model does not exist.", "model_not_found", None),
        "no json_schema": (
            wanted == "json_schema",
            400,
            "'response_format.type' must be 'json_object' or 'text'.",
            None,
            "response_format",
        ),
        "no response_format": (wanted is not None, 400, "Unrecognized field: response_format", None, None),
        "no temperature": (
            "temperature" in body,
            400,
            "Unsupported value: 'temperature' does not support 0.0 with this model.",
            "unsupported_value",
            "temperature",
        ),
        "new length": (
            "max_tokens" in body,
            400,
            "Unsupported parameter: 'max_tokens'. Use 'max_completion_tokens' instead.",
            "unsupported_parameter",
            "max_tokens",
        ),
    }
    applies, status, message, code, parameter = found.get(behaviour, (False, 0, "", None, None))
    return (status, {"message": message, "code": code, "param": parameter}) if applies else None


def _completion(server: ChatServer, request: Request, behaviour: str) -> dict[str, Any]:
    message: dict[str, Any] = {"role": "assistant", "content": server.answer(request.body["messages"])}
    if behaviour == "empty":
        message["content"] = None
    if behaviour == "refusing":
        message |= {"content": None, "refusal": "I will not."}
    reason = {"truncated": "length", "filtered": "content_filter"}.get(behaviour, "stop")
    found = {
        "id": "chatcmpl-1",
        "object": "chat.completion",
        "created": 0,
        "model": request.body["model"],
        "choices": [{"index": 0, "message": message, "finish_reason": reason}],
    }
    words = sum(len(sent["content"].split()) for sent in request.body["messages"])
    said = len((message["content"] or "").split())
    usage = {"prompt_tokens": words, "completion_tokens": said, "total_tokens": words + said}
    return found if behaviour == "no usage" else {**found, "usage": usage}


def _handler(server: ChatServer) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            request = Request(body, {name.lower(): value for name, value in self.headers.items()})
            behaviour = server.receive(request)
            if behaviour in {"slow", "hanging"}:
                server.released.wait(0.2 if behaviour == "slow" else 30.0)
            if behaviour in {"disconnecting", "hanging"}:
                self.close_connection = True
                return
            status, headers, content = _respond(server, request, behaviour)
            try:
                self.send_response(status if self.path == "/v1/chat/completions" else 404)
                for name, value in ({"Content-Type": "application/json"} | headers).items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(content)))
                self.end_headers()
                self.wfile.write(content)
            except (BrokenPipeError, ConnectionResetError):
                self.close_connection = True  # the client gave up waiting

        def log_message(self, format: str, *args: object) -> None:
            """Say nothing."""

    return Handler
