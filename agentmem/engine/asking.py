"""The language model as one question may use it: within a budget, its replies kept with the scope they are about.

A strategy need not know of any of this. It asks, and goes on as without a model when that fails; what failed, and why,
is written down here.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Sequence

from agentmem.engine.parts import Parts
from agentmem.engine.thinking import Thinking, budgeted, thinking
from agentmem.errors import BudgetExhausted, LLMError
from agentmem.llm import LLM, Completion, Prompt, Reply
from agentmem.models.chat.budget import Budget
from agentmem.models.chat.budgeting import BudgetedChat
from agentmem.models.chat.structured import StructuredLLM
from agentmem.types import Scope, Usage

logger = logging.getLogger(__name__)

_Left = Callable[[], int | None]


class Asking:
    """The language model for one question, which may be put to several scopes: one budget, replies kept in each.

    Args:
        parts: of the store.
        budget: the most that the model may be asked, if there is a limit.

    Raises:
        InvalidInput: a budget for a model that cannot be held to one.
    """

    def __init__(self, parts: Parts, budget: Budget | None = None) -> None:
        self._parts = parts
        self._llm = budgeted(parts.llm, budget)
        self._limit = None if budget is None else budget.calls
        self._scopes: dict[Scope, tuple[Thinking, _Witnessed]] = {}

    def llm(self, scope: Scope) -> LLM | None:
        """The model, for what is asked about a scope; to be taken before anything of the scope is read.

        A reply is not kept when something was forgotten since.
        """
        if self._llm is None:
            return None
        if scope not in self._scopes:
            thought = thinking(self._parts, scope, self._llm)
            assert thought.llm is not None
            self._scopes[scope] = thought, _Witnessed(thought.llm, self._left)
        return self._scopes[scope][1]

    @property
    def usage(self) -> Usage:
        """What was spent so far."""
        return sum((thought.spent(witness.usage) for thought, witness in self._scopes.values()), Usage())

    @property
    def stopped(self) -> str | None:
        """Why the model was not asked further, when the budget was spent."""
        spent = (str(error) for error in self._errors() if isinstance(error, BudgetExhausted))
        return next(spent, None)

    @property
    def failures(self) -> tuple[str, ...]:
        """What else failed, and why; never what was asked."""
        return tuple(
            f"{type(error).__name__}: {error}" for error in self._errors() if not isinstance(error, BudgetExhausted)
        )

    def log(self) -> None:
        """Say so where the language model was missing: who only takes the hits would not know."""
        if self.stopped is not None:
            logger.info("answered without more of the language model: %s", self.stopped)
        if self.failures:
            logger.warning("answered without the language model, %d times: %s", len(self.failures), self.failures[0])

    def _errors(self) -> list[LLMError]:
        return [error for _thought, witness in self._scopes.values() for error in witness.errors]

    def _left(self) -> int | None:
        """How many calls the budget has room for; ``None`` without a limit."""
        chat = self._llm.chat if isinstance(self._llm, StructuredLLM) else None
        if self._limit is None or not isinstance(chat, BudgetedChat):
            return None
        return max(0, self._limit - chat.spent.llm_calls)


class _Witnessed:
    """An LLM whose failures and costs are written down."""

    def __init__(self, inner: LLM, left: _Left) -> None:
        self._inner = inner
        self._left = left
        self._lock = threading.Lock()
        self.errors: list[LLMError] = []
        self.usage = Usage()

    @property
    def name(self) -> str:
        """The inner model's."""
        return self._inner.name

    def complete(self, prompt: Prompt, schema: type[Reply]) -> Completion[Reply]:
        """See :class:`agentmem.llm.LLM`."""
        try:
            reply = self._inner.complete(prompt, schema)
        except LLMError as error:
            self._note(error)
            raise
        self._note(reply)
        return reply

    def complete_many(self, prompts: Sequence[Prompt], schema: type[Reply]) -> list[Completion[Reply] | LLMError]:
        """See :class:`agentmem.llm.LLM`. A budget that does not reach for all goes to the first."""
        found: list[Completion[Reply] | LLMError] = []
        while len(found) < len(prompts):
            rest = prompts[len(found) :]
            found += self._inner.complete_many(rest[: self._left() or len(rest)], schema)
        for reply in found:
            self._note(reply)
        return found

    def _note(self, reply: Completion[Reply] | LLMError) -> None:
        with self._lock:
            if isinstance(reply, LLMError):
                self.errors.append(reply)
            else:
                self.usage += reply.usage
