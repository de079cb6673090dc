"""Systems that answer by rules around others: lists of events, and the order of two passages."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from agentmem_evals.cli import app
from agentmem_evals.datasets.catalog import find_data, load_dataset
from agentmem_evals.datasets.epbench_book import generate_book
from agentmem_evals.datasets.sort import load_sort
from agentmem_evals.errors import DataNotFound, EvalError, UnknownName
from agentmem_evals.systems.catalog import make_system
from agentmem_evals.systems.listing import aspect_of
from agentmem_evals.systems.protocol import AnsweringSystem, System
from agentmem_evals.types import Corpus, Passage
from typer.testing import CliRunner

BOOK = Corpus(
    "book",
    (
        Passage("1", "Chapter 1", "On May 02, 2031 Ann Orr swam at Lower Weir. The rowing race had just begun."),
        Passage(
            "2", "Chapter 2", "On May 01, 2031 Ann Orr sang at the Old Lock with Bo Hale. It was a street concert."
        ),
        Passage("3", "Chapter 3", "On May 07, 2031 Bo Hale slept at the Old Lock, after the street concert."),
    ),
)
Make = Callable[..., AnsweringSystem]
ORDER = "Which of these two passages comes first in the text?\n- {}\n- {}"


@pytest.fixture
def made() -> Iterator[Make]:
    """Makes systems, tells them the book, and closes them."""
    with ExitStack() as stack:

        def make(spec: str, *, told: bool = True) -> AnsweringSystem:
            system = stack.enter_context(closing(make_system(spec, lambda: None, 100)))
            assert isinstance(system, AnsweringSystem)
            if told:
                system.ingest(BOOK)
            return system

        yield make


@pytest.mark.parametrize("spec", ["listing:bm25", "listing:agentmem:episodic"])
@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("List all dates on which Ann Orr was seen, from the earliest to the latest.", "May 01, 2031; May 02, 2031"),
        ("Where was Bo Hale seen for the last time?", "Old Lock"),
        ("On what date was Bo Hale seen for the last time?", "May 07, 2031"),
        ("List the places of all events with Bo Hale, each once.", "Old Lock"),
        ("List the main people of all events on May 07, 2031.", "Bo Hale"),
        ("List what took place at all events at Lower Weir.", "rowing race"),
        ("Who else was there at the event with Ann Orr at the Old Lock?", "Bo Hale"),
        ("List the dates of all events with Ann Orr at Kestrel Bridge.", "none"),
    ],
)
def test_the_asked_aspect_of_the_events_that_fit(made: Make, spec: str, question: str, answer: str) -> None:
    system = made(spec)
    assert system.answer(question) == answer


def test_everything_is_the_text(made: Make) -> None:
    system = made("listing:bm25")
    assert "swam at Lower Weir" in system.answer("Tell everything about the event with Ann Orr at Lower Weir.")


@pytest.mark.parametrize(
    ("question", "aspect"),
    [
        ("List all places where Ann was seen, in the order of the dates.", "places"),
        ("What did Ann take part in when seen for the last time?", "content"),
        ("List everything that Ann took part in.", "content"),
        ("Who was there?", "people"),
        ("Ann?", "everything"),
    ],
)
def test_what_is_named_first_is_asked_for(question: str, aspect: str) -> None:
    assert aspect_of(question) == aspect


@pytest.mark.parametrize("spec", ["ordering:bm25", "ordering:agentmem"])
def test_the_passage_that_comes_first(made: Make, spec: str) -> None:
    system = made(spec)
    assert system.answer(ORDER.format("slept at the Old Lock", "swam at Lower Weir")) == "swam at Lower Weir"
    assert system.answer(ORDER.format("swam at Lower Weir", "slept at the Old Lock")) == "swam at Lower Weir"
    with pytest.raises(EvalError, match="--dataset sort"):
        system.answer("Where was Ann?")


def test_one_item_has_no_order_for_a_system_that_only_finds_items(made: Make) -> None:
    question = ORDER.format("Ann Orr sang", "sang at the Old Lock")
    assert made("ordering:bm25").answer(question) == "unknown"
    assert made("ordering:agentmem").answer(question) == "Ann Orr sang"


def test_what_it_does_not_do_itself_the_inner_system_does(made: Make) -> None:
    inner: System = make_system("bm25", lambda: None, 10)
    inner.ingest(BOOK)
    system = made("listing:bm25")
    assert system.retrieve("Old Lock", 2) == inner.retrieve("Old Lock", 2)
    assert (system.usage(), system.stored_bytes()) == (inner.usage(), inner.stored_bytes())
    assert system.describe() == {**inner.describe(), "name": "listing:bm25", "looked_at": 30}


@pytest.mark.parametrize("spec", ["listing", "ordering", "listing:nothing", "ordering:bm25:plain"])
def test_an_unknown_inner_system_is_refused(spec: str) -> None:
    with pytest.raises(UnknownName):
        make_system(spec, lambda: None, 10)


def test_books_of_another_size_and_seed() -> None:
    dataset = load_dataset("epbench-book", find_data("epbench-book", Path("25:3"), None))
    assert dataset.file_name == "25 chapters, seed 3"
    assert len(list(dataset.bodies[0].items)) == 25
    assert [question.text for question in dataset.questions] == [row.question for row in generate_book(25, 3).rows]
    for name in ("book.json", "0", "25:", "-3"):
        with pytest.raises(DataNotFound, match="--data 200"):
            load_dataset("epbench-book", Path(name))


def test_a_run_on_the_generated_book_and_its_scores(tmp_path: Path) -> None:
    common = ("run", "--task", "qa", "--dataset", "epbench-book", "--data", "8:1", "--embedder", "none")
    result = CliRunner().invoke(app, [*common, "--system", "listing:agentmem:episodic", "--out", str(tmp_path / "run")])
    assert result.exit_code == 0, result.output
    scores = json.loads((tmp_path / "run" / "scores.json").read_text())
    assert scores["failed"] == 0
    assert scores["epbench"] == {"simple_recall": 1.0, "chronological_awareness": 1.0}
    assert scores["metrics"]["epbench_f1"] == 1.0


@pytest.mark.data
def test_the_order_of_real_segments(made: Make, data_dir: Path) -> None:
    path = data_dir / "sort" / "segments_250.csv"
    if not path.is_file():
        pytest.skip("sort/segments_250.csv is not among the evaluation data")
    dataset = load_sort(path, excerpts=2)
    system = made("ordering:agentmem:texts", told=False)
    right = 0
    for body in dataset.bodies:
        system.ingest(body)
        right += sum(system.answer(one.text) == one.answer for one in dataset.questions if one.body == body.id)
    assert (right, len(dataset.questions)) == (72, 72)
