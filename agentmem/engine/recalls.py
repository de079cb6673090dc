"""No recall → re-extract loop: what came from memory is no new evidence when it comes back.

Two ways in which it does. The block that was shown to a model is part of the prompt that is captured: it is taken out,
and the episode's metadata tells which memories it showed (:class:`Captured`). And the assistant says in its own words
what it was shown: a statement that is drawn from such an answer alone, and says what the memories shown say already, is
quarantined (:func:`without_echoes`). The answer itself stays searchable; it was said.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from agentmem.kinds import FACT, TRIPLE
from agentmem.operations import Add, Operation
from agentmem.protocols import Reader
from agentmem.retrieval.recalled import RECALLED, without_recalled
from agentmem.structures.structure import Unit
from agentmem.text.support import lexical_support
from agentmem.types import Episode, Memory, State

STATEMENTS = frozenset({FACT, TRIPLE})
"""Kinds that state something on the evidence of episodes."""
SAYS_THE_SAME = 0.6
"""The share of a statement's words that the memories shown must hold for it to be an echo of them."""
ANSWERING = frozenset({"assistant", "ai", "model"})
"""Roles that answer with what they were shown."""


class Captured:
    """The episodes of one ``add``, without the memories that a prompt had quoted."""

    def __init__(self) -> None:
        self._shown: dict[str | None, tuple[str, ...]] = {}

    def cleaned(self, episode: Episode) -> Episode | None:
        """The episode as it is stored; ``None`` if nothing is left of it: it was memories and nothing else.

        Answers that follow a quotation in the same session are marked with what it showed, unless they say themselves.
        """
        text, ids = without_recalled(episode.text)
        if ids:
            known = self._shown.get(episode.session, ())
            self._shown[episode.session] = tuple(dict.fromkeys((*known, *ids)))
            return _marked(replace(episode, text=text), ids) if text else None
        shown = self._shown.get(episode.session, ()) if episode.role in ANSWERING else ()
        return _marked(episode, shown) if shown else episode


def _marked(episode: Episode, ids: Sequence[str]) -> Episode:
    if RECALLED in episode.metadata:
        return episode
    return replace(episode, metadata={**episode.metadata, RECALLED: list(ids)})


def without_echoes(
    reader: Reader, units: Sequence[Unit], operations: Sequence[Operation]
) -> tuple[tuple[Operation, ...], int]:
    """The operations with statements quarantined that only repeat what was recalled, and how many these are.

    Args:
        reader: of the scope.
        units: what the operations were made of.
        operations: what a structure proposes.
    """
    shown = _shown(units)
    if not shown:
        return tuple(operations), 0
    echoes = {
        operation.memory.id
        for operation in operations
        if isinstance(operation, Add) and _is_echo(reader, operation.memory, shown)
    }
    return tuple(_quarantined(operation, echoes) for operation in operations), len(echoes)


def _quarantined(operation: Operation, echoes: set[str]) -> Operation:
    if isinstance(operation, Add) and operation.memory.id in echoes:
        return replace(operation, memory=replace(operation.memory, state=State.QUARANTINED))
    return operation


def _shown(units: Sequence[Unit]) -> Mapping[str, tuple[str, ...]]:
    """By episode: the memories that were shown to whoever answered in it."""
    found = {}
    for unit in units:
        for episode in unit.episodes:
            ids = episode.metadata.get(RECALLED)
            if isinstance(ids, list) and ids and episode.role in ANSWERING:
                found[episode.id] = tuple(id for id in ids if isinstance(id, str))
    return found


def _is_echo(reader: Reader, memory: Memory, shown: Mapping[str, tuple[str, ...]]) -> bool:
    if memory.kind not in STATEMENTS or memory.state is not State.ACTIVE or not memory.sources:
        return False
    episodes = {source.episode for source in memory.sources}
    if not shown.keys() >= episodes:
        return False
    ids = dict.fromkeys(id for episode in episodes for id in shown[episode])
    return lexical_support(memory.text, list(_said(reader, ids))) >= SAYS_THE_SAME


def _said(reader: Reader, ids: Mapping[str, None]) -> Iterator[str]:
    """What these memories say or said: an answer may repeat what was changed since."""
    for id in ids:
        for entry in reader.history(id):
            yield ": ".join(part for part in (entry.memory.title, entry.memory.speaker, entry.memory.text) if part)
