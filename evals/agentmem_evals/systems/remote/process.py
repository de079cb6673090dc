"""The runner's side of the two streams: a process that is asked one thing at a time, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from typing import Any

from agentmem_evals.errors import EvalError
from agentmem_evals.systems.failures import RemoteGone
from agentmem_evals.systems.remote.wire import Json

_LONGEST_LINE = 64 * 2**20
_LAST_WORDS = 1_500
"""How many characters of the error stream an error quotes."""


class Process:
    """A child process. It has a session of its own, so that Ctrl-C reaches the runner only, which then ends it.

    Args:
        command: the command line.
        grace: seconds that it may take to end when it was asked to.

    Raises:
        EvalError: there is no such program, or it may not be run.
    """

    def __init__(self, command: Sequence[str], grace: float = 10.0) -> None:
        self._grace = grace
        self._python = command[0]
        self._number = 0
        self._is_waiting = False
        self._has_ended = False
        # A file, not a pipe: nobody need read it while the process runs.
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed with the process
        try:
            self._child = subprocess.Popen(  # noqa: S603 - the interpreter that the user names
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=self._errors,
                start_new_session=True,
            )
        except OSError as error:
            self._errors.close()
            raise EvalError(
                f"--python {command[0]} cannot be started: {error.strerror}. Name an interpreter."
            ) from error

    @property
    def pid(self) -> int:
        """The process's number."""
        return self._child.pid

    @property
    def is_alive(self) -> bool:
        """Whether it can be asked."""
        return not self._has_ended and self._child.poll() is None

    def ask(self, call: str, arguments: Mapping[str, Any]) -> Json:
        """The reply to a call: ``result`` or ``error``, and ``usage``.

        Raises:
            RemoteGone: the process ended, or what it said is no reply; it is ended then.
        """
        if self._has_ended:
            raise RemoteGone(f"The system's process is gone ({self._status()}).{self._last_words()}")
        self._number += 1
        line = json.dumps({"id": self._number, "call": call, **arguments}) + "\n"
        self._is_waiting = True
        said = self._exchange(line.encode())
        self._is_waiting = False
        return self._read(said, call)

    def close(self, call: str | None = None) -> None:
        """End the process: ask it to with ``call``, if it is listening, and end it by force if that takes too long."""
        if self._errors.closed:
            return
        if call is not None and not self._is_waiting and self.is_alive:
            try:
                self._stdin().write((json.dumps({"id": 0, "call": call}) + "\n").encode())
                self._stdin().close()
                self._child.wait(self._grace)
            except (OSError, subprocess.TimeoutExpired):
                pass  # ended by force below
        self._end()
        self._errors.close()

    def _exchange(self, line: bytes) -> bytes:
        stdout = self._child.stdout
        assert stdout is not None
        with suppress(OSError):  # it ended, and may have said why before
            self._stdin().write(line)
            self._stdin().flush()
        return stdout.readline(_LONGEST_LINE)

    def _read(self, said: bytes, call: str) -> Json:
        if not said:
            with suppress(subprocess.TimeoutExpired):  # it is ending by itself, and its status says why
                self._child.wait(self._grace)
            self._end()
            raise RemoteGone(f"The system's process ended during {call!r} ({self._status()}).{self._last_words()}")
        try:
            reply = json.loads(said)
            if not isinstance(reply, dict) or not _is_reply(reply, self._number):
                raise ValueError("not a reply")
        except ValueError as error:
            self._end()
            heard = said[:200].decode(errors="replace").strip()
            raise RemoteGone(
                f"The system's process answered {call!r} with something else than the protocol: {heard!r}. Is "
                f"--python {self._python} an interpreter?{self._last_words()}"
            ) from error
        return reply

    def _end(self) -> None:
        self._has_ended = True
        if self._child.poll() is None:
            if sys.platform == "win32":
                self._child.kill()
            else:
                os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        for stream in (self._child.stdin, self._child.stdout):
            if stream is not None:
                with suppress(OSError):  # what was still to be written has no reader any more
                    stream.close()

    def _stdin(self) -> Any:
        assert self._child.stdin is not None
        return self._child.stdin

    def _status(self) -> str:
        code = self._child.returncode
        if code is not None and code < 0:
            return f"killed by {signal.Signals(-code).name}"
        return f"exit status {code}"

    def _last_words(self) -> str:
        if self._errors.closed:
            return ""
        size = self._errors.seek(0, os.SEEK_END)
        self._errors.seek(max(0, size - 4 * _LAST_WORDS))
        text = self._errors.read().decode(errors="replace").strip()[-_LAST_WORDS:]
        return f" Its last words:\n{text}" if text else ""


def _is_reply(reply: Json, number: int) -> bool:
    error = reply.get("error")
    if isinstance(error, dict):
        return reply.get("id") in (number, None) and {"type", "message"} <= error.keys()
    return reply.get("id") == number and "result" in reply and isinstance(reply.get("usage"), dict)
