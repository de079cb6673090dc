"""What every :class:`agentmem.protocols.Store` does: the suite, put together from its chapters."""

from __future__ import annotations

from agentmem.testing.conformance.store_derived import DerivedData
from agentmem.testing.conformance.store_erasing import Erasing
from agentmem.testing.conformance.store_reading import Reading
from agentmem.testing.conformance.store_writing import Writing


class StoreConformance(Reading, Writing, DerivedData, Erasing):
    """Override the fixture ``make_store``: a function from a clock and a name to a store.

    With the same name it opens the same store again, with another name another one.

    See :class:`agentmem.testing.conformance.store_base.StoreSuite` for the class attributes that declare deviations.
    """
