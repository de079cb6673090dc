"""Between database rows and the library's frozen values. Pure; knows the columns, opens no connection."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import numpy as np

from agentmem.clock import from_micros, to_micros
from agentmem.protocols import CatalogRow, FloatArray
from agentmem.types import Episode, EpisodeKind, Memory, Metadata, Source, State

_FLOAT32 = np.dtype("<f4")
_STATES = {str(state): state for state in State}
_CONTENT = ("kind", "text", "speaker", "role", "session")


def micros_or_none(moment: datetime | None) -> int | None:
    """Microseconds, keeping ``None``."""
    return None if moment is None else to_micros(moment)


def moment_or_none(micros: int | None) -> datetime | None:
    """The moment, keeping ``None``."""
    return None if micros is None else from_micros(micros)


def dump(value: Mapping[str, Any]) -> str:
    """JSON with sorted keys, so that equal metadata is stored as equal text."""
    return json.dumps(dict(value), ensure_ascii=False, sort_keys=True, separators=(",", ":")) if value else "{}"


def load(text: str) -> Metadata:
    """The mapping that :func:`dump` wrote."""
    return json.loads(text) if text != "{}" else {}


def digest(episode: Episode) -> bytes:
    """16 bytes that tell whether two episodes under one ``ref`` have the same content."""
    return _digest([str(getattr(episode, name) or "") for name in _CONTENT])


def digest_of(columns: Mapping[str, Any]) -> bytes:
    """The same from an episode's columns."""
    return _digest([str(columns[name] or "") for name in _CONTENT])


def _digest(parts: list[str]) -> bytes:
    content = "".join([f"{len(part)}:{part}" for part in parts])  # no two lists of parts come to one text
    return hashlib.blake2b(content.encode(), digest_size=16).digest()


def episode_columns(episode: Episode, row: int, scope_id: int, corrects: str | None) -> dict[str, Any]:
    """The ``episodes`` row of an episode."""
    return {
        "row": row,
        "id": episode.id,
        "scope_id": scope_id,
        "kind": str(episode.kind),
        "ref": episode.ref,
        "session": episode.session,
        "speaker": episode.speaker,
        "role": episode.role,
        "title": episode.title,
        "at": to_micros(episode.at),
        "recorded_at": to_micros(episode.recorded_at),
        "text": episode.text,
        "metadata": dump(episode.metadata),
        "indexed": episode.indexed,
        "corrects": corrects,
        "digest": digest(episode),
    }


def episode_from(row: Any) -> Episode:
    """The episode of an ``episodes`` row."""
    return Episode(
        id=row.id,
        kind=EpisodeKind(row.kind),
        text=row.text,
        at=from_micros(row.at),
        recorded_at=from_micros(row.recorded_at),
        ref=row.ref,
        session=row.session,
        speaker=row.speaker,
        role=row.role,
        title=row.title,
        metadata=load(row.metadata),
        indexed=bool(row.indexed),
    )


def memory_columns(memory: Memory, row: int, scope_id: int, recorded_at: int, position: int) -> dict[str, Any]:
    """The ``memories`` row of one version; ``position`` is the row of its first source episode."""
    return {
        "row": row,
        "id": memory.id,
        "version": memory.version,
        "scope_id": scope_id,
        "seq": row,
        "kind": memory.kind,
        "text": memory.text,
        "title": memory.title,
        "session": memory.session,
        "speaker": memory.speaker,
        "role": memory.role,
        "at": to_micros(memory.at),
        "valid_from": to_micros(memory.valid_from),
        "valid_to": micros_or_none(memory.valid_to),
        "recorded_at": recorded_at,
        "superseded_at": micros_or_none(memory.superseded_at),
        "retired_at": micros_or_none(memory.retired_at),
        "state": str(memory.state),
        "metadata": dump(memory.metadata),
        "strength": memory.strength,
        "uses": memory.uses,
        "used_at": micros_or_none(memory.used_at),
        "pinned": memory.pinned,
        "expires_at": micros_or_none(memory.expires_at),
        "position": position,
        "start": memory.sources[0].start if memory.sources else 0,
    }


def catalog_row(memory: Memory, row: int, position: int, start: int) -> CatalogRow:
    """What followers read of a version that was just written as ``row``."""
    return CatalogRow(
        row=row,
        seq=row,
        id=memory.id,
        kind=memory.kind,
        text=memory.text,
        title=memory.title,
        session=memory.session,
        speaker=memory.speaker,
        role=memory.role,
        at=to_micros(memory.at),
        valid_from=to_micros(memory.valid_from),
        valid_to=micros_or_none(memory.valid_to),
        superseded_at=None,
        state=memory.state,
        expires_at=micros_or_none(memory.expires_at),
        position=position,
        start=start,
        pinned=memory.pinned,
    )


def memory_from(row: Any, sources: tuple[Source, ...]) -> Memory:
    """The memory version of a ``memories`` row."""
    column = row._asdict()  # faster than asking a row of SQLAlchemy's for each, and this is done for every hit
    return Memory(
        id=column["id"],
        version=column["version"],
        kind=column["kind"],
        text=column["text"],
        at=from_micros(column["at"]),
        valid_from=from_micros(column["valid_from"]),
        valid_to=moment_or_none(column["valid_to"]),
        recorded_at=from_micros(column["recorded_at"]),
        superseded_at=moment_or_none(column["superseded_at"]),
        retired_at=moment_or_none(column["retired_at"]),
        state=_STATES[column["state"]],
        session=column["session"],
        speaker=column["speaker"],
        role=column["role"],
        title=column["title"],
        metadata=load(column["metadata"]),
        strength=column["strength"],
        uses=column["uses"],
        used_at=moment_or_none(column["used_at"]),
        pinned=bool(column["pinned"]),
        expires_at=moment_or_none(column["expires_at"]),
        sources=sources,
    )


def source_from(row: Any, *, inherited: bool = False) -> Source:
    """The source of a ``sources`` row joined with its episode."""
    column = row._asdict()
    return Source(
        episode=column["id"],
        start=column["start"],
        end=column["end"],
        ref=column["ref"],
        session=column["session"],
        speaker=column["speaker"],
        role=column["role"],
        at=from_micros(column["at"]),
        inherited=inherited,
    )


def vector_to_bytes(vector: FloatArray) -> bytes:
    """float32, little endian, whatever the machine."""
    return vector.astype(_FLOAT32, copy=False).tobytes()


def vectors_from_bytes(blobs: list[bytes]) -> FloatArray:
    """Shape ``(n, dimension)``; all blobs must have one length."""
    if not blobs:
        return np.empty((0, 0), dtype=np.float32)
    return np.frombuffer(b"".join(blobs), dtype=_FLOAT32).reshape(len(blobs), -1).astype(np.float32, copy=False)
