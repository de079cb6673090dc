"""The words of the library as frozen values: what goes in, what is kept, what comes out.

Times are always timezone-aware ``datetime`` objects in UTC. Character spans are ``[start, end)`` offsets in
Unicode code points. Scores lie in [0, 1], higher is better, in every backend.

Import them from here; which file a value stands in is nobody else's business.
"""

from agentmem.types.done import Built, Certificate, Consolidation, Imported, Progress, Receipt, Usage, Worked
from agentmem.types.found import Change, HistoryEntry, Hit, Page, Stats, Waiting
from agentmem.types.given import Document, Message, Metadata
from agentmem.types.kept import Edge, Episode, EpisodeKind, Memory, Source, State
from agentmem.types.scope import MAX_NAME_LENGTH, Scope

__all__ = [
    "MAX_NAME_LENGTH",
    "Built",
    "Certificate",
    "Change",
    "Consolidation",
    "Document",
    "Edge",
    "Episode",
    "EpisodeKind",
    "HistoryEntry",
    "Hit",
    "Imported",
    "Memory",
    "Message",
    "Metadata",
    "Page",
    "Progress",
    "Receipt",
    "Scope",
    "Source",
    "State",
    "Stats",
    "Usage",
    "Waiting",
    "Worked",
]
