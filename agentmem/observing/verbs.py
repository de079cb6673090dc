"""One span for each verb: decorators at the boundary, so that no verb knows of it."""

from __future__ import annotations

import functools
from collections.abc import Callable
from operator import attrgetter
from types import FunctionType
from typing import Any, TypeVar, cast

from agentmem.observing.instruments import HITS, TOKENS, VERB_DURATION
from agentmem.observing.results import tell
from agentmem.observing.silent import OFF
from agentmem.protocols import Label, Observer
from agentmem.retrieval.context import ContextBlock
from agentmem.retrieval.hits import Hits

_Kind = TypeVar("_Kind", bound=type)
_Method = TypeVar("_Method", bound=Callable[..., Any])
_ASKING = ("retrieve", "context")


def verbs(parts: str, *, scope: str, apart_from: tuple[str, ...] = ()) -> Callable[[_Kind], _Kind]:
    """For a class: all its public methods are verbs. Arguments as for :func:`verb`; ``apart_from`` are no verbs."""

    def decorate(kind: _Kind) -> _Kind:
        for name, member in list(vars(kind).items()):
            if isinstance(member, FunctionType) and not name.startswith("_") and name not in apart_from:
                setattr(kind, name, verb(parts, scope=scope)(member))
        return kind

    return decorate


def verb(parts: str, *, scope: str | None = None) -> Callable[[_Method], _Method]:
    """For a method: a span is open while it runs, and ends with what its result says of itself.

    Args:
        parts: the attribute that has the store's parts, the observer among them.
        scope: the attribute that has the scope, if it is a verb on one.
    """
    parts_of = attrgetter(parts)
    scope_of = attrgetter(scope) if scope else lambda _owner: None

    def decorate(method: _Method) -> _Method:
        name = method.__name__.rstrip("_")
        span_name = f"agentmem.{name}"
        labels: dict[str, Label] = {"agentmem.verb": name}

        @functools.wraps(method)
        def observed(self: Any, /, *args: Any, **kwargs: Any) -> Any:
            kept = parts_of(self)
            observer: Observer = kept.observer
            if observer is OFF:
                return method(self, *args, **kwargs)
            with observer.span(span_name, labels, duration=VERB_DURATION, scope=scope_of(self)) as span:
                result = method(self, *args, **kwargs)
                if name in _ASKING:
                    span.label("agentmem.recipe", kwargs.get("recipe") or kept.recipe.name)
                tell(span, result)
            _record(observer, labels, result)
            return result

        return cast("_Method", observed)

    return decorate


def _record(observer: Observer, labels: dict[str, Label], result: object) -> None:
    if isinstance(result, Hits):
        observer.record(HITS, len(result), labels)
    elif isinstance(result, ContextBlock):
        observer.record(HITS, len(result.hits), labels)
        observer.record(TOKENS, result.tokens, labels)
