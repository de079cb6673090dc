"""The report as a page: whole, safe, alone, and the same every time."""

from __future__ import annotations

import base64
import hashlib
import re
from html.parser import HTMLParser

import pytest
from agentmem_evals.reports.page.page import report_page
from report_runs import answer, answered, prediction, retrieved
from test_report_tables import verdict

NASTY = """<script>alert(1)</script><img src=x onerror="alert('2')">"' </svg></style> $x^2$"""


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
        if tag != "meta":
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append((tag, dict(attributes)))

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture
def runs(tmp_path):
    found = [["x", "y"], ["y", "x"], ["y", "z"], ["x", "z"], ["z", "x"], ["x"]]
    ranked = [
        retrieved(tmp_path / name, [prediction(n, ids) for n, ids in enumerate(found)]) for name in ("bm25", "dense")
    ]
    answers = [answer(n, said) for n, said in enumerate(["blue car", "blue", "a boat", "blue car"])]
    judges = {judge: "".join(verdict(one, one.said != "a boat") for one in answers) for judge in ("strict", "mem0")}
    return [*ranked, answered(tmp_path / "reads", answers, judges)]


@pytest.fixture
def page(runs):
    return report_page(runs)


def test_the_page_holds_tables_plots_and_facts(page):
    seen = Reader(page)
    assert not seen.open
    for heading in ("Retrieval: locomo", "Answers: locomo", "What was run", "Recall of turns against k"):
        assert heading in seen.text
    for plot in ("Turn recall@5 against time to retrieve", "Turn recall@5 by category", "Agreement of judges",
                 "Right answers (judge mem0) against context length", "What judges accept, by locomo_f1"):  # fmt: skip
        assert plot in seen.text
    assert "5a5a5a5a5a5a" in seen.text and "agentmem-evals run --dataset locomo" in seen.text


def test_the_page_stands_alone(page):
    seen = Reader(page)
    assert not any(tag in ("script", "img", "link", "iframe", "object") for tag, _ in seen.tags)
    outward = [value for _, has in seen.tags for key, value in has.items() if key in ("src", "href") and value]
    assert all(value.startswith("#") for value in outward)
    assert not any("style" in has or key.startswith("on") for _, has in seen.tags for key in has)
    assert "url(" not in re.sub(r"url\(#[\w-]+\)", "", page) and "@import" not in page
    assert "http" not in page.replace("http-equiv", "")


def test_its_policy_allows_its_own_style_and_nothing_else(page):
    style = re.search(r"<style>(.*)</style>", page, re.DOTALL)
    assert style is not None
    digest = base64.b64encode(hashlib.sha256(style[1].encode()).digest()).decode()
    assert f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'" in page
    used = {
        name
        for _, has in Reader(page).tags
        for name in (has.get("class") or "").split()
        if re.fullmatch("m[0-9a-f]{8}", name)
    }
    assert used and all(f".{name} {{" in style[1] for name in used)


def test_the_page_can_be_read_with_a_screen_reader_and_in_the_dark(page):
    seen = Reader(page)
    tables = sum(tag == "table" for tag, _ in seen.tags)
    assert tables == sum(tag == "caption" for tag, _ in seen.tags)
    assert all(has.get("scope") in ("col", "row") for tag, has in seen.tags if tag == "th")
    assert all(has.get("role") == "img" and has.get("aria-labelledby") for tag, has in seen.tags if tag == "svg")
    ids = [has["id"] for _, has in seen.tags if "id" in has]
    assert len(ids) == len(set(ids))
    assert "prefers-color-scheme: dark" in page and ("html", {"lang": "en"}) in seen.tags
    assert any(has.get("name") == "viewport" for tag, has in seen.tags if tag == "meta")


def test_the_page_is_the_same_every_time(runs, page):
    assert report_page(runs) == page


def test_whatever_runs_say_is_text(tmp_path):
    run = retrieved(tmp_path / "a", [prediction(n, ["x"]) for n in range(4)], dataset=NASTY, data={"file": NASTY})
    other = retrieved(tmp_path / "<b>$y$", [prediction(n, ["x"]) for n in range(4)], dataset=NASTY)
    page = report_page([run, other])
    seen = Reader(page)
    assert not seen.open and not any(tag in ("script", "img", "b") for tag, _ in seen.tags)
    assert NASTY in seen.text and "<b>$y$" in seen.text


def test_runs_without_any_result_have_tables_and_no_plots(tmp_path):
    from agentmem_evals.runner.records import Failure

    page = report_page([retrieved(tmp_path / "a", [Failure("q1", "b1", "1", "retrieve", "OSError", "gone")])])
    assert "<svg" not in page and "1 questions failed" in page
