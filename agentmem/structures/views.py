"""Vector views: the several texts by which one memory is embedded.

``bare`` is the memory's own text. ``spoken`` puts it in its place: who said it, when, and what was said just before.
(A third way to see a turn in its place, the ``context`` signal of :mod:`agentmem.retrieval.signals`, needs no vector
of its own: it is computed from the neighbours' bare ones.) Derived memories have one view, named after their layer, so
that each layer is a vector space of its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from agentmem.clock import from_micros
from agentmem.errors import InvalidInput
from agentmem.kinds import TEXT, layer_of
from agentmem.protocols import CatalogRow

BARE = "bare"
SPOKEN = "spoken"
VIEWS = (BARE, SPOKEN)

REACH = 2
"""How many preceding memories of the session the ``spoken`` view holds."""
_BEFORE_CHARACTERS = 160


def checked_views(views: Sequence[str]) -> tuple[str, ...]:
    """The views in a fixed order, ``bare`` always among them.

    Raises:
        InvalidInput: an unknown view.
    """
    if unknown := sorted(set(views) - set(VIEWS)):
        raise InvalidInput(f"Unknown vector views: {', '.join(unknown)}. There are: {', '.join(VIEWS)}.")
    return tuple(view for view in VIEWS if view == BARE or view in views)


def views_of(kind: str, views: Sequence[str]) -> Sequence[str]:
    """The views of a memory of this kind, in a store whose texts have these ``views``."""
    layer = layer_of(kind)
    return views if layer == TEXT else (layer,)


def view_of(layer: str) -> str:
    """The view by which a layer is searched with a bare query."""
    return BARE if layer == TEXT else layer


def view_text(view: str, memory: CatalogRow, preceding: Sequence[CatalogRow]) -> str:
    """The text to embed; ``preceding`` are the memories before it in its session, nearest last."""
    own = f"{memory.title}. {memory.text}" if memory.title else memory.text
    if view != SPOKEN:
        return own
    date = from_micros(memory.at).strftime("%d %B %Y")
    parts = [_line(before)[-_BEFORE_CHARACTERS:] for before in preceding[-REACH:]]
    return "\n".join([date, *parts, f"{memory.speaker}: {own}" if memory.speaker else own])


def _line(memory: CatalogRow) -> str:
    return f"{memory.speaker}: {memory.text}" if memory.speaker else memory.text
