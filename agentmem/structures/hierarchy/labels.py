"""What the nodes say where no model words them: the phrases that mark what stands below."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agentmem.structures.trees.nodes import new_node, next_version
from agentmem.structures.trees.wording import shortened
from agentmem.text.salience import keywords
from agentmem.types import Memory

NAMED = "name"
"""Metadata of a node that a model named: the name. Such a node keeps its text."""
COUNT = "texts"
"""Metadata of a node whose text was picked by rules: how many texts it stood over then."""
GROWN = 1.25
"""A text is picked anew when a node stands over so many times the texts."""
SAMPLE = 40
"""The most texts that a node's own text is picked from, evenly spread."""

PHRASES = (16, 12)
"""How many key phrases a domain has, and a category."""
WORDS = 40
"""How many words of key sentences a trace has."""


def label(layer: int, texts: Sequence[str]) -> str:
    """The text of a node: for a domain or category key phrases, for a trace the key points, in the texts' own words.

    Args:
        layer: its number, from 0 at the top.
        texts: what stands below, or a sample of it.
    """
    if layer < len(PHRASES):
        phrases = keywords(texts, PHRASES[layer])
        if phrases:
            return "; ".join(phrases)
    return shortened(texts, WORDS) or " ".join(texts[0].split())


def is_due(node: Memory, size: int, *, new: bool, reworded: bool) -> bool:
    """Whether the text of a node over so many texts is picked (anew)."""
    return NAMED not in node.metadata and (new or reworded or size >= GROWN * int(node.metadata.get(COUNT, 0)))


def worded(node: Memory, layer: int, below: Sequence[Memory], stored: Memory | None) -> Memory:
    """The node with its text picked from these, as it is to be stored.

    What expires is left out where anything lasts, so that a node need not expire with it.

    Args:
        node: whose text is picked.
        layer: see :func:`label`.
        below: the texts that it stands over, at least one.
        stored: the node as it is stored, if it is; where its text stays the same, it comes back.
    """
    lasting = [text for text in below if text.expires_at is None] or below
    shown = lasting[:: -(-len(lasting) // SAMPLE)]
    text = label(layer, [one.text for one in shown])
    metadata = {COUNT: len(below)}
    if stored is None:
        return replace(new_node(node.kind, text, shown, metadata=metadata), id=node.id)
    return stored if stored.text == text else replace(next_version(stored, text, shown), metadata=metadata)
