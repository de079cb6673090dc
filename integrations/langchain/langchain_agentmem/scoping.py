"""Whose memory a run uses: read from the runtime context, which the application fills and no model can write.

Messages, tool arguments and the agent's state are never asked: what a model or a user can write must not choose it.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from langgraph.config import get_config
from langgraph.runtime import Runtime

from agentmem import AgentMemory, Scope
from agentmem.errors import InvalidInput
from langchain_agentmem.errors import MissingScope

ScopeRule = str | Callable[[Runtime[Any]], str | Sequence[str] | Scope | None]
"""The name of an attribute (or key) of the runtime context, or a function of the runtime. A string is one name."""


def checked_rule(rule: Any) -> Any:
    """The rule, if it can be one.

    Raises:
        InvalidInput: it is neither a name nor a function.
    """
    if callable(rule) or (isinstance(rule, str) and rule):
        return rule
    raise InvalidInput(
        "scope= is the name of an attribute of the runtime context, such as 'user_id', or a function of the runtime, "
        f"such as lambda runtime: ('acme', runtime.context.user_id); not {rule!r}."
    )


def checked_store(store: Any) -> AgentMemory:
    """The store, if it is the one of the synchronous SDK: its verbs run on threads where an agent is awaited.

    Raises:
        InvalidInput: it is something else.
    """
    if isinstance(store, AgentMemory):
        return store
    raise InvalidInput(
        f"The store must be an AgentMemory, not {type(store).__name__}: AgentMemory.open(path). It serves agents that "
        "are awaited as well; its work is then done on threads."
    )


def scope_of(rule: ScopeRule, runtime: Any) -> Scope:
    """Whose memory this run may use.

    Args:
        rule: as given to the middleware or the tools.
        runtime: LangGraph's ``Runtime``, or the ``ToolRuntime`` of a tool, of whose state the rule sees nothing.

    Raises:
        MissingScope: the context does not say.
        InvalidInput: what it says cannot be the name of a scope.
    """
    names = _by_function(rule, runtime) if callable(rule) else attribute(runtime.context, rule)
    if isinstance(names, Scope):
        return names
    if names is None or names in ("", ()):
        raise MissingScope(_missing(rule))
    if isinstance(names, str) or not isinstance(names, Sequence):
        return Scope(names)  # which refuses what is no string
    return Scope(*names)


def _by_function(rule: Callable[[Runtime[Any]], Any], runtime: Any) -> Any:
    try:
        return rule(without_state(runtime))
    except (AttributeError, KeyError, TypeError) as error:
        raise MissingScope(f"{_missing(rule)} ({type(error).__name__}: {error})") from error


def attribute(context: Any, name: str) -> Any:
    """What the runtime context, an object or a mapping, has under a name; ``None`` if nothing."""
    return context.get(name) if isinstance(context, Mapping) else getattr(context, name, None)


def _missing(rule: ScopeRule) -> str:
    asked = (
        f"its runtime context has no {rule!r}" if isinstance(rule, str) else "the function given as scope= found none"
    )
    example = rule if isinstance(rule, str) else "user_id"
    return (
        f"This run does not say whose memory it may use: {asked}. Give it with each run: create_agent(..., "
        f"context_schema=Context), then agent.invoke(..., context=Context({example}=...))."
    )


def without_state(runtime: Any) -> Runtime[Any]:
    """A tool's runtime without state, arguments and configuration: what a node's runtime has."""
    given = {field.name: getattr(runtime, field.name, None) for field in dataclasses.fields(Runtime)}
    return Runtime(**{name: value for name, value in given.items() if value is not None})


def thread_of(config: Mapping[str, Any] | None = None) -> str | None:
    """The thread that runs, which becomes the session; ``None`` without a checkpointer.

    Args:
        config: of the run; read from LangGraph where not given.
    """
    if config is None:
        try:
            config = get_config()
        except RuntimeError:  # not within a graph
            return None
    thread = (config.get("configurable") or {}).get("thread_id")
    return None if thread is None or thread == "" else str(thread)
