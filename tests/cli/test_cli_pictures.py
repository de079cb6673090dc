"""Graphs and trees: on the terminal, as pages, and for other programs."""

from __future__ import annotations

import networkx
import pytest

from agentmem import AgentMemory
from agentmem.recipes.recipe import Recipe
from agentmem.structures.rolling import RollingSummary
from agentmem.structures.trees.memtree import MemTree
from agentmem.structures.trees.memwalker import MemWalkerTree
from agentmem.testing import FakeEmbedder

TEXTS = {
    "s1": ["Ana moved to Lisbon.", "Lisbon has an aquarium.", "The aquarium in Lisbon has otters."],
    "s2": ["Rita has a bakery in Porto.", "Rita visited Lisbon.", "The aquarium in Lisbon has sharks."],
}


@pytest.fixture
def told(cli):
    """What was said, without anything built from it."""
    for session, texts in TEXTS.items():
        for text in texts:
            cli("add", text, "--speaker", "Ana", "--session", session)
    return cli


@pytest.fixture
def linked(told):
    told("consolidate", "--recipe", "hipporag2")
    return told


@pytest.fixture
def grown(cli):
    """Trees, by the library: their recipes need an embedding model."""
    recipe = Recipe("trees", "trees", structures=(MemTree, MemWalkerTree, RollingSummary))
    with AgentMemory.open("agentmem.db", embedder=FakeEmbedder(), recipe=recipe) as store:
        handle = store.scope("acme", "user-7")
        for session, texts in TEXTS.items():
            for text in texts:
                handle.add(text, session=session, speaker="Ana")
        handle.consolidate()
    return cli


def test_graph_names_the_best_connected(linked) -> None:
    document = linked.json("graph", "--limit", 3)
    assert set(document) == {"scope", "entities", "passages", "edges", "nodes", "links"}
    assert document["passages"] == 6 and len(document["nodes"]) <= 3 and document["edges"]["mention"] > 0
    assert set(document["nodes"][0]) == {"node", "links", "kind", "label", "passages"}
    assert "Lisbon" in {node["label"] for node in document["nodes"]}
    output = linked("graph").stdout
    assert "Graph of acme/user-7" in output and "entities and 6 texts" in output and "Lisbon" in output


def test_graph_goes_around_a_phrase(linked) -> None:
    document = linked.json("graph", "--around", "LISBON", "--limit", 4)
    assert document["nodes"][0]["label"] == "Lisbon" or "Lisbon" in {node["label"] for node in document["nodes"]}
    assert len(document["nodes"]) == 4
    error = linked.error("graph", "--around", "Lisbn", code=3)
    assert error["type"] == "NotFound" and "Near are: lisbon" in error["message"]


def test_graph_becomes_a_page_or_graphml(linked) -> None:
    said = linked("graph", "--out", "graph.html", "--limit", 5).stdout
    assert said.startswith("Wrote 5 of ") and "browser" in said
    page = (linked.folder / "graph.html").read_text("utf-8")
    assert page.startswith("<!doctype html>") and page.count('class="node ') == 5 and "the best connected 5 of" in page
    document = linked.json("graph", "--out", "ALL.GraphML")
    read = networkx.read_graphml(linked.folder / "ALL.GraphML")
    assert document["nodes"] == document["of"] == len(read) and "entity:lisbon" in read
    linked("graph", "--out", "near.html", "--around", "rita")
    assert "around “rita”" in (linked.folder / "near.html").read_text("utf-8") or len(read) <= 150


def test_tree_is_indented_or_a_page(grown) -> None:
    for kind in ("memtree", "memwalker", "rolling"):
        output = grown("tree", "--kind", kind).stdout
        assert f"{kind} tree of acme/user-7" in output and "└─ " in output and "has sharks" in output
        document = grown.json("tree", "--kind", kind)
        assert set(document) == {"scope", "kind", "alone", "nodes"}
        assert any(node["children"] for node in document["nodes"])
        assert "Open it in a browser." in grown("tree", "--kind", kind, "--out", f"{kind}.html").stdout
        page = (grown.folder / f"{kind}.html").read_text("utf-8")
        assert "<details open>" in page and all(text in page for text in ("sharks", "summary of"))
    output = grown("tree", "--limit", 2).stdout
    assert "more lines: --limit N, or --out tree.html" in output and output.count("─ ") == 2


