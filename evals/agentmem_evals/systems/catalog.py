"""Which systems there are, and how each is made. ``NAME:VARIANT`` names a variant, such as a recipe.

Nothing heavy is imported here: a process in another environment makes its system with this module too.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.systems.foreign import PREFIX, make_foreign
from agentmem_evals.systems.item_text import SPOKEN
from agentmem_evals.systems.protocol import System

if TYPE_CHECKING:
    from agentmem.llm import ChatModel
    from agentmem_evals.embedding.meter import MeteredEmbedder

DEFAULT_EMBEDDER = "default"


@dataclass(frozen=True, slots=True)
class SystemContext:
    """What a system may be made of. ``embedder`` makes the model only for the systems that ask for it.

    It gives ``None`` when the run goes by words only. ``chat`` is the language model, ``None`` for none.
    """

    embedder: Callable[[], MeteredEmbedder | None]
    batch: int
    variant: str | None = None
    chat: ChatModel | None = None


SystemFactory = Callable[[SystemContext], System]


def _agentmem(context: SystemContext) -> System:
    from agentmem_evals.systems.agentmem_sdk import AgentMemorySystem
    from agentmem_evals.systems.variant import parse_variant

    return AgentMemorySystem(context.embedder(), context.batch, parse_variant(context.variant), context.chat)


def _bm25(context: SystemContext) -> System:
    from agentmem_evals.systems.bm25 import Bm25System

    _plain("bm25", context)
    return Bm25System()


def _dense(context: SystemContext) -> System:
    from agentmem_evals.systems.dense import DenseSystem

    return DenseSystem(_model("dense", context), context.batch, spoken=_is_spoken("dense", context))


def _full_context(context: SystemContext) -> System:
    from agentmem_evals.systems.full_context import FULL_CONTEXT, FullContextSystem

    _plain(FULL_CONTEXT, context)
    return FullContextSystem()


def _hybrid(context: SystemContext) -> System:
    from agentmem_evals.systems.hybrid import HybridSystem

    return HybridSystem(_model("hybrid", context), context.batch, spoken=_is_spoken("hybrid", context))


def _langmem(context: SystemContext) -> System:
    from agentmem_evals.systems.adapters.langmem import LangMemSystem, require_langmem

    _plain("langmem", context)
    require_langmem()
    return LangMemSystem(_model("langmem", context))


def _listing(context: SystemContext) -> System:
    from agentmem_evals.systems.listing import ListingSystem

    return ListingSystem(_inner("listing", context))


def _mem0(context: SystemContext) -> System:
    from agentmem_evals.systems.adapters.mem0 import Mem0System, require_mem0

    _plain("mem0", context)
    require_mem0()
    return Mem0System(_model("mem0", context))


def _nano_graphrag(context: SystemContext) -> System:
    from agentmem_evals.systems.adapters.nano_graphrag import NanoGraphRagSystem, require_nano_graphrag

    _no_chat("nano-graphrag", context)
    if context.variant is None:
        raise EvalError("The system 'nano-graphrag' asks a language model to build: use --system nano-graphrag:MODEL.")
    require_nano_graphrag()
    return NanoGraphRagSystem(_model("nano-graphrag", context), context.variant)


def _ordering(context: SystemContext) -> System:
    from agentmem_evals.systems.ordering import OrderingSystem

    return OrderingSystem(_inner("ordering", context))


def _recent_turns(context: SystemContext) -> System:
    from agentmem_evals.systems.recent_turns import RecentTurnsSystem

    _plain("recent-turns", context)
    return RecentTurnsSystem()


def _state_tracker(context: SystemContext) -> System:
    from agentmem_evals.systems.state_tracker import StateTrackerSystem

    return StateTrackerSystem(_inner("state-tracker", context))


SYSTEMS: Mapping[str, SystemFactory] = {
    "agentmem": _agentmem,
    "bm25": _bm25,
    "dense": _dense,
    "full-context": _full_context,
    "hybrid": _hybrid,
    "langmem": _langmem,
    "listing": _listing,
    "mem0": _mem0,
    "nano-graphrag": _nano_graphrag,
    "ordering": _ordering,
    "recent-turns": _recent_turns,
    "state-tracker": _state_tracker,
}
"""Factories by name; each imports its system late, so that no run pays for another's dependencies."""


def make_system(
    spec: str,
    embedder: Callable[[], MeteredEmbedder | None],
    batch: int,
    chat: ChatModel | None = None,
    python: str | None = None,
    *,
    embedder_name: str = DEFAULT_EMBEDDER,
) -> System:
    """The system that ``NAME``, ``NAME:VARIANT``, ``module:Class`` or ``python:package.module:Class`` names.

    With ``python``, the path of an interpreter, the system runs in a process of that interpreter, which makes its own
    embedding model: ``embedder_name``, as the library names models. ``embedder`` is then not asked for.

    Raises:
        UnknownName: there is no such system, or it has no such variant.
        MissingPackage: the package behind it is not installed.
        RemoteGone: the interpreter does not start, or is none.
        EvalError: it cannot do without what it was not given, or has no use for what it was given.
    """
    if python is not None:
        from agentmem_evals.systems.remote.system import open_remote

        if chat is not None:
            raise EvalError(
                "Recorded output is replayed in this process only: leave --python, or --openie and --facts."
                if _is_recorded(chat)
                else "The language model that builds is asked by this process only: leave --python, or --llm, out."
            )
        return open_remote(spec, python, embedder_name=embedder_name, batch=batch)
    name, _, variant = spec.partition(":")
    context = SystemContext(embedder, batch, variant or None, chat)
    if name in SYSTEMS:
        return SYSTEMS[name](context)
    if variant:
        return make_foreign(variant if name == PREFIX else spec, context)
    raise UnknownName(f"There is no system {spec!r}. Known are: {', '.join(SYSTEMS)}. Your own is named module:Class.")


def _inner(name: str, context: SystemContext) -> System:
    """The system that a variant names, for a system around it."""
    inner, _, variant = (context.variant or "").partition(":")
    if inner not in SYSTEMS:
        raise UnknownName(
            f"The system {name!r} is around another one, such as {name}:agentmem: use one of {', '.join(SYSTEMS)}."
        )
    return SYSTEMS[inner](replace(context, variant=variant or None))


def _plain(name: str, context: SystemContext) -> None:
    if context.variant is not None:
        raise UnknownName(f"The system {name!r} has no variant {context.variant!r}: use --system {name}.")
    _no_chat(name, context)


def _no_chat(name: str, context: SystemContext) -> None:
    if context.chat is None:
        return
    if _is_recorded(context.chat):
        raise EvalError(f"The system {name!r} has no use for recorded output: leave --openie and --facts out.")
    raise EvalError(f"The system {name!r} builds nothing with a language model: leave --llm out.")


def _is_recorded(chat: ChatModel) -> bool:
    """Whether what was recorded stands in for a model."""
    from agentmem.models.chat.replaying import ReplayChat

    return isinstance(chat, ReplayChat)


def _is_spoken(name: str, context: SystemContext) -> bool:
    if context.variant != SPOKEN:
        _plain(name, context)
    _no_chat(name, context)
    return context.variant == SPOKEN


def _model(name: str, context: SystemContext) -> MeteredEmbedder:
    embedder = context.embedder()
    if embedder is None:
        raise EvalError(f"The system {name!r} needs an embedding model: use another --embedder than 'none'.")
    return embedder
