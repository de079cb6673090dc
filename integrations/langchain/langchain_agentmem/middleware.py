"""The memory of an agent, as middleware: recall before the model is called, capture of what was said."""

from __future__ import annotations

import asyncio
import dataclasses
import logging
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Self

from langchain.agents.middleware import AgentMiddleware, AgentState, ModelRequest, ModelResponse
from langchain_core.messages import AnyMessage
from langgraph.runtime import Runtime

from agentmem import AgentMemory
from agentmem import clock as clocks
from agentmem.errors import AgentMemError, ForgottenRef, InvalidInput, RefConflict
from agentmem.models.chat.budget import Budget
from agentmem.protocols import Clock
from agentmem.retrieval.context import ContextBlock
from agentmem.types import Scope
from langchain_agentmem.capture_worker import Capture, CaptureWorker
from langchain_agentmem.errors import FailedCapture
from langchain_agentmem.prompting import with_block
from langchain_agentmem.scoping import ScopeRule, attribute, checked_rule, checked_store, scope_of, thread_of
from langchain_agentmem.turns import REF, awaits_answer, before_question, marked, question, refs, said

logger = logging.getLogger(__name__)


class AgentMemMiddleware(AgentMiddleware[AgentState[Any], Any]):
    """Gives an agent of ``create_agent`` the memory of one scope, which the runtime context names.

    Before each call of the model, what the scope remembers about the last user message is put behind the system
    message, as a block of quoted, dated records (:meth:`agentmem.ScopeHandle.context`). It is made for this call only
    and never becomes part of the agent's state. What the model sees as messages anyway is left out of it.

    What was said is stored in the background: the user's messages when the model is first called, so that they are
    kept whatever happens then; the model's when its turn ends. A message that cannot be stored is logged and raised by
    :meth:`flush`; it disturbs neither the agent nor the other messages. Nothing is stored twice when a thread is
    resumed or a node is run again, for the message's id and content are its ``ref``.

    Serves agents that are invoked and agents that are awaited. May be shared by agents and threads. Close it before
    the store, or use it with ``with``.

    Args:
        store: where the memories are. It stays open when this is closed.
        scope: whose memory: the name of an attribute (or key) of the runtime context, or a function of the runtime
            that returns the scope's names.
        tokens: the most that the block may take, by the store's counter; 0 recalls nothing.
        k: how many memories compete for the block.
        kinds: only memories of these kinds.
        recipe: answer as another recipe would.
        conversation: how many messages before the question go with it, for one that points back ("and when did
            she?"). A store with a language model asks it to rewrite the question.
        budget: the most that the store's language model may be asked at each recall, where it is asked at all.
        capture: whether what is said is stored.
        speaker: who the user is, by name: an attribute of the runtime context; what is no text becomes one. The
            message's own name goes first.
        strict: raise when recall fails. Otherwise that is logged, and the model is called without memories.
        threads: how many scopes are written at once.
        waiting: how many turns may wait to be stored; then the agent waits.
        clock: gives the present.
        name: tells several on one agent apart; each needs a name of its own.

    Raises:
        InvalidInput: the store is no AgentMemory, or an argument is out of range.
    """

    def __init__(
        self,
        store: AgentMemory,
        *,
        scope: ScopeRule,
        tokens: int = 1_000,
        k: int = 50,
        kinds: Sequence[str] | None = None,
        recipe: str | None = None,
        conversation: int = 0,
        budget: Budget | None = None,
        capture: bool = True,
        speaker: str | None = None,
        strict: bool = False,
        threads: int = 4,
        waiting: int = 1_000,
        clock: Clock = clocks.now,
        name: str = "AgentMemMiddleware",
    ) -> None:
        super().__init__()
        self.tools = []
        self._name = name
        self._store = checked_store(store)
        self._rule: ScopeRule = checked_rule(scope)
        if tokens < 0 or conversation < 0 or k < 1:
            raise InvalidInput(
                f"tokens and conversation must be at least 0, k at least 1; not {tokens}, {conversation} and {k}."
            )
        self._tokens = tokens
        self._asking: dict[str, Any] = {"k": k, "kinds": kinds, "recipe": recipe, "budget": budget}
        self._conversation = conversation
        self._captures = capture
        self._speaker = speaker
        self._strict = strict
        self._clock = clock
        self._worker = CaptureWorker(self._write, threads=threads, waiting=waiting)

    @property
    def name(self) -> str:
        """As given."""
        return self._name

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        """Capture the question, recall, call the model. Raises MissingScope before anything is done."""
        scope = scope_of(self._rule, request.runtime)
        thread = thread_of()
        if (asked := self._question(request, scope, thread)) is not None:
            self._worker.submit(asked)
        block = self._recall(request, scope, thread)
        return _told(handler(with_block(request, block) if block else request), block)

    async def awrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], Awaitable[ModelResponse[Any]]]
    ) -> ModelResponse[Any]:
        """The same, awaited; the store is asked on a thread."""
        scope = scope_of(self._rule, request.runtime)
        thread = thread_of()
        if (asked := self._question(request, scope, thread)) is not None:
            await self._asubmit(asked)
        block = await asyncio.to_thread(self._recall, request, scope, thread)
        return _told(await handler(with_block(request, block) if block else request), block)

    def after_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        """Hand the turn to the threads that store it."""
        if (turn := self._turn(state["messages"], runtime, scope_of(self._rule, runtime), thread_of())) is not None:
            self._worker.submit(turn)

    async def aafter_agent(self, state: AgentState[Any], runtime: Runtime[Any]) -> None:
        """The same, awaited."""
        if (turn := self._turn(state["messages"], runtime, scope_of(self._rule, runtime), thread_of())) is not None:
            await self._asubmit(turn)

    def _question(self, request: ModelRequest[Any], scope: Scope, thread: str | None) -> Capture | None:
        messages = request.state["messages"]
        return self._turn(messages, request.runtime, scope, thread) if awaits_answer(messages) else None

    def _turn(
        self, messages: Sequence[AnyMessage], runtime: Runtime[Any], scope: Scope, thread: str | None
    ) -> Capture | None:
        if not self._captures:
            return None
        name = None if self._speaker is None else attribute(runtime.context, self._speaker)
        speaker = None if name is None or name == "" else str(name)
        found = said(messages, thread=thread, speaker=speaker, at=self._clock())
        return Capture(scope, found) if found else None

    async def _asubmit(self, capture: Capture) -> None:
        if not self._worker.submit(capture, wait=False):
            await asyncio.to_thread(self._worker.submit, capture)

    def _recall(self, request: ModelRequest[Any], scope: Scope, thread: str | None) -> ContextBlock | None:
        asked = question(request.messages)
        if not self._tokens or not asked:
            return None
        try:
            block: ContextBlock = self._store.scope(scope).context(
                asked,
                tokens=self._tokens,
                where={REF: {"nin": refs(request.messages, thread)}},
                conversation=before_question(request.messages, self._conversation),
                **self._asking,
            )
        except AgentMemError:
            if self._strict:
                raise
            logger.exception("nothing was recalled for scope %s; the model is called without memories", scope.path)
            return None
        return block

    def _write(self, capture: Capture) -> list[FailedCapture]:
        """Store a capture; returns what of it cannot be."""
        handle = self._store.scope(capture.scope)
        failed: list[FailedCapture] = []
        try:
            handle.add(capture.messages)
        except (ForgottenRef, RefConflict, InvalidInput):  # one is refused; the rest is still to be remembered
            for message in capture.messages:
                try:
                    handle.add(message)
                except (ForgottenRef, RefConflict):  # forgotten, or there: its ref says thread, id and content
                    continue
                except InvalidInput as error:
                    failed.append(FailedCapture(capture.scope, (message,), error))
        return failed

    def flush(self, timeout: float | None = None) -> None:
        """Wait until everything that was said so far is stored.

        Args:
            timeout: in seconds; for ever when not said.

        Raises:
            CaptureFailed: something could not be stored; it holds what, and why. Each failure is raised once.
            CaptureUnfinished: the time is over; the rest goes on.
        """
        self._worker.flush(timeout)

    async def aflush(self, timeout: float | None = None) -> None:
        """The same, awaited."""
        await asyncio.to_thread(self._worker.flush, timeout)

    def close(self) -> None:
        """Store what waits, and end the threads; the store stays open. Raises CaptureFailed."""
        self._worker.close()

    async def aclose(self) -> None:
        """The same, awaited."""
        await asyncio.to_thread(self._worker.close)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()


def _told(response: ModelResponse[Any], block: ContextBlock | None) -> ModelResponse[Any]:
    """The response, its messages marked with the ids of the memories that the model was shown."""
    if not block:
        return response
    ids = [hit.id for hit in block.hits]
    return dataclasses.replace(response, result=[marked(message, ids) for message in response.result])
