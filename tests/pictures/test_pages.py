"""Graphs and trees as pages, outlines and GraphML: whole, safe, and the same every time."""

from __future__ import annotations

import base64
import hashlib
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import networkx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.errors import NotFound
from agentmem.pictures.graph_page import graph_page
from agentmem.pictures.graphml import graphml
from agentmem.pictures.layout import positions
from agentmem.pictures.names import Point, write_names
from agentmem.pictures.outline import outline
from agentmem.pictures.selection import around, best_connected
from agentmem.pictures.sizes import edge_counts, tree_size
from agentmem.pictures.tree_page import tree_page

NASTY = """<script>alert(1)</script><img src=x onerror="alert('2')">&amp;"' </svg></style> \x00\x1b[2J \u202e"""
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


class Reader(HTMLParser):
    """All that a browser would see of a page."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))
        if tag not in ("meta", "input"):
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


def network(edges, labels=None) -> networkx.Graph:
    """A graph as the handle gives it: names that start with ``p`` are texts."""
    graph = networkx.Graph()
    for one, other in edges:
        kinds = []
        for name in (one, other):
            is_text = name.startswith("p")
            kinds.append(is_text)
            label = (labels or {}).get(name, name)
            if is_text:
                graph.add_node(f"mem_{name}", kind="passage", label=label, text=label * 3)
            else:
                graph.add_node(f"entity:{name}", kind="entity", label=label, passages=1)
        ends = [f"{'mem_' if text else 'entity:'}{name}" for name, text in zip((one, other), kinds, strict=True)]
        kind = "mention" if any(kinds) else "relation"
        graph.add_edge(*ends, kind=kind, weight=1.0, relations=0, cosine=0.0, said="" if any(kinds) else label)
    return graph


def grove(parents: dict[str, list[str]], kind: str = "memtree", text: str = "") -> networkx.DiGraph:
    tree = networkx.DiGraph(kind=kind, alone=2)
    order = dict.fromkeys([*parents, *(child for children in parents.values() for child in children)])
    for number, node in enumerate(order):
        is_inner = node in parents
        tree.add_node(node, kind=kind if is_inner else "chunk", text=text or f"text of {node}", speaker="", session="",
                      at=f"2026-01-{number + 1:02d}T00:00:00+00:00", state="active", depth=0)  # fmt: skip
    tree.add_edges_from((parent, child) for parent, children in parents.items() for child in children)
    return tree


def assert_stands_alone(page: str) -> Reader:
    seen = Reader(page)
    assert seen.open == [], "unclosed"
    for tag, attributes in seen.tags:
        assert tag not in ("link", "img", "iframe", "object", "base", "form")
        assert not any(name.startswith("on") or name in ("src", "href", "style") for name in attributes), tag
    (policy,) = [found["content"] or "" for tag, found in seen.tags if "http-equiv" in found]
    for tag, directive in (("script", "script-src"), ("style", "style-src")):
        (inline,) = re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL)
        digest = base64.b64encode(hashlib.sha256(inline.encode()).digest()).decode()
        assert f"{directive} 'sha256-{digest}'" in policy
    assert "default-src 'none'" in policy and "unsafe" not in policy
    return seen


EDGES = [("ana", "lisbon"), ("lisbon", "otter"), ("ana", "p1"), ("lisbon", "p1"), ("rita", "p2")]


def test_a_graph_page_stands_alone_and_shows_everything() -> None:
    page = graph_page(network(EDGES), "Graph of ana", "all of it")
    seen = assert_stands_alone(page)
    nodes = [found for _, found in seen.tags if (found.get("class") or "").startswith("node ")]
    edges = [found for _, found in seen.tags if "data-one" in found]
    assert {node["data-label"] for node in nodes} == {"ana", "lisbon", "otter", "rita", "p1", "p2"}
    assert len(edges) == len(EDGES)
    for edge in edges:  # numbers count the points in the order in which they stand in the page
        ends = {nodes[int(edge["data-one"] or "")]["data-label"], nodes[int(edge["data-other"] or "")]["data-label"]}
        assert tuple(sorted(ends)) in {tuple(sorted(pair)) for pair in EDGES}
    assert "Graph of ana" in seen.text and "lisbon" in seen.text
    assert page == graph_page(network(EDGES), "Graph of ana", "all of it")


def test_stored_text_is_only_ever_text() -> None:
    labels = {"ana": NASTY, "p1": NASTY}
    for page in (
        graph_page(network(EDGES, labels), NASTY, NASTY),
        tree_page(grove({"a": ["b", "c"], "b": ["d"]}, text=NASTY), NASTY, NASTY),
    ):
        seen = assert_stands_alone(page)
        assert sum(tag == "script" for tag, _ in seen.tags) == 1
        assert not {"\x00", "\x1b"} & set(page) and "alert(1)" in page


@settings(max_examples=25)
@given(ANY_TEXT, ANY_TEXT)
def test_any_text_can_be_shown(one, other) -> None:
    labels = {"ana": one, "p1": other}
    assert_stands_alone(graph_page(network(EDGES, labels), one, other))
    assert_stands_alone(tree_page(grove({"a": ["b"]}, text=one or "x"), one, other))
    ET.fromstring(graphml(network(EDGES, labels)))


def test_a_tree_page_nests_as_the_tree_does() -> None:
    page = tree_page(grove({"top": ["left", "right"], "left": ["l1", "l2"], "right": ["r1"]}), "memtree", "note")
    assert_stands_alone(page)
    body = page[page.index("<main>") :]
    shape = re.findall(r"<details|</details>|text of \w+", body)
    assert shape == [
        "<details", "text of top", "<details", "text of left", "text of l1", "text of l2", "</details>",
        "<details", "text of right", "text of r1", "</details>", "</details>",
    ]  # fmt: skip
    assert "summary of 3 texts" in body


def told(tree) -> list[str]:
    return [f"{'.' * line.level}{line.id}{'*' * line.repeated}" for line in outline(tree)]


def test_a_node_under_two_parents_is_told_once() -> None:
    tree = grove({"a": ["x", "t1"], "b": ["x"], "x": ["t2"]})
    assert told(tree) == ["a", ".x", "..t2", ".t1", "b", ".x*"]


def test_former_rolling_summaries_follow_the_present_one() -> None:
    tree = grove({"new": ["middle", "t3"], "middle": ["old", "t2"], "old": ["t1"]}, "rolling")
    assert told(tree) == ["new", ".t3", "middle", ".t2", "old", ".t1"]
    assert [line.leaves for line in outline(tree) if line.opens] == [1, 1, 1]
    assert [line.id for line in outline(tree) if line.last and not line.level] == ["old"]


def test_a_circle_ends_and_a_long_chain_does_not_sink() -> None:
    assert sorted(line.strip(".*") for line in told(grove({"a": ["b"], "b": ["a"]}))) == ["a", "a", "b"]
    deep = grove({f"n{number}": [f"n{number + 1}"] for number in range(27)})
    assert len(told(deep)) == 28
    chain = networkx.DiGraph(kind="memtree", alone=0)
    for number in range(3_000):
        chain.add_node(str(number), kind="memtree", text="x", speaker="", at="2026-01-01")
    networkx.add_path(chain, map(str, range(300)))
    assert Reader(tree_page(chain, "a", "b")).open == []


@given(st.dictionaries(st.sampled_from("abcdef"), st.lists(st.sampled_from("abcdefxyz"), unique=True), max_size=6))
def test_every_node_is_in_the_outline_and_every_edge_from_a_node_told_in_full(parents) -> None:
    parents = {node: [child for child in children if child != node] for node, children in parents.items()}
    tree = grove(parents)
    lines = list(outline(tree))
    assert {line.id for line in lines} == set(tree)
    full = {line.id for line in lines if not line.repeated}
    assert full == set(tree)
    stack: list[str] = []
    found = set()
    for line in lines:
        assert line.level <= len(stack)
        stack[line.level :] = [line.id]
        if line.level:
            found.add((stack[line.level - 1], line.id))
    assert found == set(tree.edges())


def test_the_best_connected_are_chosen() -> None:
    graph = network([("hub", f"e{n}") for n in range(5)] + [("x", "y")])
    part = best_connected(graph, 3)
    assert "entity:hub" in part and len(part) == 3 and not [n for n, d in part.degree() if not d]
    assert set(best_connected(network([("a", "b"), ("c", "d")]), 1)) == {"entity:a"}


def test_around_a_phrase_goes_outwards() -> None:
    graph = network([("ana", "lisbon"), ("lisbon", "otter"), ("otter", "sea"), ("new lisbon", "old lisbon")])
    assert set(around(graph, "Ana!", 2)) == {"entity:ana", "entity:lisbon"}
    assert set(around(graph, "ana", 99)) == {"entity:ana", "entity:lisbon", "entity:otter", "entity:sea"}
    graph.remove_node("entity:lisbon")
    assert set(around(graph, "lisbon", 9)) == {"entity:new lisbon", "entity:old lisbon"}
    for phrase, hint in (("oter", "otter"), ("", "agentmem graph"), ("zzzz", "agentmem graph")):
        with pytest.raises(NotFound, match=hint):
            around(graph, phrase, 9)


@settings(max_examples=25)
@given(st.sets(st.tuples(st.sampled_from("abcdefg"), st.sampled_from("hijklmn")), min_size=1, max_size=20))
def test_points_lie_apart_and_always_in_the_same_place(pairs) -> None:
    edges = sorted(pairs)
    graph, mixed = network(edges), network(edges[::-1])
    radii = dict.fromkeys(graph, 6.0)
    places = positions(graph, radii)
    assert places == positions(mixed, radii)
    points = list(places.values())
    for number, (x, y) in enumerate(points):
        for left, top in points[:number]:
            assert ((x - left) ** 2 + (y - top) ** 2) ** 0.5 > 12.0


ALONG = st.floats(0, 300)
POINTS = st.builds(Point, ALONG, ALONG, st.floats(3, 20), st.text("abc", max_size=8), st.just(12.0))


@given(st.lists(POINTS, max_size=25))
def test_names_that_fit_cover_neither_each_other_nor_a_more_important_point(points) -> None:
    written = write_names(points)
    shown = [one for one in written if one.fits]
    for number, one in enumerate(shown):
        for other in shown[:number]:
            apart = one.box[2] <= other.box[0] or other.box[2] <= one.box[0]
            assert apart or one.box[3] <= other.box[1] or other.box[3] <= one.box[1]
    assert all(not one.fits for one, point in zip(written, points, strict=True) if not point.name)


def test_graphml_can_be_read_back() -> None:
    graph = network(EDGES, {"ana": "A\x00na <&>"})
    text = graphml(graph)
    read = networkx.parse_graphml(text)
    assert set(read) == set(graph) and read.nodes["entity:ana"]["label"] == "A\N{REPLACEMENT CHARACTER}na <&>"
    assert read.edges["entity:ana", "mem_p1"]["kind"] == "mention" and edge_counts(read) == edge_counts(graph)


def test_sizes_in_words() -> None:
    assert tree_size(grove({"a": ["b", "c"]})) == "1 summary over 2 texts, 1 level; 2 more texts under none of them"


def test_a_hierarchy_names_its_layers(trees) -> None:
    tree = trees.tree("hierarchy")
    assert re.fullmatch(r"\d+ domains?, \d+ categor(y|ies), \d+ traces? over 6 texts, 4 levels", tree_size(tree))
    assert "domain of " in tree_page(tree, "t", "n") and "summary of" not in tree_page(tree, "t", "n")
