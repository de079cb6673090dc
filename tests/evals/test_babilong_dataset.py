"""Stories hidden in book text: the order of statements, lengths, the same every time, and the real files."""

from __future__ import annotations

from pathlib import Path

import pytest
from agentmem_evals.datasets.babi import load_babi_questions
from agentmem_evals.datasets.babilong import LENGTHS, find_haystack, load_babilong
from agentmem_evals.datasets.haystack import read_haystack
from agentmem_evals.environment import data_root
from agentmem_evals.errors import DataFormatError, DataNotFound, UnknownName
from agentmem_evals.types import Conversation, Dataset
from hypothesis import given, settings
from hypothesis import strategies as st

from agentmem.text.budget import estimate_tokens

STORY = "".join(f"{n} Ann went to the room number {n}.\n" for n in range(1, 21)) + "21 Where is Ann?\troom 20\t20 3\n"
BOOK = " ".join(f"The {n} ferries of the {n} islands left the harbour in the morning of day {n}." for n in range(99))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    (root / "babi").mkdir()
    (root / "haystack").mkdir()
    (root / "babi" / "qa1_x_train.txt").write_text(STORY * 3)
    (root / "haystack" / "book.txt").write_text(BOOK)
    return root / "babi"


def conversation(dataset: Dataset, place: int = 0) -> Conversation:
    body = dataset.bodies[place]
    assert isinstance(body, Conversation)
    return body


def test_a_body_has_at_most_the_tokens_and_hardly_fewer(folder: Path) -> None:
    dataset = load_babilong("babilong-16k", folder)
    for body in dataset.bodies:
        tokens = sum(estimate_tokens(item.text) for item in body.items)
        assert 16_000 - 40 < tokens <= 16_000  # a sentence of the book has fewer than 40


def test_without_tokens_there_are_the_statements_alone(folder: Path) -> None:
    told = [turn.text for turn in conversation(load_babilong("babilong-0k", folder)).turns]
    assert told == [f"Ann went to the room number {number}." for number in range(1, 21)]


@settings(deadline=None, max_examples=15)
@given(seed=st.integers(0, 10_000))
def test_statements_keep_their_order_and_times_and_ids_rise(folder: Path, seed: int) -> None:
    dataset = load_babilong("babilong-16k", folder, seed=seed, per_task=1)
    turns = list(conversation(dataset).turns)
    statements = [turn.text for turn in turns if turn.text.startswith("Ann")]
    assert statements == [f"Ann went to the room number {number}." for number in range(1, 21)]
    assert [turn.at for turn in turns] == sorted({turn.at for turn in turns})
    assert [int(turn.id) for turn in turns] == sorted({int(turn.id) for turn in turns})
    (question,) = dataset.questions
    texts = {turn.id: turn.text for turn in turns}
    assert [texts[one] for one in question.evidence] == [
        "Ann went to the room number 20.",
        "Ann went to the room number 3.",
    ]


def test_what_is_hidden_cannot_be_told_by_its_speaker_and_sessions_are_pages(folder: Path) -> None:
    body = conversation(load_babilong("babilong-16k", folder))
    assert {turn.speaker for turn in body.turns} == {"Narrator"}
    assert len({session.id for session in body.sessions}) == len(body.sessions) > 3
    for session in body.sessions:
        assert sum(not turn.text.startswith("Ann") for turn in session.turns) <= 25


def test_the_same_seed_makes_the_same_and_another_one_another(folder: Path) -> None:
    again = [load_babilong("babilong-16k", folder, seed=seed) for seed in (1, 1, 2)]
    assert again[0] == again[1] and again[0].sha256 == again[1].sha256
    assert again[0].bodies != again[2].bodies and again[0].sha256 != again[2].sha256


def test_questions_are_drawn_and_bodies_share_the_books_turns(folder: Path) -> None:
    assert len(load_babilong("babilong-1m", folder, per_task=2).questions) == 2
    first, second, third = (list(body.items) for body in load_babilong("babilong-16k", folder).bodies)
    shared = {id(turn) for turn in first} & {id(turn) for turn in second} & {id(turn) for turn in third}
    assert len(shared) > 200


def test_book_text_is_found_beside_and_missing_text_and_lengths_are_named(folder: Path, tmp_path: Path) -> None:
    assert find_haystack(folder) == find_haystack(folder / "qa1_x_train.txt") == (folder.parent / "haystack").resolve()
    (tmp_path / "babi").mkdir()
    with pytest.raises(DataNotFound, match="haystack/"):
        find_haystack(tmp_path / "babi")
    with pytest.raises(UnknownName, match="babilong-16k"):
        load_babilong("babilong-17k", folder)


def test_a_haystack_has_each_long_sentence_once(tmp_path: Path) -> None:
    book = tmp_path / "b.txt"
    book.write_text("Short one. The ferries of the islands left the harbour in the morning.\n" * 2)
    assert read_haystack(tmp_path).sentences == ("The ferries of the islands left the harbour in the morning.",)
    book.write_text("Short.")
    with pytest.raises(DataNotFound, match="no sentence"):
        read_haystack(book)
    book.unlink()
    with pytest.raises(DataNotFound, match="neither"):
        read_haystack(tmp_path)
    (tmp_path / "excerpts_9.csv").write_text("a,b\n1,2\n")
    with pytest.raises(DataFormatError, match="book_idx"):
        read_haystack(tmp_path)


def real() -> Path:
    for root in (data_root(), Path(__file__).parents[3] / "shared" / "data"):
        if root is not None and (root / "babi").is_dir() and (root / "sort").is_dir():
            return root
    pytest.skip("babi and sort are neither in $AGENTMEM_DATA nor in ../shared/data")


@pytest.mark.data
def test_real_stories_in_real_books() -> None:
    root = real()
    path = next((root / "babi").glob("qa1_*_train.txt"))
    stories = {question.id: question for question in load_babi_questions(path).questions}
    for name, questions, tokens in (("babilong-16k", 100, 16_000), ("babilong-128k", 50, 128_000)):
        dataset = load_babilong(name, path)
        assert (len(dataset.questions), len(dataset.bodies)) == (questions, questions)
        for place in (0, -1):
            body, question = conversation(dataset, place), dataset.questions[place]
            story = stories[question.id.removeprefix(f"{name}_")]
            assert (question.body, question.answer, question.text) == (body.id, story.answer, story.text)
            assert tokens - 300 < sum(estimate_tokens(turn.text) for turn in body.turns) <= tokens
            held = {turn.id: turn.text for turn in body.turns}
            assert all(held[one].endswith(".") for one in question.evidence) and question.evidence
    assert set(LENGTHS.values()) == {0, 16_000, 128_000, 1_000_000, 10_000_000}
