"""A graph as GraphML, which Gephi, yEd and Cytoscape read."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

_NOT_IN_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def graphml(graph: networkx.Graph[str]) -> str:
    """The document. Characters that XML cannot hold are replaced."""
    import networkx

    clean = networkx.relabel_nodes(graph, {node: _clean(node) for node in graph})
    for part in (clean.nodes, clean.edges):
        for *_, attributes in part(data=True):
            attributes.update({key: _clean(value) for key, value in attributes.items() if isinstance(value, str)})
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + "\n".join(networkx.generate_graphml(clean)) + "\n"


def _clean(text: str) -> str:
    return _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