def test_nothing_to_show_says_what_to_do(told) -> None:
    assert "agentmem --scope acme/user-7 consolidate" in told("graph").stdout
    assert "consolidate --recipe hipporag2" in told("graph").stdout  # the usual one draws triples of documents only
    assert told.json("graph") == {"scope": "acme/user-7", "entities": 0, "passages": 0}
    output = told("tree", "--kind", "rolling", "--db", "agentmem.db").stdout
    assert "agentmem --db agentmem.db --scope acme/user-7 consolidate --recipe recursive-summary" in output
    assert "--recipe raptor" in told("tree", "--kind", "raptor").stdout
    document = told.json("tree")
    assert document == {"scope": "acme/user-7", "kind": "memtree", "alone": 6, "nodes": []}
    for command in (["graph", "--out", "x.html"], ["graph", "--out", "x.graphml"], ["tree", "--out", "x.html"]):
        error = told.error(*command, code=3)
        assert error["type"] == "NotFound" and "consolidate" in error["message"] and "not written" in error["message"]
    assert not list(told.folder.glob("x.*"))


def test_a_graph_hint_names_a_recipe_where_the_usual_one_builds_none(told, monkeypatch) -> None:
    monkeypatch.setenv("AGENTMEM_RECIPE", "chunks")
    assert "consolidate --recipe hipporag2" in told("graph").stdout


@pytest.mark.parametrize("command", [["graph"], ["tree"], ["tree", "--kind", "rolling"]])
def test_a_scope_that_is_not_there(told, command) -> None:
    output = told(*command, "--scope", "acme/no body; rm").stdout
    assert "There is nothing in acme/no%20body%3B%20rm yet" in output and "agentmem scopes" in output
    assert told.json("scopes") == {"scopes": ["acme/user-7"]}


def test_files_are_not_replaced_by_mistake(linked, grown) -> None:
    for command, out in (("graph", "here.html"), ("tree", "here.html"), ("graph", "here.graphml")):
        (linked.folder / out).write_text("mine")
        assert "--force" in linked.error(command, "--out", out, code=1)["message"]
        assert (linked.folder / out).read_text() == "mine"
        linked(command, "--out", out, "--force")
        assert (linked.folder / out).read_text("utf-8") != "mine"
    (linked.folder / "agentmem.db").rename(linked.folder / "db.html")
    assert (
        "database itself" in linked.error("graph", "--db", "db.html", "--out", "db.html", "--force", code=1)["message"]
    )
    assert not list(linked.folder.glob("*.partial"))
    assert linked.error("graph", "--db", "db.html", "--out", "no/such/x.html", code=5)["type"] == "StoreError"


def test_wrong_options_are_told(linked) -> None:
    for command in (["graph", "--out", "x.png"], ["tree", "--out", "x.graphml"], ["graph", "--limit", "0"]):
        assert linked.error(*command, code=2)["type"] == "UsageError"
    assert "GraphML" in linked.error("graph", "--out", "x.html", "--limit", "9999", code=2)["message"].replace(
        ".graphml", "GraphML"
    )
    assert "memtree, raptor, memwalker, rolling, hierarchy" in linked.error("tree", "--kind", "odd", code=1)["message"]


def test_odd_names_are_shown_as_text(cli) -> None:
    nasty = "<script>alert(1)</script> & \x1b[2J"
    cli(
        "add", f"Ana{nasty} moved to Lisbon. Ana lives in Lisbon.", "--speaker", f"[red]{nasty}", "--scope", "a/<b> & c"
    )
    cli("add", f"Lisbon {nasty} is in Portugal.", "--speaker", f"[red]{nasty}", "--scope", "a/<b> & c")
    cli("consolidate", "--recipe", "hipporag2", "--scope", "a/<b> & c")
    assert "\x1b" not in cli("graph", "--scope", "a/<b> & c").stdout
    cli("graph", "--scope", "a/<b> & c", "--out", "odd.html")
    page = (cli.folder / "odd.html").read_text("utf-8")
    assert "<script>alert" not in page and "\x1b" not in page and page.count("<script>") == 1
    cli("graph", "--scope", "a/<b> & c", "--out", "odd.graphml")
    assert len(networkx.read_graphml(cli.folder / "odd.graphml"))
