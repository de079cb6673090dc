"""Which systems there are, and how each is made. ``NAME:VARIANT`` names a variant, such as a recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from agentmem.llm import ChatModel
from agentmem_evals.embedding.meter import MeteredEmbedder
from agentmem_evals.errors import EvalError, UnknownName
from agentmem_evals.systems.protocol import System
from agentmem_evals.systems.variant import parse_variant


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


def _bm25(context: SystemContext) -> System:
    from agentmem_evals.systems.bm25 import Bm25System

    _plain("bm25", context)
    return Bm25System()


def _dense(context: SystemContext) -> System:
    from agentmem_evals.systems.dense import DenseSystem

    _plain("dense", context)
    embedder = context.embedder()
    if embedder is None:
        raise EvalError("The system 'dense' needs an embedding model: use another --embedder than 'none'.")
    return DenseSystem(embedder, context.batch)


def _agentmem(context: SystemContext) -> System:
    from agentmem_evals.systems.agentmem_sdk import AgentMemorySystem

    return AgentMemorySystem(context.embedder(), context.batch, parse_variant(context.variant), context.chat)


SYSTEMS: Mapping[str, SystemFactory] = {"agentmem": _agentmem, "bm25": _bm25, "dense": _dense}
"""Factories by name; each imports its system late, so that no run pays for another's dependencies."""


def make_system(
    spec: str, embedder: Callable[[], MeteredEmbedder | None], batch: int, chat: ChatModel | None = None
) -> System:
    """The system that ``NAME`` or ``NAME:VARIANT`` names.

    Raises:
        UnknownName: there is no such system, or it has no such variant.
        EvalError: it cannot do without what it was not given, or has no use for what it was given.
    """
    name, _, variant = spec.partition(":")
    if name not in SYSTEMS:
        raise UnknownName(f"There is no system {spec!r}. Known are: {', '.join(SYSTEMS)}.")
    return SYSTEMS[name](SystemContext(embedder, batch, variant or None, chat))


def _plain(name: str, context: SystemContext) -> None:
    if context.variant is not None:
        raise UnknownName(f"The system {name!r} has no variant {context.variant!r}: use --system {name}.")
    if context.chat is not None:
        raise EvalError(f"The system {name!r} asks no language model: leave --openie and --facts out.")
