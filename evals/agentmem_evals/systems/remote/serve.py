"""The side of the system: makes it, and does what each line asks until there are no more.

A request is ``{"id": 1, "call": "retrieve", ...}``. The reply has the same id and either ``result`` or
``error: {type, message}``, and always ``usage``, so that counting costs no call of its own.
"""

from __future__ import annotations

import json
import platform
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TextIO

from agentmem.types import Usage
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.protocol import AnsweringSystem, System
from agentmem_evals.systems.remote.wire import Json, body_from_json, retrieved_to_json, time_from_json

if TYPE_CHECKING:
    from agentmem_evals.embedding.meter import MeteredEmbedder

DESCRIBE, INGEST, RETRIEVE, ANSWER, STORED_BYTES, CLOSE = (
    "describe",
    "ingest",
    "retrieve",
    "answer",
    "stored_bytes",
    "close",
)
Make = Callable[[], System]


def serve(make: Make, requests: TextIO, replies: TextIO) -> None:
    """Reply to every request. The system is made at the first, so that a refusal to be made is a reply too."""
    served = _Served(make)
    for line in requests:
        request: Json = json.loads(line)
        is_last = request["call"] == CLOSE
        replies.write(served.reply(request) + "\n")
        replies.flush()
        if is_last:
            return
    served.close()  # whoever asked is gone


def maker(spec: str, embedder_name: str, batch: int) -> Make:
    """Makes a system of this process; the embedding model is made when the system asks for it."""

    def embedder() -> MeteredEmbedder | None:
        from agentmem_evals.embedding.source import EmbedderSource

        return EmbedderSource(embedder_name)()

    return lambda: make_system(spec, embedder, batch)


class _Served:
    def __init__(self, make: Make) -> None:
        self._make = make
        self._made: System | None = None
        self._counted: Json = asdict(Usage())

    def reply(self, request: Mapping[str, Any]) -> str:
        """The reply to a request, as a line without its end."""
        said: Json
        try:
            said = {"id": request["id"], "result": self._done(request), "usage": self._count()}
            return json.dumps(said)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - the boundary to systems of others
            said = {"type": type(error).__name__, "message": str(error)}
            return json.dumps({"id": request["id"], "error": said, "usage": self._counted_last()})

    def close(self) -> None:
        """Close the system, if it was made."""
        if self._made is not None:
            self._made.close()
            self._made = None

    def _done(self, request: Mapping[str, Any]) -> Any:
        call = request["call"]
        if call == CLOSE:
            return self.close()
        if self._made is None:
            self._made = self._make()
        return _CALLS[call](self._made, request)

    def _count(self) -> Json:
        """What the system has asked of models so far. One that cannot tell has failed: it would look free."""
        if self._made is not None:
            self._counted = asdict(self._made.usage())
        return self._counted

    def _counted_last(self) -> Json:
        try:
            return self._count()
        except Exception:  # noqa: BLE001 - the boundary to systems of others; the error that is being told came first
            return self._counted


def _describe(system: System, _request: Mapping[str, Any]) -> Json:
    return {
        "described": {**system.describe(), "python": platform.python_version()},
        "answers": isinstance(system, AnsweringSystem),
    }


def _ingest(system: System, request: Mapping[str, Any]) -> None:
    system.ingest(body_from_json(request["body"]))


def _retrieve(system: System, request: Mapping[str, Any]) -> Json:
    at = time_from_json(request["asked_at"])
    return retrieved_to_json(system.retrieve(request["question"], request["k"], asked_at=at))


def _answer(system: System, request: Mapping[str, Any]) -> str:
    if not isinstance(system, AnsweringSystem):
        raise TypeError(f"{system.name} does not answer")
    return system.answer(request["question"], asked_at=time_from_json(request["asked_at"]))


def _stored_bytes(system: System, _request: Mapping[str, Any]) -> int:
    return system.stored_bytes()


_CALLS: Mapping[str, Callable[[System, Mapping[str, Any]], Any]] = {
    DESCRIBE: _describe,
    INGEST: _ingest,
    RETRIEVE: _retrieve,
    ANSWER: _answer,
    STORED_BYTES: _stored_bytes,
}
