"""A graph as a page: entities and texts as points, lines between them, and what they say beside."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from agentmem.pictures.layout import positions
from agentmem.pictures.names import Box, Point, Written, write_names
from agentmem.pictures.page import escaped, page
from agentmem.pictures.sizes import counted

if TYPE_CHECKING:
    import networkx  # type: ignore[import-untyped]

_MARGIN = 24.0
_LABEL = 28
_LEAST_SIDE = 420.0

_LEGEND = """<div class="legend">
<span class="entity"><svg viewBox="0 0 22 14"><circle class="dot" cx="11" cy="7" r="5.5"/></svg>entity</span>
<span class="passage"><svg viewBox="0 0 22 14"><rect class="dot" x="5.5" y="2" width="11" height="10" rx="2.5"/></svg>
text</span>
<span><svg viewBox="0 0 22 14"><path class="edge relation" stroke-width="2" d="M0 7H22"/></svg>relation</span>
<span><svg viewBox="0 0 22 14"><path class="edge synonym" stroke-width="2" d="M0 7H22"/></svg>synonym</span>
<span><svg viewBox="0 0 22 14"><path class="edge" stroke-width="2" d="M0 7H22"/></svg>mentions</span>
</div>"""


def graph_page(shown: networkx.Graph[str], title: str, note: str) -> str:
    """The page.

    Args:
        shown: as :meth:`agentmem.ScopeHandle.graph` gives it, or a part of it; at least one node.
        title: whose graph it is.
        note: how much of it this is.
    """
    # The best connected come last, and so lie on top.
    # The best connected come last, and so lie on top.
    nodes = sorted(shown, key=lambda node: (shown.degree(node), shown.nodes[node]["label"], node))
    radii = {node: _radius(shown, node) for node in nodes}
    places = positions(shown, radii)
    by_weight = [_named(shown, node, places[node], radii[node]) for node in reversed(nodes)]
    names = dict(zip(reversed(nodes), zip(by_weight, write_names(by_weight), strict=True), strict=True))
    points = [_point(shown, node, *names[node]) for node in nodes]
    numbers = {node: number for number, node in enumerate(nodes)}
    lines = [
        _line(attributes, places[one], places[other], numbers[one], numbers[other])
        for one, other, attributes in sorted(
            shown.edges(data=True), key=lambda edge: (edge[2]["kind"] != "mention", numbers[edge[0]], numbers[edge[1]])
        )
    ]
    body = f"""<header><h1>{escaped(title)}</h1><span class="soft">{escaped(note)}</span>
<input id="search" type="search" placeholder="Find…" aria-label="Find"></header>
<main><svg id="picture" viewBox="{_view([name.box for _, name in names.values()])}" role="group">
<g>{"".join(lines)}</g>
<g>{"".join(points)}</g>
</svg>
{_LEGEND}
<div class="zoom"><button id="in" aria-label="Nearer">+</button><button id="out" aria-label="Farther">−</button>
<button id="fit">Fit</button></div></main>
<aside><p class="soft">Point at something to see what it hangs together with; click to hold it, Esc to let go. Drag to
move, scroll to zoom. The larger, the better connected.</p></aside>"""
    return page(title, body, "graph")


def _is_entity(attributes: Mapping[str, Any]) -> bool:
    return bool(attributes["kind"] == "entity")


def _radius(graph: networkx.Graph[str], node: str) -> float:
    grown = min(math.sqrt(graph.degree(node)), 7.0)
    return 5.0 + 2.6 * grown if _is_entity(graph.nodes[node]) else 5.0 + 0.8 * grown


def _name(attributes: Mapping[str, Any]) -> str:
    label = str(attributes["label"])
    return label if len(label) <= _LABEL else label[: _LABEL - 1].rstrip() + "…"


def _named(graph: networkx.Graph[str], node: str, place: tuple[float, float], radius: float) -> Point:
    """A node as a point with its name. A text has none: it is read when it is looked at."""
    attributes = graph.nodes[node]
    return Point(*place, radius, _name(attributes) if _is_entity(attributes) else "", 11.0 + 0.55 * (radius - 5.0))


def _point(graph: networkx.Graph[str], node: str, at: Point, name: Written) -> str:
    attributes = graph.nodes[node]
    kind, label = str(attributes["kind"]), str(attributes["label"])
    links = f"{counted(graph.degree(node), 'link')} here"
    if _is_entity(attributes):
        note, text = f"entity · {links} · in {counted(int(attributes['passages']), 'text')}", ""
        shape = f'<circle class="dot" r="{at.radius:.1f}"/>'
        shape += (
            f'<text x="{name.x:.1f}" y="{name.y:.1f}" font-size="{at.size:.1f}" text-anchor="{name.align}">'
            f"{escaped(at.name)}</text>"
        )
    else:
        note, text = f"{node} · {links}", str(attributes.get("text", ""))
        side = 2 * at.radius
        corner = f'x="{-at.radius:.1f}" y="{-at.radius:.1f}"'
        shape = f'<rect class="dot" {corner} width="{side:.1f}" height="{side:.1f}" rx="3"/>'
    return (
        f'<g class="node {kind}{"" if name.fits else " quiet"}" tabindex="0" role="button" '
        f'aria-label="{escaped(label)}" transform="translate({at.x:.1f} {at.y:.1f})" data-kind="{kind}" '
        f'data-label="{escaped(label)}" data-note="{escaped(note)}" data-text="{escaped(text)}">{shape}</g>'
    )


def _line(
    attributes: Mapping[str, Any], start: tuple[float, float], end: tuple[float, float], one: int, other: int
) -> str:
    kind = str(attributes["kind"]).partition("+")[0]
    said = str(attributes.get("said", ""))
    if not said:
        said = {"mention": "mentions", "synonym": f"means nearly the same ({attributes['cosine']:.2f})"}.get(kind, kind)
    width = 0.9 if kind == "mention" else 1.2 + 0.8 * math.log2(1.0 + min(float(attributes["weight"]), 15.0))
    return (
        f'<path class="edge {kind}" data-kind="{kind}" data-one="{one}" data-other="{other}" '
        f'data-said="{escaped(said)}" stroke-width="{width:.1f}" '
        f'd="M{start[0]:.1f} {start[1]:.1f}L{end[0]:.1f} {end[1]:.1f}"/>'
    )


def _view(boxes: Sequence[Box]) -> str:
    """The box around all points and names, with a margin; never so small that a few points fill the screen."""
    left, top = min(box[0] for box in boxes), min(box[1] for box in boxes)
    right, bottom = max(box[2] for box in boxes), max(box[3] for box in boxes)
    wide, high = max(right - left + 2 * _MARGIN, _LEAST_SIDE), max(bottom - top + 2 * _MARGIN, _LEAST_SIDE)
    return f"{(left + right - wide) / 2:.1f} {(top + bottom - high) / 2:.1f} {wide:.1f} {high:.1f}"
