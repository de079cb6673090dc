"""What the parts ask of each other. A backend satisfies a protocol by having its methods; nothing is inherited.

Each protocol has a conformance suite in :mod:`agentmem.testing`, run against every backend of this project and
usable on your own.

Import them from here; which file a protocol stands in is nobody else's business.
"""

from agentmem.protocols.arrays import BoolArray, FloatArray, IntArray
from agentmem.protocols.followers import Cursor, Deferred, Follower
from agentmem.protocols.index import Ranked, Space, VectorIndex
from agentmem.protocols.injected import BeforePrompt, BeforeWrite, Clock, Embedder, TokenCounter
from agentmem.protocols.observer import Attribute, Label, Labels, Observer, Span
from agentmem.protocols.reader import Reader
from agentmem.protocols.rows import CatalogRow, JournalEntry, Named, StandingRow, StoredEpisode, VectorBatch
from agentmem.protocols.selections import Listing, Selection
from agentmem.protocols.store import Store
from agentmem.protocols.writer import Writer

__all__ = [
    "Attribute",
    "BeforePrompt",
    "BeforeWrite",
    "BoolArray",
    "CatalogRow",
    "Clock",
    "Cursor",
    "Deferred",
    "Embedder",
    "FloatArray",
    "Follower",
    "IntArray",
    "JournalEntry",
    "Label",
    "Labels",
    "Listing",
    "Named",
    "Observer",
    "Ranked",
    "Reader",
    "Selection",
    "Space",
    "Span",
    "StandingRow",
    "Store",
    "StoredEpisode",
    "TokenCounter",
    "VectorBatch",
    "VectorIndex",
    "Writer",
]
