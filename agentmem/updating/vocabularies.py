"""How published systems say what :class:`agentmem.updating.decision.Relation` says, and what is lost in translation.

Each of them asks about an older and a newer memory, as here. None of them keeps what was true before, so every word
that removes something is read as the relation that removes the least: a contradiction closes an interval, keeps both.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from agentmem.updating.decision import Relation


class KeepMeUpdated(StrEnum):
    """Bae et al., "Keep Me Updated! Memory Management in Long-term Conversations" (EMNLP Findings 2022), section 4."""

    PASS = "PASS"  # noqa: S105  # keep only the older
    REPLACE = "REPLACE"  # keep only the newer
    APPEND = "APPEND"  # keep both
    DELETE = "DELETE"  # keep neither


class Mem0(StrEnum):
    """Chhikara et al., "Mem0" (arXiv 2504.19413), section 2.1: what is to happen to the store for a new fact."""

    ADD = "ADD"  # put it in
    UPDATE = "UPDATE"  # rewrite the older one with it
    DELETE = "DELETE"  # remove the older one, which it contradicts
    NONE = "NONE"  # nothing


class LightMem(StrEnum):
    """Fang et al., "LightMem" (arXiv 2510.18866), offline update: what a later entry does to an earlier one."""

    UPDATE = "update"  # rewrite the earlier with it
    DELETE = "delete"  # remove the earlier, which it contradicts
    IGNORE = "ignore"  # leave the earlier as it is


_TO_KEEP_ME_UPDATED: Mapping[Relation, KeepMeUpdated] = {
    Relation.INDEPENDENT: KeepMeUpdated.APPEND,
    Relation.REPEATS: KeepMeUpdated.PASS,
    Relation.REFINES: KeepMeUpdated.REPLACE,
    Relation.SUPERSEDES: KeepMeUpdated.REPLACE,
    Relation.CANCELS: KeepMeUpdated.DELETE,
}
_FROM_KEEP_ME_UPDATED: Mapping[KeepMeUpdated, Relation] = {
    KeepMeUpdated.APPEND: Relation.INDEPENDENT,
    KeepMeUpdated.PASS: Relation.REPEATS,
    KeepMeUpdated.REPLACE: Relation.SUPERSEDES,
    KeepMeUpdated.DELETE: Relation.CANCELS,
}
_TO_MEM0: Mapping[Relation, Mem0] = {
    Relation.INDEPENDENT: Mem0.ADD,
    Relation.REPEATS: Mem0.NONE,
    Relation.REFINES: Mem0.UPDATE,
    Relation.SUPERSEDES: Mem0.UPDATE,
    Relation.CANCELS: Mem0.DELETE,
}
_FROM_MEM0: Mapping[Mem0, Relation] = {
    Mem0.ADD: Relation.INDEPENDENT,
    Mem0.NONE: Relation.REPEATS,
    Mem0.UPDATE: Relation.REFINES,
    Mem0.DELETE: Relation.SUPERSEDES,
}
_TO_LIGHTMEM: Mapping[Relation, LightMem] = {
    Relation.INDEPENDENT: LightMem.IGNORE,
    Relation.REPEATS: LightMem.IGNORE,
    Relation.REFINES: LightMem.UPDATE,
    Relation.SUPERSEDES: LightMem.DELETE,
    Relation.CANCELS: LightMem.DELETE,
}
_FROM_LIGHTMEM: Mapping[LightMem, Relation] = {
    LightMem.IGNORE: Relation.INDEPENDENT,
    LightMem.UPDATE: Relation.REFINES,
    LightMem.DELETE: Relation.SUPERSEDES,
}


def to_keep_me_updated(relation: Relation) -> KeepMeUpdated:
    """Lost: whether the older was true before (``SUPERSEDES``) or is part of the newer (``REFINES``): both REPLACE."""
    return _TO_KEEP_ME_UPDATED[relation]


def from_keep_me_updated(word: KeepMeUpdated) -> Relation:
    """REPLACE leaves open whether the newer contradicts or contains the older; as ``SUPERSEDES`` it keeps both."""
    return _FROM_KEEP_ME_UPDATED[word]


def to_mem0(relation: Relation) -> Mem0:
    """Lost: that a superseded memory was true once. It becomes UPDATE and not DELETE, for DELETE adds nothing."""
    return _TO_MEM0[relation]


def from_mem0(word: Mem0) -> Relation:
    """DELETE leaves open whether the newer fact is kept; read as ``SUPERSEDES`` it is, and no store is ever emptied.

    UPDATE is read as ``REFINES``; the wording that comes with it belongs into
    :attr:`agentmem.updating.decision.Decision.text`.
    """
    return _FROM_MEM0[word]


def to_lightmem(relation: Relation) -> LightMem:
    """Lost: a repetition is ignored like anything else, so duplicates stay; and whether the later entry is kept."""
    return _TO_LIGHTMEM[relation]


def from_lightmem(word: LightMem) -> Relation:
    """DELETE concerns the earlier entry only, so it is ``SUPERSEDES``; IGNORE says nothing about repetition."""
    return _FROM_LIGHTMEM[word]
