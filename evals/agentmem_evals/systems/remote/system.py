"""A system that runs in another interpreter, as the runner sees it: like any other."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from agentmem.types import Usage
from agentmem_evals import errors
from agentmem_evals.errors import EvalError
from agentmem_evals.systems import failures
from agentmem_evals.systems.failures import RemoteFailure, RemoteGone
from agentmem_evals.systems.remote.lending import command
from agentmem_evals.systems.remote.process import Process
from agentmem_evals.systems.remote.serve import ANSWER, CLOSE, DESCRIBE, INGEST, RETRIEVE, STORED_BYTES
from agentmem_evals.systems.remote.wire import (
    Json,
    body_to_json,
    retrieved_from_json,
    time_to_json,
    usage_from_json,
)
from agentmem_evals.types import Body, Retrieved

Command = list[str]


def open_remote(spec: str, python: str, *, embedder_name: str, batch: int) -> RemoteSystem:
    """Start the interpreter ``python`` and make the system that ``spec`` names in it.

    Raises:
        RemoteGone: the process ended, or is no interpreter.
        RemoteFailure: the system could not be made.
        EvalError: the program cannot be started, or the system refused; as the type that it refused with.
    """
    return connect(command(python, spec, embedder_name, batch))


def connect(line: Command, *, grace: float = 10.0) -> RemoteSystem:
    """The system that a command line serves; see :func:`open_remote`."""
    process = Process(line, grace)
    try:
        said = _result(process.ask(DESCRIBE, {}))
        kind = AnsweringRemoteSystem if said["answers"] else RemoteSystem
        return kind(line, process, said["described"], grace)
    except BaseException as error:
        process.close()
        if isinstance(error, (LookupError, TypeError)):
            raise RemoteGone(f"The system's process does not say what it is: {error!r}.") from error
        raise


class RemoteSystem:
    """Asks the process, one call at a time. A process that died is replaced when the next body is taken in.

    Until then everything raises :class:`RemoteGone`; what the dead one had cost is kept.
    """

    def __init__(self, line: Command, process: Process, described: Mapping[str, Any], grace: float) -> None:
        self.name = str(described["name"])
        self._line = line
        self._grace = grace
        self._process = process
        self._described = dict(described)
        self._lock = threading.Lock()
        self._earlier = Usage()
        self._usage = Usage()

    @property
    def pid(self) -> int:
        """The number of the process that is asked."""
        return self._process.pid

    def describe(self) -> Mapping[str, Any]:
        """What the system says of itself, with the version of its Python."""
        return {**self._described, "own_process": True}

    def ingest(self, body: Body) -> None:
        """See :class:`~agentmem_evals.systems.protocol.System`.

        Raises:
            RemoteGone: the process ended.
            RemoteFailure: the system raised.
        """
        if not self._process.is_alive:
            self._replace()
        self._ask(INGEST, body=body_to_json(body))

    def retrieve(self, question: str, k: int, *, asked_at: datetime | None = None) -> Retrieved:
        """See :class:`~agentmem_evals.systems.protocol.System`; the latency has two writes to a pipe more.

        Raises:
            RemoteGone: the process ended.
            RemoteFailure: the system raised.
        """
        return retrieved_from_json(self._ask(RETRIEVE, question=question, k=k, asked_at=time_to_json(asked_at)))

    def usage(self) -> Usage:
        """What was asked for up to the last reply, of processes that died too."""
        return self._earlier + self._usage

    def stored_bytes(self) -> int:
        """See :class:`~agentmem_evals.systems.protocol.System`.

        Raises:
            RemoteGone: the process ended.
            RemoteFailure: the system raised.
        """
        return int(self._ask(STORED_BYTES))

    def close(self) -> None:
        """Let the system close, and end the process; by force, if it is busy."""
        self._process.close(CLOSE)

    def _ask(self, call: str, **arguments: Any) -> Any:
        with self._lock:
            reply = self._process.ask(call, arguments)
            if "usage" in reply:
                self._usage = usage_from_json(reply["usage"])
            return _result(reply)

    def _replace(self) -> None:
        self._process.close()
        self._earlier, self._usage = self.usage(), Usage()
        self._process = Process(self._line, self._grace)


class AnsweringRemoteSystem(RemoteSystem):
    """One that answers by itself."""

    def answer(self, question: str, *, asked_at: datetime | None = None) -> str:
        """See :class:`~agentmem_evals.systems.protocol.AnsweringSystem`.

        Raises:
            RemoteGone: the process ended.
            RemoteFailure: the system raised.
        """
        return str(self._ask(ANSWER, question=question, asked_at=time_to_json(asked_at)))


def _result(reply: Json) -> Any:
    if "error" not in reply:
        return reply["result"]
    kind, message = str(reply["error"]["type"]), str(reply["error"]["message"])
    refusal = getattr(errors, kind, None) or getattr(failures, kind, None)
    if isinstance(refusal, type) and issubclass(refusal, EvalError):
        raise refusal(message)  # the evaluations' own words, which need no name of a type before them
    raise RemoteFailure(f"{kind}: {message}")
