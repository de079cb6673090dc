"""From matplotlib's SVG to an element of a page: no style of its own, no ids that clash, told to screen readers."""

from __future__ import annotations

import hashlib
import re
import xml.etree.ElementTree as ET
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from agentmem_evals.reports.plots.colours import VARIABLES

_FONT = re.compile(r"'DejaVu Sans'[^;]*")
_REFERENCE = re.compile(r"#([\w-]+)")


@dataclass(frozen=True, slots=True)
class Picture:
    """An SVG element, and the rules by class that the page's style must hold for it."""

    svg: str
    rules: Mapping[str, str]


def inline(svg: str, name: str, title: str, description: str) -> Picture:
    """The picture that an SVG document of matplotlib is.

    Args:
        svg: the document.
        name: what its ids begin with: unlike that of any other picture of the page.
        title: what it shows, for readers that do not see it.
        description: more about it, for the same.
    """
    root = ET.fromstring(svg)  # noqa: S314 - made by the plots, not read from anywhere
    _plain(root)
    _drop(root, "metadata", "style")
    rules: dict[str, str] = {}
    referenced = set(_references(root))
    for element in root.iter():
        _name(element, name, referenced)
        if style := element.attrib.pop("style", None):
            rule = _themed(style)
            known = f"m{hashlib.sha256(rule.encode()).hexdigest()[:8]}"
            rules[known] = rule
            element.set("class", known)
    described = {"title": (f"{name}-title", title), "desc": (f"{name}-desc", description)}
    for position, (tag, (id_, text)) in enumerate(described.items()):
        told = ET.Element(tag, {"id": id_})
        told.text = text
        root.insert(position, told)
    view = root.attrib["viewBox"]
    root.attrib.clear()
    labelled = " ".join(id_ for id_, _ in described.values())
    root.attrib.update({"class": "plot", "viewBox": view, "role": "img", "aria-labelledby": labelled})
    return Picture(ET.tostring(root, encoding="unicode"), rules)


def _plain(root: ET.Element) -> None:
    """Names without their namespaces, which HTML knows by itself."""
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        for key in list(element.attrib):
            if "}" in key:
                element.attrib.setdefault(key.rpartition("}")[2], element.attrib.pop(key))


def _drop(root: ET.Element, *tags: str) -> None:
    for parent in root.iter():
        for child in [one for one in parent if one.tag in tags]:
            parent.remove(child)


def _references(root: ET.Element) -> Iterator[str]:
    for element in root.iter():
        for key in ("href", "clip-path"):
            yield from _REFERENCE.findall(element.get(key, ""))


def _name(element: ET.Element, name: str, referenced: set[str]) -> None:
    id_ = element.attrib.pop("id", None)
    if id_ in referenced:
        element.set("id", f"{name}-{id_}")
    for key in ("href", "clip-path"):
        if key in element.attrib:
            element.set(key, _REFERENCE.sub(rf"#{name}-\1", element.attrib[key]))


def _themed(style: str) -> str:
    for stand_in, variable in VARIABLES.items():
        style = style.replace(stand_in, variable)
    return _FONT.sub("var(--plot-font)", style)
