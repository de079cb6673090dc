"""``order``: which of two remembered passages came first, from where they stand in the memory."""

from __future__ import annotations

from agentmem.engine.filters import Filters
from agentmem.engine.parts import Parts
from agentmem.engine.search import ScopeSearch
from agentmem.errors import InvalidInput
from agentmem.retrieval.order import Order, compare, places
from agentmem.types import Scope


def order(parts: Parts, scope: Scope, first: str, second: str, filters: Filters) -> Order:
    """See :meth:`agentmem.ScopeHandle.order`."""
    filters = filters.checked()
    for passage in (first, second):
        if not isinstance(passage, str) or not passage.strip():
            raise InvalidInput("A passage is empty: order() compares two texts, order('one ...', 'another ...').")
    one, other = (ScopeSearch(parts, scope, text, filters, frozenset()).look(places) for text in (first, second))
    return compare(one, other)
