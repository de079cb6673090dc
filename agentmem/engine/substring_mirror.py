"""The runs of words of a scope's texts in memory, kept up with their layer while a recipe asks for them.

Nothing of it is stored. New versions are added; a version's text never changes, and one that no longer counts is left
out when a question is answered. After a ``forget`` the whole is dropped (:class:`agentmem.engine.follow.Mirror`), words
included, and built anew when it is next asked for.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from agentmem.engine.layers import Layer
from agentmem.index.substrings import SubstringIndex, spelled
from agentmem.protocols import CatalogRow, Reader


@dataclass(slots=True)
class SubstringMirror:
    """See the module's docstring.

    Attributes:
        index: its texts are numbered by the slots of the texts' layer.
    """

    index: SubstringIndex = field(default_factory=SubstringIndex)

    def follow(self, reader: Reader, texts: Layer) -> SubstringIndex:
        """Take in the versions that came since.

        Raises:
            MissingExtra: the package ``pydivsufsort`` is not installed.
        """
        fresh = texts.catalog.columns["row"][len(self.index) :].tolist()
        if fresh:
            written = {row.row: row for row in reader.rows_since(fresh[0] - 1)}  # a version's number is its entry's
            self.index.add([_fields(written[row]) if row in written else () for row in fresh])
        return self.index


def _fields(row: CatalogRow) -> list[list[str]]:
    """What of a text can be found: its title, or who says it, and its words."""
    return [words for part in (row.title or row.speaker, row.text) if part and (words := spelled(part))]
