"""What stands of a MemWalker tree: which nodes belong to one text, and which stand above several."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from agentmem.structures.trees.bottom_up import Building
from agentmem.structures.trees.nodes import Nodes
from agentmem.structures.trees.texts import conversation_of
from agentmem.types import Memory

TEXT = "text"
"""The metadata of a node that name the one text it stands in; nodes above several texts have none."""


@dataclass(slots=True)
class Standing:
    """The state of a tree by text (see :mod:`agentmem.structures.trees.texts`).

    Attributes:
        texts: the chunks of each, in order of time; texts in order of their first chunks.
        inner: the nodes of each.
        above: the nodes above several.
        tops: by text that is in the tree, its nodes and chunks with nothing or only ``above`` over them.
        whole: the texts of which nothing is missing.
    """

    texts: dict[str, list[Memory]]
    inner: dict[str, list[str]]
    above: list[str]
    tops: dict[str, tuple[str, ...]]
    whole: set[str]

    @classmethod
    def of(cls, chunks: Iterable[Memory], nodes: Nodes, of_units: Mapping[str, str], building: Building) -> Standing:
        """Read off the nodes that are there; ``of_units`` names the texts of the units' chunks."""
        owner = {id: node.metadata.get(TEXT) for id, node in nodes.memories.items()}
        inner: dict[str, list[str]] = {}
        for id, text in owner.items():
            if text is not None:
                inner.setdefault(text, []).append(id)
        above = [id for id, text in owner.items() if text is None]
        over = {child: text for text, own in inner.items() for id in own for child in nodes.children[id]}
        texts = _texts(chunks, over, of_units)
        found = cls(texts, inner, above, {}, set())
        current = set(building.standing.values())
        placed = {child for id in above for child in nodes.children[id]}
        for text, below in texts.items():
            own = inner.get(text, [])
            tops = tuple(id for id in (*own, *(chunk.id for chunk in below)) if id not in over)
            if own or (len(tops) == 1 and tops[0] in placed):
                found.tops[text] = tops
                if len(tops) == 1 and all(node in current for node in own):
                    found.whole.add(text)
        return found

    def in_order(self) -> list[str]:
        """The tops of all texts that are in the tree, in order of time."""
        return [top for text in self.texts for top in self.tops.get(text, ())]


def _texts(chunks: Iterable[Memory], over: Mapping[str, str], of_units: Mapping[str, str]) -> dict[str, list[Memory]]:
    """Chunks by text: the one their node stands in, their unit's, or the conversation's.

    A document's chunk under no node is a text alone, for who forgets a part of a document forgets all of it. Several
    that look like parts of one document are waiting for it to be tried again, and left out.
    """
    found: dict[str, list[Memory]] = {}
    alone: list[Memory] = []
    for chunk in sorted(chunks, key=lambda chunk: chunk.at):
        text = over.get(chunk.id) or of_units.get(chunk.id) or conversation_of(chunk)
        if text is None:
            alone.append(chunk)
        else:
            found.setdefault(text, []).append(chunk)
    alike = Counter((chunk.title, chunk.at, chunk.recorded_at) for chunk in alone)
    found |= {
        f"document:{chunk.id}": [chunk] for chunk in alone if alike[chunk.title, chunk.at, chunk.recorded_at] == 1
    }
    return dict(sorted(found.items(), key=lambda item: item[1][0].at))
